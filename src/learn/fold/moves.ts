import type { MountRef, WriteEvent } from "../../model/event.ts";
import { isWithin, isKernelInterface } from "./rules.ts";
import type { Ledger } from "./ledger.ts";
import { generaliseTemporaryName, isUnnamed } from "./names.ts";
import type { PathNode } from "./path-tree.ts";
import { compareText } from "./text.ts";

/** Nodes visited for the content of renamed directories, in one fold: a container that renames in a loop must not stop Petrify. */
const MAX_VISITED = 1_000_000;
const MAX_TARGETS = 32;

/** Follows renames and hard links: what is known of the old name becomes known of the new one. */
export class Moves {
  readonly #ledger: Ledger;
  #visited = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get isExhausted(): boolean {
    return this.#visited > MAX_VISITED;
  }

  /** Folds a successful rename or link. */
  apply(event: WriteEvent, path2: string, mount: MountRef | undefined): void {
    const { operation, path } = event;
    const ledger = this.#ledger;
    const mount2 = event.mount2 ?? ledger.mountOf(path2) ?? mount;
    if (isKernelInterface(path2, mount2)) return;
    const known = event.inode?.type ?? ledger.tree.find(path)?.state?.type;
    const { node: touched, state } = ledger.touch(path, event, mount, known);
    const { type } = state;
    const to = ledger.placeOf(ledger.touch(path2, event, mount2, type).node);
    // Making the second name may have merged the first one into a pattern.
    const from = ledger.placeOf(touched.resolve());
    ledger.foundExisting(from, path, true);
    from.state.done.add(operation);
    to.state.take(from.state);
    noteTarget(from.node, to.node);
    const { phase } = ledger;
    if (operation === "link" && !isUnnamed(lastPart(path))) {
      ledger.noteName(path2);
      // A second name takes no space.
      const since = ledger.contents.get(from.node, path)?.phase ?? phase;
      ledger.contents.put(to.node, path2, { sizeBytes: 0, writtenBytes: 0, phase: since });
      return;
    }
    ledger.noteMove(path, path2);
    ledger.discard(to, path2);
    const moved = ledger.contents.drop(from.node, path);
    from.state.gone = true;
    ledger.contents.put(to.node, path2, moved ?? { sizeBytes: event.sizeBytes ?? 0, writtenBytes: 0, phase });
    if (type === "dir") this.#moveInside(from.node, path, path2);
    else if (from.node !== to.node)
      ledger.tree.rename(from.node, generaliseTemporaryName(lastPart(path), lastPart(path2)));
  }

  #moveInside(directory: PathNode, path: string, path2: string): void {
    const inside: { readonly node: PathNode; readonly path: string }[] = [];
    const waiting = [...directory.children.values()];
    for (let node = waiting.pop(); node !== undefined && !this.isExhausted; node = waiting.pop()) {
      waiting.push(...node.children.values());
      this.#visited += 1 + (node.state?.live?.size ?? 0);
      for (const child of node.state?.live?.keys() ?? [])
        if (child !== path && isWithin(child, path)) inside.push({ node, path: child });
    }
    for (const child of inside)
      this.#moveChild(child.node.resolve(), child.path, path2 + child.path.slice(path.length));
  }

  #moveChild(node: PathNode, path: string, path2: string): void {
    const ledger = this.#ledger;
    const { state } = ledger.placeOf(node);
    const content = ledger.contents.drop(node, path);
    if (content === undefined) return;
    state.gone = true;
    ledger.noteMove(path, path2);
    const target = ledger.placeOf(ledger.tree.locate(path2, state.type === "dir"));
    target.state.setMount(state.mount, state.mountType);
    target.state.take(state);
    ledger.contents.put(target.node, path2, content);
    noteTarget(node.resolve(), target.node);
  }
}

/** Paths that something at the node was moved to or linked as, sorted. */
export function moveTargets(node: PathNode): readonly string[] {
  const paths = new Set([...(node.movesTo ?? [])].map((target) => target.resolve().path));
  return [...paths].toSorted(compareText).slice(0, MAX_TARGETS);
}

function noteTarget(from: PathNode, to: PathNode): void {
  from.movesTo ??= new Set();
  from.movesTo.add(to);
  if (from.movesTo.size <= 2 * MAX_TARGETS) return;
  const byPath = new Map([...from.movesTo].map((node) => [node.resolve().path, node.resolve()]));
  const kept = [...byPath].toSorted(([a], [b]) => compareText(a, b)).slice(0, MAX_TARGETS);
  from.movesTo = new Set(kept.map(([, node]) => node));
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
