import type { PathRecord } from "../../model/profile.ts";

interface Branch {
  record: PathRecord | undefined;
  readonly names: Map<string, Branch>;
  readonly patterns: Map<string, Branch>;
}

/** Records by path, found also when one run has a name where the other has a pattern. */
export class PathIndex {
  readonly #root: Branch = { record: undefined, names: new Map(), patterns: new Map() };

  constructor(records: Iterable<PathRecord>) {
    for (const record of records) {
      let branch = this.#root;
      for (const name of partsOf(record.path)) {
        const children = name.includes("*") ? branch.patterns : branch.names;
        let child = children.get(name);
        if (child === undefined)
          children.set(name, (child = { record: undefined, names: new Map(), patterns: new Map() }));
        branch = child;
      }
      branch.record = record;
    }
  }

  /** Every record that can speak of the same paths as `path`, which may be a pattern itself. */
  overlapping(path: string): readonly PathRecord[] {
    let branches: readonly Branch[] = [this.#root];
    for (const name of partsOf(path)) branches = branches.flatMap((branch) => childrenFor(branch, name));
    return branches.flatMap((branch) => branch.record ?? []);
  }
}

function childrenFor({ names, patterns }: Branch, name: string): readonly Branch[] {
  const found: Branch[] = [];
  if (name.includes("*")) {
    for (const [other, child] of names) if (namesOverlap(name, other)) found.push(child);
  } else {
    const exact = names.get(name);
    if (exact !== undefined) found.push(exact);
  }
  for (const [pattern, child] of patterns) if (namesOverlap(name, pattern)) found.push(child);
  return found;
}

/** Whether one name can fit both, judged by what stands before the first and behind the last `*`. */
export function namesOverlap(a: string, b: string): boolean {
  if (a === b) return true;
  const [headA, tailA] = ends(a);
  const [headB, tailB] = ends(b);
  if (tailA === undefined && tailB === undefined) return false;
  if (tailA === undefined) return fits(a, headB, tailB ?? "");
  if (tailB === undefined) return fits(b, headA, tailA);
  return (headA.startsWith(headB) || headB.startsWith(headA)) && (tailA.endsWith(tailB) || tailB.endsWith(tailA));
}

function fits(name: string, head: string, tail: string): boolean {
  return name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail);
}

function ends(pattern: string): readonly [string, string | undefined] {
  const first = pattern.indexOf("*");
  return first < 0 ? [pattern, undefined] : [pattern.slice(0, first), pattern.slice(pattern.lastIndexOf("*") + 1)];
}

function partsOf(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "");
}
