import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { PetrifyError } from "../model/errors.ts";
import { NO_LOSS, type LossCounters, type WriteEvent } from "../model/event.ts";
import { writeFailure } from "../model/write-failure.ts";
import {
  endSchema,
  eventLine,
  eventOfLine,
  eventSchema,
  headerSchema,
  markSchema,
  RECORDING_API_VERSION,
  RECORDING_KIND,
  type RecordingEnd,
} from "./recording-lines.ts";

// A recording is text: a header line, a line per event, marks between them that their writer understands, and an end line with
// the number of events. It is written as the events come, so that a run that breaks off leaves what was seen; the reader then misses the end line and says so.

/** Longer than any event, and than a mark that lists the names of a large directory. */
const MAX_LINE_BYTES = 16 * 2 ** 20;
const REPLAY_BATCH = 1024;

export interface Recording {
  /** Appends events. An error of the disk is thrown by `close`. */
  write(events: readonly WriteEvent[]): void;
  /** Notes something between the events, as JSON. */
  mark(value: object): void;
  /** Writes the end line. Throws E_DISK_FULL, E_IO. */
  close(loss?: LossCounters): Promise<void>;
  /** Ends it without an end line, by which a reader knows that it broke off. Never throws. */
  abort(): Promise<void>;
}

/** Creates (or empties) a recording file. Throws E_IO. */
export async function openRecording(path: string): Promise<Recording> {
  let file: FileHandle;
  try {
    file = await open(path, "w", 0o644);
  } catch (cause) {
    throw writeFailure(path, cause);
  }
  let events = 0;
  let written = append(file, `${JSON.stringify({ apiVersion: RECORDING_API_VERSION, kind: RECORDING_KIND })}\n`);
  const add = (text: string): void => {
    // One append after the other, and none after one that failed.
    written = written.then(() => append(file, text));
    written.catch(() => undefined);
  };
  return {
    write(batch) {
      if (batch.length === 0) return;
      events += batch.length;
      add(batch.map((event) => `${eventLine(event)}\n`).join(""));
    },
    mark(value) {
      add(`${JSON.stringify({ mark: value })}\n`);
    },
    async abort() {
      await written.catch(() => undefined);
      await file.close().catch(() => undefined);
    },
    async close(loss) {
      const end: RecordingEnd = { events, ...(loss === undefined ? {} : { loss }) };
      add(`${JSON.stringify({ end })}\n`);
      try {
        await written;
      } catch (cause) {
        throw writeFailure(path, cause);
      } finally {
        await file.close();
      }
    },
  };
}

async function append(file: FileHandle, text: string): Promise<void> {
  await file.appendFile(text);
}

/**
 * Gives the events of a recording to a consumer as the sensor would, in order and in batches, and the marks between them;
 * returns the losses noted in it. Throws E_RECORDING_INVALID with the line, E_IO. What is before a damaged line has been given by then.
 */
export async function replay(
  path: string,
  onEvents: (events: readonly WriteEvent[]) => void,
  onMark: (value: unknown, line: number) => void = () => {},
): Promise<LossCounters> {
  let number = 0;
  let events = 0;
  let end: RecordingEnd | undefined;
  let batch: WriteEvent[] = [];
  const give = (): void => {
    if (batch.length > 0) onEvents(batch);
    batch = [];
  };
  for await (const line of linesOf(path)) {
    const value = parse(path, ++number, line);
    if (number === 1) check(path, number, headerSchema, value);
    else if (end !== undefined) throw invalid(path, number, "there is something after the end");
    else if (has(value, "end")) end = check(path, number, endSchema, value).end;
    else if (has(value, "mark")) {
      give();
      onMark(check(path, number, markSchema, value).mark, number);
    } else {
      batch.push(eventOfLine(check(path, number, eventSchema, value)));
      events++;
      if (batch.length === REPLAY_BATCH) give();
    }
  }
  give();
  if (end === undefined) throw invalid(path, number + 1, "the end is missing: the recording was cut");
  if (end.events !== events)
    throw invalid(path, number, `${end.events} events were written and ${events} are there: the recording was cut`);
  return end.loss ?? NO_LOSS;
}

function has(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && key in value;
}

/** Lines without their newline; the text after the last newline must be empty. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let number = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        number++;
        yield line;
      }
      if (rest.length > MAX_LINE_BYTES) throw invalid(path, number + 1, "the line is longer than any event");
    }
    rest += decoder.decode();
  } catch (cause) {
    if (cause instanceof PetrifyError) throw cause;
    if (cause instanceof TypeError) throw invalid(path, number + 1, "the text is not UTF-8", cause);
    throw new PetrifyError("E_IO", `${path} cannot be read: ${codeOf(cause)}.`, { cause });
  }
  if (rest !== "") throw invalid(path, number + 1, "the line has no end: the recording was cut");
}

function parse(path: string, line: number, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw invalid(path, line, "this is not JSON", cause);
  }
}

interface Schema<T> {
  safeParse(value: unknown): {
    readonly success: boolean;
    readonly data?: T | undefined;
    readonly error?: { readonly issues: readonly Issue[] } | undefined;
  };
}
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function check<T>(path: string, line: number, schema: Schema<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  const [issue] = error?.issues ?? [];
  if (data !== undefined && issue === undefined) return data;
  throw invalid(path, line, `${issue?.path.join(".") || "the line"}: ${issue?.message ?? "is not valid"}`, error);
}

function invalid(path: string, line: number, reason: string, cause?: unknown): PetrifyError {
  return new PetrifyError("E_RECORDING_INVALID", `${path}, line ${line}: ${reason}.`, {
    hint: "Record it again.",
    cause,
  });
}

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? String(cause);
}
