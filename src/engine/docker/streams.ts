import { PassThrough, type Readable } from "node:stream";
import { PetrifyError } from "../../model/errors.ts";
import { refusal } from "./failures.ts";
import { StdcopyDecoder } from "./stdcopy.ts";

const CUT_FRAME = "the stream ended inside a frame";

export interface SplitStreams {
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  /** Resolves at the end of the source; rejects with E_ENGINE_LOST or E_ENGINE_API. Both streams end in either case. */
  readonly closed: Promise<void>;
}

/**
 * Parts a container's one stream into stdout and stderr; with a tty everything is stdout.
 * The reader must take both: an output that nobody reads holds the other one up, as it would the container.
 */
export function splitStreams(
  source: Readable,
  tty: boolean,
  action: string,
  lost: (cause: unknown) => PetrifyError,
): SplitStreams {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const closed = pump(source, tty, action, stdout, stderr)
    .catch((error: unknown) => {
      source.destroy();
      throw lost(error);
    })
    .finally(() => {
      stdout.end();
      stderr.end();
    });
  // Whoever reads only the streams sees them end; the reason is for whoever asks.
  closed.catch(() => undefined);
  return { stdout, stderr, closed };
}

async function pump(
  source: Readable,
  tty: boolean,
  action: string,
  stdout: PassThrough,
  stderr: PassThrough,
): Promise<void> {
  let said = "";
  const decoder = new StdcopyDecoder(action, (stream, payload) => {
    if (stream === "error") said += payload.toString();
    else (stream === "stdout" ? stdout : stderr).write(payload);
  });
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (tty) stdout.write(chunk);
    else decoder.push(chunk);
    await drained(stdout);
    await drained(stderr);
  }
  if (said !== "") throw refusal(action, 200, said);
  if (!decoder.isComplete) throw new Error(CUT_FRAME);
}

/** A reader that went away (destroyed its stream) no longer holds anything up. */
async function drained(stream: PassThrough): Promise<void> {
  if (!stream.writableNeedDrain || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}

/** Both outputs in the order in which they come, up to `limitBytes`. */
export async function collectLog(source: Readable, tty: boolean, action: string, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const keep = (payload: Buffer): void => {
    chunks.push(payload);
    sizeBytes += payload.length;
  };
  const decoder = new StdcopyDecoder(action, (_stream, payload) => keep(payload));
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (tty) keep(chunk);
    else decoder.push(chunk);
    if (sizeBytes > limitBytes) return Buffer.concat(chunks).toString();
  }
  if (!decoder.isComplete) throw new Error(CUT_FRAME);
  return Buffer.concat(chunks).toString();
}

/** The first `limitBytes` of a stream as text; the rest is read and dropped, and said to be. */
export async function collectText(stream: Readable, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const room = limitBytes - sizeBytes;
    if (room > 0) chunks.push(chunk.subarray(0, room));
    sizeBytes += chunk.length;
  }
  const text = Buffer.concat(chunks).toString();
  return sizeBytes > limitBytes ? `${text}\n[cut: ${sizeBytes} bytes]\n` : text;
}
