import type { FileTree } from "../../model/image.ts";
import type { Ledger } from "./ledger.ts";
import { smallerOwner } from "./path-state.ts";
import type { PathNode } from "./path-tree.ts";

/** Of the many paths under one pattern, so many are looked at for their owner. */
const MAX_SAMPLES = 1_000;

/** Every path that `survey` may look at. */
export function surveyedPaths(ledger: Ledger): readonly string[] {
  const paths: string[] = [];
  for (const node of ledger.tree.nodes()) if (node.state !== undefined) paths.push(...pathsOf(node));
  return paths;
}

/** The exact paths that a node stands for. */
function pathsOf({ state, path }: PathNode): Iterable<string> {
  return path.includes("*") ? (state?.live?.keys() ?? []) : [path];
}

/** Notes what is there at the end of a phase, by the container's content when it is given, else by the events alone. */
export function survey(ledger: Ledger, tree: FileTree | undefined): void {
  for (const node of ledger.tree.nodes()) {
    if (node.state === undefined) continue;
    if (tree === undefined) surveyByEvents(node);
    else surveyByTree(ledger, node, tree);
  }
}

function surveyByEvents({ state, path }: PathNode): void {
  if (state === undefined) return;
  const wasThere = !path.includes("*") && !state.gone && (state.shipped || state.neededExisting);
  if (state.isAlive || wasThere) state.survived = true;
}

function surveyByTree(ledger: Ledger, node: PathNode, tree: FileTree): void {
  const { state, path } = node;
  if (state === undefined) return;
  const isPattern = path.includes("*");
  for (const [index, exact] of [...pathsOf(node)].entries()) {
    if (index >= MAX_SAMPLES && state.survived) break;
    const entry = tree.entry(exact);
    if (entry === undefined) {
      // The content of other mounts is often no part of a container's tree.
      if (state.mount === "/") ledger.contents.drop(node, exact);
      continue;
    }
    const owner = { uid: entry.uid, gid: entry.gid, mode: entry.mode };
    state.survived = true;
    state.owner = isPattern ? smallerOwner(state.owner, owner) : owner;
    if (!isPattern) state.type = entry.type;
  }
  if (state.isAlive && (state.mount !== "/" || state.untracked > 0)) state.survived = true;
}
