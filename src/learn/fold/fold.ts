import type { MountRef, WriteEvent } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";
import type { PathRecord, PhaseName } from "../../model/profile.ts";
import { applyFailure, applySuccess } from "./effects.ts";
import { Ledger } from "./ledger.ts";
import type { Moment } from "./moment.ts";
import { Moves, moveTargets } from "./moves.ts";
import type { PathState } from "./path-state.ts";
import { DEFAULT_LIMITS, type PathNode, type TreeLimits } from "./path-tree.ts";
import { isKernelInterface, outlives } from "./rules.ts";
import { survey, surveyedPaths } from "./survey.ts";
import { compareText } from "./text.ts";

export interface FoldOptions {
  /** The image's content as it is before the run: its names are never replaced by patterns, and failures on them count. */
  readonly image?: FileTree;
  /** Mounts of the container, for events whose mount is not known. */
  readonly mounts?: readonly MountRef[];
  readonly limits?: TreeLimits;
  /** Paths whose content is followed one by one. */
  readonly maxTracked?: number;
}

/** One line of the terminal table; exact figures, therefore no part of a profile. */
export interface FoldTableRow {
  readonly path: string;
  readonly events: number;
  readonly bytes: number;
  /** Busiest first. */
  readonly processes: readonly { readonly name: string; readonly events: number }[];
  /** Absent when nobody saw it happen. */
  readonly first?: Moment;
}

/** Debian's packages that provide cron-daemon, at, and what containers use in their place. */
const SCHEDULERS: ReadonlySet<string> = new Set(
  "cron crond cronie anacron fcron bcron-start atd supercronic".split(" "),
);

const MAX_TRACKED = 200_000;

/**
 * Folds write events into one record per path, in memory that does not grow with their number.
 * Events must come in the order in which they happened at each path; the order between paths does not matter.
 */
export class ProfileFold {
  readonly #ledger: Ledger;
  readonly #moves: Moves;
  /** Names of programs that start others when it is time. */
  readonly #schedulers = new Set<string>();
  #sawUncertainPath = false;

  constructor(options: FoldOptions = {}) {
    const { image, mounts = [], limits = DEFAULT_LIMITS, maxTracked = MAX_TRACKED } = options;
    this.#ledger = new Ledger(image, mounts, limits, maxTracked);
    this.#moves = new Moves(this.#ledger);
  }

  /** What the mounts lose between the phases is forgotten; what they keep can be read back. */
  beginPhase(name: PhaseName): void {
    const { tree, contents } = this.#ledger;
    this.#ledger.beginPhase(name);
    for (const node of tree.nodes())
      if (node.state !== undefined && !outlives(name, node.state.mount, node.state.mountType)) contents.dropAll(node);
  }

  /** The workload is up, and the test may begin. */
  endStart(): void {
    this.#ledger.endStart();
  }

  /** Takes events in the order in which they happened. */
  add(events: readonly WriteEvent[]): void {
    for (const event of events) this.#apply(event);
  }

  /** Notes what is there now: by the container's content when it is given, else by the events alone. */
  endPhase(tree: FileTree | undefined): void {
    survey(this.#ledger, tree);
  }

  /** A path with `text` in it whose content was read again after a restart; the first by name. */
  readBackAt(text: string): string | undefined {
    const paths: string[] = [];
    for (const { state } of this.#ledger.tree.nodes())
      if (state?.readBack === true)
        for (const path of state.live?.keys() ?? []) if (path.includes(text)) paths.push(path);
    return paths.toSorted(compareText)[0];
  }

  /** The paths whose entries `endPhase` asks for. */
  surveyedPaths(): readonly string[] {
    return surveyedPaths(this.#ledger);
  }

  /** Sorted by path. */
  records(): readonly PathRecord[] {
    return this.#states(({ node, state, path }) => {
      const hasContent = state.type === "dir" ? node.children.size > 0 : state.type === "file" && state.done.size > 0;
      return state.toRecord(path, node.peakBytes, hasContent, moveTargets(node));
    });
  }

  /** Paths of records that the first run made, and that no later one has touched but to read them. */
  madeOnce(): ReadonlySet<string> {
    return new Set(this.#states(({ state, path }) => (state.isMadeOnce ? [path] : [])).flat());
  }

  /** Sorted by path; the same paths as the records. */
  table(): readonly FoldTableRow[] {
    return this.#states(({ state: { events, bytes, processes, first }, path }) => {
      const counted = [...processes].map(([name, count]) => ({ name, events: count }));
      const busiest = counted.toSorted((a, b) => b.events - a.events || compareText(a.name, b.name));
      return { path, events, bytes, processes: busiest, ...(first === undefined ? {} : { first }) };
    });
  }

  /** Sorted: why the records do not hold, or not keep apart, all that happened. */
  incomplete(): readonly string[] {
    const reasons: string[] = [];
    if (this.#sawUncertainPath) reasons.push("at some writes the path could not be told for certain");
    if (this.#moves.isExhausted) reasons.push("directories were renamed too often to follow their content");
    if (this.#ledger.tree.isSaturated) reasons.push("more different paths were written than can be kept apart");
    for (const name of [...this.#schedulers].toSorted(compareText))
      reasons.push(`it runs ${name}: jobs that were not due meanwhile were not observed (--exec can run them)`);
    return reasons;
  }

  /** How much is held in memory; bounded whatever comes in. */
  get held(): { readonly nodes: number; readonly aliases: number; readonly contents: number } {
    const { tree, contents } = this.#ledger;
    return { nodes: tree.nodeCount, aliases: tree.aliasCount, contents: contents.tracked };
  }

  #apply(event: WriteEvent): void {
    const { operation, path, path2 } = event;
    if (operation === "exec" && event.result === 0) this.#noteScheduler(event.process.exe ?? path);
    const mount = event.mount ?? this.#ledger.mountOf(path);
    if (isKernelInterface(path, mount)) return;
    if (event.pathUncertain === true || !path.startsWith("/")) {
      this.#sawUncertainPath = true;
      return;
    }
    if (event.result !== 0) applyFailure(this.#ledger, event, mount);
    else if (operation !== "rename" && operation !== "link") applySuccess(this.#ledger, event, operation, mount);
    else if (path2?.startsWith("/") === true) this.#moves.apply(event, path2, mount);
  }

  #noteScheduler(executable: string): void {
    const name = executable.slice(executable.lastIndexOf("/") + 1);
    if (SCHEDULERS.has(name)) this.#schedulers.add(name);
  }

  #states<T>(give: (known: { node: PathNode; state: PathState; path: string }) => T): readonly T[] {
    const known: { node: PathNode; state: PathState; path: string }[] = [];
    for (const node of this.#ledger.tree.nodes()) {
      const { state } = node;
      if (state !== undefined && state.done.size + state.failed.size > 0) known.push({ node, state, path: node.path });
    }
    return known.toSorted((a, b) => compareText(a.path, b.path)).map(give);
  }
}
