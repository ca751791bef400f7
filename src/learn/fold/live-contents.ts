import type { PathNode } from "./path-tree.ts";
import type { LiveContent } from "./path-state.ts";

/** tmpfs and most file systems store whole pages. */
const PAGE_BYTES = 4096;

/**
 * What the run wrote and did not remove, by exact path, and how much of it was there at the same time under each directory.
 * Beyond `maxTracked` paths nothing more is told apart: such content counts as there to stay, so sizes and survival err upwards.
 */
export class LiveContents {
  #tracked = 0;
  readonly #maxTracked: number;

  constructor(maxTracked: number) {
    this.#maxTracked = maxTracked;
  }

  get tracked(): number {
    return this.#tracked;
  }

  get(node: PathNode, path: string): LiveContent | undefined {
    return node.state?.live?.get(path);
  }

  /** New content: made, emptied or put in place as a whole. */
  put(node: PathNode, path: string, content: LiveContent): void {
    const { state } = node;
    if (state === undefined) return;
    this.drop(node, path);
    state.gone = false;
    if (this.#tracked >= this.#maxTracked) {
      state.untracked++;
      state.untrackedSince = Math.min(state.untrackedSince, content.phase);
    } else {
      state.live ??= new Map();
      state.live.set(path, content);
      this.#tracked++;
    }
    add(node, pages(content.sizeBytes));
  }

  /** Content that grew, shrank or was written in place. */
  resize(node: PathNode, path: string, sizeBytes: number): void {
    const content = this.get(node, path);
    if (content === undefined) {
      if (node.state !== undefined && node.state.untracked > 0) add(node, pages(sizeBytes));
      else touchPeak(node, pages(sizeBytes));
      return;
    }
    add(node, pages(sizeBytes) - pages(content.sizeBytes));
    content.sizeBytes = sizeBytes;
  }

  /** Content that was removed or moved away. */
  drop(node: PathNode, path: string): LiveContent | undefined {
    const { state } = node;
    const content = state?.live?.get(path);
    if (state === undefined) return undefined;
    if (content === undefined) return undefined;
    state.live?.delete(path);
    this.#tracked--;
    add(node, -pages(content.sizeBytes));
    return content;
  }

  /** Everything at a node that its mount lost. */
  dropAll(node: PathNode): void {
    for (const path of node.state?.live?.keys() ?? []) this.drop(node, path);
    if (node.state === undefined || node.state.untracked === 0) return;
    node.state.untracked = 0;
    node.state.untrackedSince = Number.POSITIVE_INFINITY;
  }
}

function pages(sizeBytes: number): number {
  return Math.ceil(sizeBytes / PAGE_BYTES) * PAGE_BYTES;
}

function add(from: PathNode, deltaBytes: number): void {
  for (let node: PathNode | undefined = from; node !== undefined; node = node.isMountPoint ? undefined : node.parent) {
    node.liveBytes = Math.max(0, node.liveBytes + deltaBytes);
    if (node.liveBytes > node.peakBytes) node.peakBytes = node.liveBytes;
  }
}

/** A file that is open but removed, or whose total came late, was there together with what is there now. */
function touchPeak(from: PathNode, sizeBytes: number): void {
  for (let node: PathNode | undefined = from; node !== undefined; node = node.isMountPoint ? undefined : node.parent)
    if (node.liveBytes + sizeBytes > node.peakBytes) node.peakBytes = node.liveBytes + sizeBytes;
}
