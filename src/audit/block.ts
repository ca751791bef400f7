import type { InputKind } from "../model/finding.ts";
import type { AuditedContainer } from "./container.ts";
import { fileOf } from "./file-of.ts";

/** Lines of a text, from 1, both ends included. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/** Lines of a text, and the containers that begin on the first that is no comment. */
export interface Block extends Range {
  readonly containers: readonly AuditedContainer[];
}

/** A line on which a container begins. */
export interface Beginning {
  readonly container: AuditedContainer;
  readonly line: number;
}

/** Where containers begin, by the files that they are written in: several files may say something about one. */
export function beginningsByFile(containers: readonly AuditedContainer[]): ReadonlyMap<string, readonly Beginning[]> {
  const byFile = new Map<string, Beginning[]>();
  for (const container of containers)
    for (const at of [container.at, ...(container.alsoAt ?? [])]) {
      if (at === undefined) continue;
      const file = fileOf({ source: container.source, at });
      const beginnings = byFile.get(file);
      if (beginnings === undefined) byFile.set(file, [{ container, line: at.line }]);
      else beginnings.push({ container, line: at.line });
    }
  return byFile;
}

/** The lines that belong to the containers that begin in a text: to all that begin on one line the same, as in JSON on one line. */
export function blocksOf(lines: readonly string[], beginnings: readonly Beginning[]): readonly Block[] {
  const byLine = [...Map.groupBy(beginnings, ({ line }) => line)].toSorted(([one], [other]) => one - other);
  return byLine.map(([line, begun], index) => {
    const containers = begun.map(({ container }) => container);
    const next = byLine[index + 1]?.[0] ?? lines.length + 1;
    return { containers, ...linesFrom(lines, line, next, containers[0]?.source.kind ?? "compose") };
  });
}

/** How a container's lines end. */
const BLOCKS = {
  engine: "line",
  image: "line",
  command: "continued",
  dockerfile: "file",
  quadlet: "file",
  compose: "indented",
  swarm: "indented",
  kubernetes: "indented",
  ecs: "indented",
} as const satisfies Record<InputKind, string>;

function linesFrom(lines: readonly string[], first: number, next: number, kind: InputKind): Range {
  const above = withCommentsAbove(lines, first);
  switch (BLOCKS[kind]) {
    case "line":
      return { first, last: first };
    case "continued":
      return { first: above, last: continued(lines, first) };
    case "file":
      // Where one file is one container, all of it is.
      return { first: next > lines.length ? 1 : above, last: next - 1 };
    case "indented":
      return { first: above, last: indentedBelow(lines, first) };
    default:
      throw new TypeError(`no block of ${kind}`);
  }
}

/** The last line that is further in than the first, comments and empty lines between them included. */
function indentedBelow(lines: readonly string[], first: number): number {
  const base = indent(lines[first - 1] ?? "");
  let last = first;
  for (let line = first + 1; line <= lines.length; line++) {
    const text = lines[line - 1] ?? "";
    if (text.trim() === "" || isComment(text)) {
      if (indent(text) > base && isComment(text)) last = line;
      continue;
    }
    if (indent(text) <= base) break;
    last = line;
  }
  return last;
}

function continued(lines: readonly string[], first: number): number {
  let last = first;
  while (last < lines.length && /\\\s*$/.test(lines[last - 1] ?? "")) last++;
  return last;
}

function withCommentsAbove(lines: readonly string[], first: number): number {
  let top = first;
  while (top > 1 && isAbove(lines[top - 2] ?? "", lines[first - 1] ?? "")) top--;
  return top;
}

/** Says which line a comment that stands alone on its line is about; undefined when it is further in, and ends what was before. */
export function lineBelow(lines: readonly string[]): (comment: number) => number | undefined {
  const next = new Int32Array(lines.length + 2);
  for (let line = lines.length; line > 0; line--)
    next[line] = isComment(lines[line - 1] ?? "") ? (next[line + 1] as number) : line;
  return (comment) => {
    const below = next[comment + 1] ?? 0;
    return below > 0 && isAbove(lines[comment - 1] ?? "", lines[below - 1] ?? "") ? below : undefined;
  };
}

function isAbove(comment: string, line: string): boolean {
  return isComment(comment) && indent(comment) <= indent(line);
}

function isComment(line: string): boolean {
  return /^\s*(?:#|\/\/)/.test(line);
}

function indent(line: string): number {
  return line.length - line.trimStart().length;
}
