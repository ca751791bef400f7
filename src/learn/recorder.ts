import type { ContainerHandle } from "../engine/engine.ts";
import type { WriteEvent } from "../model/event.ts";
import type { FileTree, TreeAnswer } from "../model/image.ts";
import type { PathRecord, PhaseName, PhaseOutcome } from "../model/profile.ts";
import { type FoldTableRow, ProfileFold } from "./fold/fold.ts";
import { USES } from "./fold/rules.ts";
import type { Session } from "./session.ts";
import { AskedTree, lookedUp, SliceTree } from "./tree-slice.ts";

export type RecordedContainer = Pick<ContainerHandle, "id" | "name">;

/** Gets all that a fold is made of, in order, so that the fold can be repeated without the run. */
export interface RunRecording {
  begin(phase: PhaseName): void;
  write(events: readonly WriteEvent[]): void;
  /** `found`: what was there when the phase ended; absent when nobody could look. */
  finish(outcome: PhaseOutcome, listening: readonly string[], found: readonly TreeAnswer[] | undefined): void;
  /** What was asked of the image's content, at the end; in parts. */
  image(answers: readonly TreeAnswer[]): void;
}

const NS_PER_MS = 1_000_000n;

/** Folds what a workload's containers write, phase by phase. */
export class Recorder {
  readonly #session: Session;
  readonly #image: AskedTree;
  readonly #fold: ProfileFold;
  readonly #recording: RunRecording | undefined;
  #readsSinceNs: bigint | undefined;
  /** Attempts to change something so far. */
  writes = 0;

  /** `image` is the image's content before the run. */
  constructor(session: Session, image: FileTree, recording?: RunRecording) {
    this.#session = session;
    this.#image = new AskedTree(image);
    this.#fold = new ProfileFold({ image: this.#image });
    this.#recording = recording;
  }

  /** From now on the container's events are folded: from its first instruction on when it is not started yet. */
  async begin(container: RecordedContainer, phase: PhaseName): Promise<void> {
    this.#readsSinceNs ??= BigInt(Date.now()) * NS_PER_MS;
    // Observed anew in each phase: what is read again after a restart is told once per observation.
    const tree = await this.#session.engine.tree(container);
    await this.#session.observe(container.id, tree, this.#readsSinceNs, (events) => this.#take(events));
    this.#fold.beginPhase(phase);
    this.#recording?.begin(phase);
  }

  /** Ends the phase with what is left of its events, and with what is there now. Throws E_SENSOR_LOST. */
  async end(container: RecordedContainer, outcome: PhaseOutcome, listening: readonly string[]): Promise<void> {
    await this.#session.unobserve(container.id);
    const found = lookedUp(await this.#session.engine.tree(container), this.#fold.surveyedPaths());
    this.#fold.endPhase(new SliceTree(found));
    this.#recording?.finish(outcome, listening, found);
  }

  /** No phase follows. */
  close(): void {
    this.#recording?.image(this.#image.answers());
  }

  records(): readonly PathRecord[] {
    return this.#fold.records();
  }
  table(): readonly FoldTableRow[] {
    return this.#fold.table();
  }
  incomplete(): readonly string[] {
    return this.#fold.incomplete();
  }

  #take(events: readonly WriteEvent[]): void {
    this.#recording?.write(events);
    this.#fold.add(events);
    for (const { operation } of events) if (!USES.has(operation)) this.writes++;
  }
}
