/** One instruction of a Dockerfile, its continuation lines joined. */
interface Instruction {
  /** Counted from 1. */
  readonly line: number;
  readonly name: string;
  readonly text: string;
}

/**
 * The line of a Dockerfile that a write to `path` has to do with, counted from 1: in the last stage the last instruction that
 * names the longest part of the path, else the one that starts the workload, else the last FROM. Undefined without a FROM.
 */
export function dockerfileLine(dockerfile: string, path: string): number | undefined {
  const all = instructionsOf(dockerfile);
  const from = all.findLastIndex(({ name }) => name === "FROM");
  if (from === -1) return undefined;
  const stage = all.slice(from + 1);
  for (const place of placesFrom(path)) {
    const naming = stage.findLast(({ text }) => names(text, place));
    if (naming !== undefined) return naming.line;
  }
  const start = stage.findLast(({ name }) => name === "ENTRYPOINT") ?? stage.findLast(({ name }) => name === "CMD");
  return (start ?? all[from])?.line;
}

/** `/app/.cache/x`, `/app/.cache`, `/app`: the path and the directories above it, without the root. */
function placesFrom(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_, index) => `/${parts.slice(0, parts.length - index).join("/")}`);
}

/** Whether the text has exactly this path as a word of its own, with or without a slash behind it. */
function names(text: string, place: string): boolean {
  for (let at = text.indexOf(place); at !== -1; at = text.indexOf(place, at + 1)) {
    const rest = text.slice(at + place.length);
    if (!/[\w.\-/]/.test(text[at - 1] ?? " ") && !/^\/?[\w.-]/.test(rest)) return true;
  }
  return false;
}

/** https://docs.docker.com/reference/dockerfile/: comments, parser directives, continuation lines and here-documents. */
function instructionsOf(dockerfile: string): readonly Instruction[] {
  const lines = dockerfile.split(/\r?\n/);
  const escape = /^#\s*escape\s*=\s*`\s*$/im.test(lines.slice(0, 2).join("\n")) ? "`" : "\\";
  const found: Instruction[] = [];
  for (let index = 0; index < lines.length; index++) {
    const start = index;
    if (/^\s*(#|$)/.test(lines[index] ?? "")) continue;
    const parts: string[] = [];
    for (; index < lines.length; index++) {
      const line = lines[index] ?? "";
      // Comments and empty lines may stand between continuation lines.
      if (index > start && /^\s*(#|$)/.test(line)) continue;
      const trimmed = line.trimEnd();
      if (!trimmed.endsWith(escape)) {
        parts.push(line);
        break;
      }
      parts.push(trimmed.slice(0, -1));
    }
    const text = parts.join(" ");
    index = endOfHereDocuments(lines, index, text);
    found.push({ line: start + 1, name: (/^\s*(\w+)/.exec(text)?.[1] ?? "").toUpperCase(), text });
  }
  return found;
}

/** Index of the last line that belongs to the here-documents of an instruction which ends at `index`. */
function endOfHereDocuments(lines: readonly string[], index: number, text: string): number {
  if (!/^\s*(RUN|COPY|ADD)\s/i.test(text)) return index;
  let end = index;
  for (const [, , word = ""] of text.matchAll(/<<-?(["']?)(\w+)\1/g)) {
    const closing = lines.findIndex((line, at) => at > end && line.trim() === word);
    if (closing === -1) return lines.length - 1;
    end = closing;
  }
  return end;
}
