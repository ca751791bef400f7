import type { FoundContainer } from "../../engine/engine.ts";
import type { LayerChanges } from "../../model/change.ts";
import type { FileTree, ImageFacts, TreeAnswer } from "../../model/image.ts";
import type { PathRecord, PhaseName, PhaseOutcome } from "../../model/profile.ts";
import type { FoldTableRow } from "../fold/fold.ts";
import type { Seen } from "../../model/unseen.ts";
import { chosenPorts, listeningPorts } from "../listening.ts";
import { type BeginOptions, Recorder } from "../recorder.ts";
import type { Session } from "../session.ts";
import { Tap } from "../tap.ts";
import { lookedUp } from "../tree-slice.ts";
import { pastEvents } from "./past.ts";

/** What was seen of one container. */
export interface WatchedRun {
  readonly found: FoundContainer;
  readonly image: ImageFacts;
  readonly tree: FileTree;
  readonly records: readonly PathRecord[];
  readonly table: readonly FoldTableRow[];
  readonly phases: readonly PhaseOutcome[];
  readonly listening: readonly string[];
  readonly seen: Pick<Seen, "start" | "restart">;
  /** Why its recording is not complete. */
  readonly incomplete: readonly string[];
}

const GONE: LayerChanges = {
  changes: [],
  unread: ["it was removed before its writable layer could be read"],
};

export interface Taken {
  readonly found: FoundContainer;
  readonly image: ImageFacts;
  /** Opened before `found` was asked. */
  readonly tap: Tap;
  /** What was heard of it: that it was made, or that it was started again, or nothing because it is known by name. */
  readonly since: "made" | "started" | "running";
}

/** A container that somebody else made, starts, stops and removes; it is only looked at. */
export class WatchedContainer {
  readonly found: FoundContainer;
  readonly #session: Session;
  readonly #image: ImageFacts;
  readonly #tree: FileTree;
  readonly #recorder: Recorder;
  readonly #phases: PhaseOutcome[] = [];
  readonly #listening = new Set<string>();
  readonly #unread = new Set<string>();
  /** Armed for the next start. */
  #next: Tap | undefined;
  #phase: PhaseName | undefined;
  #phasesBegun = 0;
  #wasSignalled = false;
  /** It had ended when it was taken up, and its start and end are still to be told. */
  #isBehind = false;
  /** Was there before the start of this phase, as far as the engine knows. */
  #startTap: Tap | undefined;
  #sawStart = false;
  #sawRestart = false;

  private constructor(session: Session, found: FoundContainer, image: ImageFacts, tree: FileTree) {
    this.found = found;
    this.#session = session;
    this.#image = image;
    this.#tree = tree;
    this.#recorder = new Recorder(session, tree);
  }

  /**
   * Takes over a container with its tap. One that has run before is known by its layer until now; of one that has not, the
   * first instruction will be seen, or has been.
   */
  static async take(session: Session, { found, image, tap, since }: Taken): Promise<WatchedContainer> {
    const watched = new WatchedContainer(session, found, image, await session.imageTree(image));
    await watched.#show(tap);
    // What a container did that has ended already has been delivered after this.
    if (since !== "running") await session.flush();
    if (found.state.status === "created") {
      watched.#next = tap;
      return watched;
    }
    if (since === "made" && startedAfterArming(found, tap)) await watched.#beginAtStart(tap);
    else await watched.#takeUp(tap, since);
    return watched;
  }

  /** Events come in the order in which the engine told them. */
  async onStart(): Promise<void> {
    // Told late: it was taken up while it ran, or after.
    if (this.#phase !== undefined || this.#isBehind) return;
    const tap = this.#next;
    this.#next = undefined;
    if (tap !== undefined) await this.#beginAtStart(tap);
  }

  onSignal(): void {
    this.#wasSignalled = true;
  }

  async onDie(exitCode: number): Promise<void> {
    const phase = this.#phase;
    this.#isBehind = false;
    if (phase === undefined) return;
    const endedItself = !this.#wasSignalled;
    this.#wasSignalled = false;
    await this.#recorder.hearOut();
    // At once: it may be started again before its files have been looked at.
    this.#next = await this.#openTap();
    await this.#end({ phase, ...(endedItself ? { exitedEarly: exitCode } : {}) });
  }

  /** Ends the observation; the container goes on as it was. `test`: exit code of what exercised it. */
  async finish(test?: number): Promise<WatchedRun> {
    if (this.#phase !== undefined) {
      await this.#noteListening();
      await this.#end({ phase: this.#phase });
    }
    await this.#next?.close();
    this.#recorder.close();
    return {
      found: this.found,
      image: this.#image,
      tree: this.#tree,
      records: this.#recorder.records(),
      table: this.#recorder.table(),
      phases: this.#phases.map((outcome) => (test === undefined ? outcome : { ...outcome, test })),
      listening: [...this.#listening].toSorted(),
      seen: { start: this.#sawStart, restart: this.#sawRestart },
      incomplete: [...this.#unread, ...this.#recorder.incomplete()],
    };
  }

  /** One that ran before, and may run now. */
  async #takeUp(tap: Tap, since: Taken["since"]): Promise<void> {
    const { changes, unread } = await this.#session.engine.changes(this.found).catch(() => GONE);
    for (const reason of unread) this.#unread.add(reason);
    await this.#begin({ tap, past: pastEvents(this.found.id, changes) });
    if (this.found.state.status === "running" || this.found.state.status === "paused") return;
    await this.#end(undefined);
    this.#isBehind = since !== "running";
    this.#next = await this.#openTap();
  }

  async #openTap(): Promise<Tap> {
    const tap = await Tap.open(this.#session, this.found.id, this.#recorder.readsSinceNs);
    await this.#show(tap);
    return tap;
  }

  /** It may be gone by now; then the image is the best that is known of its links. */
  async #show(tap: Tap): Promise<void> {
    tap.show(await this.#session.engine.tree(this.found).catch(() => this.#tree));
  }

  async #beginAtStart(tap: Tap): Promise<void> {
    if (!tap.wasRunning) this.#startTap = tap;
    await this.#begin({ tap });
  }

  async #begin(options: BeginOptions): Promise<void> {
    const phase = this.#phasesBegun++ === 0 ? "first" : "restart";
    this.#phase = phase;
    await this.#recorder.begin(this.found, phase, options);
  }

  async #end(outcome: PhaseOutcome | undefined): Promise<void> {
    this.#phase = undefined;
    if (outcome !== undefined) this.#phases.push(outcome);
    await this.#recorder.end(outcome ?? { phase: "first" }, [], (paths) => this.#look(paths));
    // A busy engine tells of a start when the program has ended already: who was there at the start heard it.
    const sawStart = this.#startTap?.heardExec === true;
    this.#startTap = undefined;
    if (outcome?.phase === "first") this.#sawStart = sawStart;
    else this.#sawRestart ||= sawStart;
  }

  /** What is at the paths; undefined when the container is being removed, because half of a tree would say that data is gone. */
  async #look(paths: readonly string[]): Promise<readonly TreeAnswer[] | undefined> {
    const { engine } = this.#session;
    if (this.found.autoRemove) return undefined;
    try {
      const answers = lookedUp(await engine.tree(this.found), paths);
      const now = await engine.find(this.found.id);
      return now === undefined || now.state.status === "removing" || now.state.status === "dead" ? undefined : answers;
    } catch {
      return undefined;
    }
  }

  async #noteListening(): Promise<void> {
    const { settings, id } = this.found;
    const now = await this.#session.engine.find(id);
    if (now === undefined || now.state.pid === 0 || settings.network === "host") return;
    for (const { port, protocol } of chosenPorts(await listeningPorts(now.state.pid), this.#image.exposedPorts))
      this.#listening.add(`${port}/${protocol}`);
  }
}

/**
 * Whether the first instruction of a container that is not just created any more came after its tap was opened. No process of the
 * workload was there then: one that runs now, or is known to have run since, is the first one. One that restarts by itself
 * may be at its second.
 */
function startedAfterArming({ state, settings }: FoundContainer, tap: Tap): boolean {
  return !tap.wasRunning && settings.restart === undefined && (state.status === "running" || tap.heardExec);
}
