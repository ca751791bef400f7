import type { ContainerHandle } from "../engine/engine.ts";
import type { WriteEvent } from "../model/event.ts";
import type { FileTree, TreeAnswer } from "../model/image.ts";
import type { PathRecord, PhaseName, PhaseOutcome } from "../model/profile.ts";
import { type FoldTableRow, ProfileFold } from "./fold/fold.ts";
import { USES } from "./fold/rules.ts";
import type { Unseen } from "../sensor/sensor.ts";
import type { Session } from "./session.ts";
import { Tap } from "./tap.ts";
import { AskedTree, SliceTree } from "./tree-slice.ts";

export type RecordedContainer = Pick<ContainerHandle, "id" | "name">;

/** Gets all that a fold is made of, in order, so that the fold can be repeated without the run. */
export interface RunRecording {
  begin(phase: PhaseName): void;
  /** The workload is up. */
  endStart(): void;
  write(events: readonly WriteEvent[]): void;
  /** `found`: what was there when the phase ended; absent when nobody could look. */
  finish(outcome: PhaseOutcome, listening: readonly string[], found: readonly TreeAnswer[] | undefined): void;
  /** What was asked of the image's content, at the end; in parts. */
  image(answers: readonly TreeAnswer[]): void;
}

const NS_PER_MS = 1_000_000n;

export interface BeginOptions {
  /** Opened before; absent: it is opened now. */
  readonly tap?: Tap;
  /** What is known of the time before, as events. */
  readonly past?: readonly WriteEvent[];
}

/** Folds what a workload's containers write, phase by phase. */
export class Recorder {
  readonly readsSinceNs = BigInt(Date.now()) * NS_PER_MS;
  readonly #session: Session;
  readonly #imageTree: FileTree;
  readonly #image: AskedTree;
  readonly #fold: ProfileFold;
  readonly #recording: RunRecording | undefined;
  readonly #unseen: Unseen[] = [];
  #tap: Tap | undefined;
  /** Attempts to change something so far. */
  writes = 0;

  /** `image` is the image's content before the run. */
  constructor(session: Session, image: FileTree, recording?: RunRecording) {
    this.#session = session;
    this.#imageTree = image;
    this.#image = new AskedTree(image);
    this.#fold = new ProfileFold({ image: this.#image });
    this.#recording = recording;
  }

  /** From now on the container's events are folded: from its first instruction on when it is not started yet. */
  async begin(container: RecordedContainer, phase: PhaseName, { tap, past = [] }: BeginOptions = {}): Promise<void> {
    // Observed anew in each phase: what is read again after a restart is told once per observation.
    this.#tap = tap ?? (await Tap.open(this.#session, container.id, this.readsSinceNs, this.#imageTree));
    if (!this.#tap.isShown) this.#tap.show(await this.#session.engine.tree(container));
    this.#fold.beginPhase(phase);
    this.#recording?.begin(phase);
    this.#take(past);
    this.#tap.pourInto((events) => this.#take(events));
  }

  /** The workload is up: what it did on the way there has been folded. */
  async endStart(): Promise<void> {
    await this.#session.flush();
    this.#fold.endStart();
    this.#recording?.endStart();
  }

  /** The last of the phase's events are folded; the container is not observed any more. Throws E_SENSOR_LOST. */
  async hearOut(): Promise<void> {
    if (this.#tap !== undefined) this.#unseen.push(await this.#tap.close());
    this.#tap = undefined;
  }

  /** Ends the phase, with what `look` finds now: undefined when nobody can. */
  async end(
    outcome: PhaseOutcome,
    listening: readonly string[],
    look: (paths: readonly string[]) => Promise<readonly TreeAnswer[] | undefined>,
  ): Promise<void> {
    await this.hearOut();
    const found = await look(this.#fold.surveyedPaths());
    this.#fold.endPhase(found === undefined ? undefined : new SliceTree(found));
    this.#recording?.finish(outcome, listening, found);
  }

  /** No phase follows. */
  close(): void {
    this.#recording?.image(this.#image.answers());
  }

  /** After the end: what another run was refused, at the same paths. */
  addRefused(events: readonly WriteEvent[]): void {
    this.#recording?.write(events);
    this.#fold.add(events);
    this.close();
  }

  records(): readonly PathRecord[] {
    return this.#fold.records();
  }
  madeOnce(): ReadonlySet<string> {
    return this.#fold.madeOnce();
  }
  table(): readonly FoldTableRow[] {
    return this.#fold.table();
  }
  /** A path with `text` in it whose content was read again after a restart; the first by name. */
  readBackAt(text: string): string | undefined {
    return this.#fold.readBackAt(text);
  }
  incomplete(): readonly string[] {
    return [...this.#fold.incomplete(), ...this.#unseen.flatMap((one) => one.incomplete)];
  }
  /** What was seen otherwise than it is, or never could be. */
  notes(): readonly string[] {
    return this.#unseen.flatMap((one) => one.notes);
  }

  #take(events: readonly WriteEvent[]): void {
    this.#recording?.write(events);
    this.#fold.add(events);
    for (const { operation } of events) if (!USES.has(operation)) this.writes++;
  }
}
