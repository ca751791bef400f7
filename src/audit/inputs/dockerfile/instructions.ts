import { PlacedBuilder, PlacedText } from "../../../export/placed-text.ts";

/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  /** In capitals. */
  readonly name: string;
  /** `--platform=linux/amd64` before the arguments. */
  readonly flags: readonly string[];
  readonly rest: PlacedText;
  /** The bodies of its here-documents. */
  readonly documents: readonly PlacedText[];
  readonly start: number;
}

export interface Instructions {
  readonly list: readonly Instruction[];
  /** What continues lines and escapes characters. */
  readonly escape: "\\" | "`";
}

/**
 * Reads a Dockerfile as BuildKit does (docs.docker.com/reference/dockerfile; moby/buildkit frontend/dockerfile/parser): parser
 * directives, comments, continued lines with comments and empty lines between them, and here-documents.
 */
export function instructionsOf(text: string): Instructions {
  const escape = escapeOf(text);
  const list: Instruction[] = [];
  const unclosed = new Set<string>();
  for (let at = 0; at < text.length;) {
    const { line, end } = logicalLine(text, at, escape);
    const found = line === undefined ? undefined : instructionIn(line);
    at = end;
    if (found === undefined) continue;
    const { documents, end: behind } = hereDocuments(text, at, found, unclosed);
    list.push({ ...found, documents });
    at = behind;
  }
  return { list, escape };
}

/** Directives stand before everything else, comments among it. */
function escapeOf(text: string): "\\" | "`" {
  for (const line of text.split("\n", 20)) {
    const [, name, value] = /^\s*#\s*(\w+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (name === undefined) break;
    if (name.toLowerCase() === "escape") return value === "`" ? "`" : "\\";
  }
  return "\\";
}

interface Line {
  readonly line?: PlacedText;
  readonly end: number;
}

function logicalLine(text: string, from: number, escape: string): Line {
  const builder = new PlacedBuilder();
  let isFirst = true;
  for (let start = from; start < text.length;) {
    const lineBreak = text.indexOf("\n", start);
    const end = lineBreak < 0 ? text.length : lineBreak;
    const line = new PlacedText(text.slice(start, end), start);
    start = end + 1;
    const trimmed = line.text.trim();
    if (trimmed === "" || trimmed.startsWith("#")) {
      if (isFirst) return { end: start };
      continue;
    }
    isFirst = false;
    if (!trimmed.endsWith(escape)) {
      builder.append(line);
      return { line: builder.build(), end: start };
    }
    builder.append(line.slice(0, line.text.trimEnd().length - 1));
  }
  return isFirst ? { end: text.length } : { line: builder.build(), end: text.length };
}

function instructionIn(line: PlacedText): Omit<Instruction, "documents"> | undefined {
  const placed = line.trim();
  const [whole = "", name = "", flagText = ""] =
    /^([A-Za-z]+)((?:\s+--[\w-]+(?:=\S*)?)*)(?:\s+|$)/.exec(placed.text) ?? [];
  if (name === "") return undefined;
  const flags = flagText.split(/\s+/).filter((flag) => flag !== "");
  return { name: name.toUpperCase(), flags, rest: placed.slice(whole.length), start: placed.at(0) };
}

function hereDocuments(
  text: string,
  from: number,
  { name, rest }: Omit<Instruction, "documents">,
  unclosed: Set<string>,
): { readonly documents: readonly PlacedText[]; readonly end: number } {
  const documents: PlacedText[] = [];
  let end = from;
  if (!/^(?:RUN|COPY|ADD)$/.test(name) || !rest.text.includes("<<")) return { documents, end };
  for (const [, , word = ""] of rest.text.matchAll(/<<-?(["']?)([A-Za-z_]\w*)\1/g)) {
    // What ends nowhere here ends nowhere further down either.
    const closing = new RegExp(`^[\\t]*${word}\\r?$`, "m");
    const found = unclosed.has(word) ? null : closing.exec(text.slice(end));
    if (found === null) {
      unclosed.add(word);
      break;
    }
    documents.push(new PlacedText(text.slice(end, end + found.index), end));
    end = Math.min(text.length, end + found.index + found[0].length + 1);
  }
  return { documents, end };
}
