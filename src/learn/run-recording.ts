import * as z from "zod";
import { PetrifyError } from "../model/errors.ts";
import { type LossCounters, NO_LOSS, type WriteEvent } from "../model/event.ts";
import type { ImageNames, TreeAnswer } from "../model/image.ts";
import type { PhaseName, PhaseOutcome, ProfileHeader, Subject } from "../model/profile.ts";
import type { StrategyTest } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import { openRecording, replay } from "../sensor/recording.ts";
import { withoutSecrets } from "../strategy/secrets.ts";
import { uniteAnswers } from "./fold/merge.ts";
import { headerLine, headerSchema, phaseOutcome, subjectFromFile, treeAnswerSchema } from "./profile-schema.ts";
import type { RunRecording } from "./recorder.ts";

/** Of whom a recording is; known before anything happens. */
export interface RecordedRun {
  readonly identity: Pick<ProfileHeader, "name" | "image" | "sensor" | "engine">;
  readonly workload: Workload;
  readonly image: ImageNames;
  readonly test: StrategyTest;
}

export interface RunRecordingFile extends RunRecording {
  /** To be called first. */
  about(run: RecordedRun): void;
  /** Paths of records that a fresh start made again, alike. */
  regenerated(paths: readonly string[]): void;
  /** Why what was recorded is not complete; to be called last. */
  incomplete(reasons: readonly string[]): void;
  /** Writes the end. Throws E_DISK_FULL, E_IO. */
  close(loss: LossCounters): Promise<void>;
  /** Leaves it without an end, by which a reader knows that it broke off. Never throws. */
  abort(): Promise<void>;
}

/** Creates (or empties) a recording of all that a profile is made of: events, phases, what was found. Throws E_IO. */
export async function recordRun(path: string): Promise<RunRecordingFile> {
  const recording = await openRecording(path);
  return {
    about: ({ identity, workload, image, test }) => {
      const nothingYet = { incomplete: [], loss: NO_LOSS, coverage: { phases: [], listening: [] } };
      const subject = { workload: withoutSecrets(workload), image, test, tree: [] };
      recording.mark({ run: headerLine({ ...identity, ...nothingYet }, subject) });
    },
    regenerated: (paths) => {
      for (const one of paths) recording.mark({ regenerated: one });
    },
    incomplete: (reasons) => recording.mark({ incomplete: reasons }),
    begin: (phase) => recording.mark({ begin: phase }),
    endStart: () => recording.mark({ started: true }),
    write: (events) => recording.write(events),
    finish: (outcome, listening, found) => {
      for (const answer of found ?? []) recording.mark({ found: answer });
      recording.mark({ finish: outcome, listening, looked: found !== undefined });
    },
    image: (answers) => {
      for (const answer of answers) recording.mark({ image: answer });
    },
    close: (loss) => recording.close(loss),
    abort: () => recording.abort(),
  };
}

const markSchema = z.union([
  z.strictObject({ run: headerSchema }),
  z.strictObject({ begin: phaseOutcome.shape.phase }),
  z.strictObject({ started: z.literal(true) }),
  z.strictObject({ found: treeAnswerSchema }),
  z.strictObject({ finish: phaseOutcome, listening: z.array(z.string()), looked: z.boolean() }),
  z.strictObject({ image: treeAnswerSchema }),
  z.strictObject({ regenerated: z.string() }),
  z.strictObject({ incomplete: z.array(z.string()) }),
]);
type Mark = z.infer<typeof markSchema>;

/** What a fold needs of a recorded run before the first event. */
export interface RunAbout {
  readonly identity: Pick<ProfileHeader, "name" | "image" | "sensor" | "engine">;
  /** Its tree is what the fold asked of the image. */
  readonly subject: Subject;
  readonly incomplete: readonly string[];
  readonly regenerated: ReadonlySet<string>;
}

/** Throws E_RECORDING_INVALID, also when the recording holds only events, and E_IO. */
export async function readRun(path: string): Promise<RunAbout> {
  const image: TreeAnswer[] = [];
  const incomplete: string[] = [];
  const regenerated = new Set<string>();
  let header: z.infer<typeof headerSchema> | undefined;
  await replay(
    path,
    () => {},
    marks(path, (mark) => {
      if ("run" in mark) header = mark.run;
      else if ("image" in mark) image.push(mark.image as TreeAnswer);
      else if ("regenerated" in mark) regenerated.add(mark.regenerated);
      else if ("incomplete" in mark) incomplete.push(...mark.incomplete);
    }),
  );
  const subject = header === undefined ? undefined : subjectFromFile(header, uniteAnswers(image));
  if (header === undefined || subject === undefined)
    throw new PetrifyError(
      "E_RECORDING_INVALID",
      `${path} holds events, and does not say of which workload and image.`,
      {
        hint: "Record it again: this Petrify notes both.",
      },
    );
  const { name, image: names, sensor, engine } = header;
  return { identity: { name, image: names, sensor, engine }, subject, incomplete, regenerated };
}

export interface RunReplay {
  begin(phase: PhaseName): void;
  endStart(): void;
  write(events: readonly WriteEvent[]): void;
  finish(outcome: PhaseOutcome, listening: readonly string[], found: readonly TreeAnswer[] | undefined): void;
}

/** Gives the recorded run again, in order; returns its losses. Throws E_RECORDING_INVALID, E_IO. */
export function replayRun(path: string, run: RunReplay): Promise<LossCounters> {
  let found: TreeAnswer[] = [];
  const hear = (mark: Mark): void => {
    if ("begin" in mark) run.begin(mark.begin);
    else if ("started" in mark) run.endStart();
    else if ("found" in mark) found.push(mark.found as TreeAnswer);
    else if ("finish" in mark) {
      run.finish(mark.finish as PhaseOutcome, mark.listening, mark.looked ? found : undefined);
      found = [];
    }
  };
  return replay(path, (events) => run.write(events), marks(path, hear));
}

function marks(path: string, hear: (mark: Mark) => void): (value: unknown, line: number) => void {
  return (value, line) => {
    const parsed = markSchema.safeParse(value);
    if (!parsed.success)
      throw new PetrifyError("E_RECORDING_INVALID", `${path}, line ${line}: the mark is none that Petrify makes.`, {
        hint: "Record it again.",
        cause: parsed.error,
      });
    hear(parsed.data);
  };
}
