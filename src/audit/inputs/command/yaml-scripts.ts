import { type Scalar, isMap, isScalar, isSeq, parseAllDocuments } from "yaml";
import { PlacedBuilder, PlacedText } from "../../../export/placed-text.ts";

/** Keys below which pipelines, task runners and package.json keep commands. */
const SCRIPT_KEY =
  /^(?:run|(?:before|after|pre|post)?[_-]?(?:install|deploy|script)s?|commands?|cmds?|bash|sh|shell|inline(?:script)?|steps|args)$/i;
const ENGINE = /\b(?:docker|podman|container|engine)\b/i;
// yaml needs about a second for a megabyte, and a pipeline is never that large.
const LARGEST_CHARACTERS = 2 ** 19;

/** The commands of a pipeline in YAML or JSON: texts below the keys that hold commands, as they stand in the file. */
export function yamlScripts(text: string): readonly PlacedText[] {
  if (text.length > LARGEST_CHARACTERS) return [];
  const scripts: PlacedText[] = [];
  const look = (node: unknown, isScript: boolean): void => {
    if (isSeq(node)) for (const item of node.items) look(item, isScript);
    else if (isMap(node))
      for (const { key, value } of node.items)
        look(value, isScript || (isScalar(key) && SCRIPT_KEY.test(String(key.value))));
    else if (isScript && isScalar(node) && typeof node.value === "string" && ENGINE.test(node.value)) {
      const script = scalarText(text, node);
      if (script !== undefined) scripts.push(script);
    }
  };
  try {
    for (const { contents } of parseAllDocuments(text, { logLevel: "silent", strict: false })) look(contents, false);
  } catch {
    // Deeper than the stack: nobody's pipeline.
  }
  return scripts;
}

/** Offsets stay those of the file: indentation means nothing to a shell, and where YAML folds a line break is a blank. */
function scalarText(text: string, { type, range }: Scalar): PlacedText | undefined {
  const [from = 0, to = 0] = range ?? [];
  const source = text.slice(from, to);
  switch (type) {
    case "PLAIN":
      return new PlacedText(folded(source), from);
    case "QUOTE_SINGLE":
      return unquoted(source, from, /''|\r?\n[ \t]*/g, (part) => (part === "''" ? "'" : " "));
    case "QUOTE_DOUBLE":
      return unquoted(source, from, ESCAPE, unescape);
    case "BLOCK_LITERAL":
    case "BLOCK_FOLDED": {
      const header = source.indexOf("\n") + 1;
      const body = source.slice(header);
      return new PlacedText(type === "BLOCK_FOLDED" ? foldedBlock(body) : body, from + header);
    }
    case undefined:
    default:
      return undefined;
  }
}

const ESCAPE = /\\(?:\r?\n[ \t]*|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8}|[^])|\r?\n[ \t]*/g;
const LETTERS: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0", e: "\x1B" };

function unescape(part: string): string {
  const sign = part.charAt(1);
  if (!part.startsWith("\\")) return " ";
  if (/^\\\s*\n/.test(part)) return "";
  if (/^\\[xuU]./.test(part)) {
    const code = Number.parseInt(part.slice(2), 16);
    return code > 0x10_ff_ff || Number.isNaN(code) ? "" : String.fromCodePoint(code);
  }
  return LETTERS[sign] ?? sign;
}

function unquoted(source: string, from: number, escape: RegExp, replace: (part: string) => string): PlacedText {
  const builder = new PlacedBuilder();
  let at = 1;
  const end = source.length - 1;
  for (const { 0: part, index } of source.matchAll(escape)) {
    if (index < at) continue;
    if (index + part.length > end) break;
    builder.append(new PlacedText(source.slice(at, index), from + at));
    builder.add(replace(part), from + index);
    at = index + part.length;
  }
  builder.append(new PlacedText(source.slice(at, Math.max(at, end)), from + at));
  return builder.build();
}

function folded(source: string): string {
  return source.replaceAll("\n", " ");
}

/** A line break stays one before and behind blank and further indented lines (yaml 1.2, 8.1.3). */
function foldedBlock(body: string): string {
  const indent = /^[ \t]*(?=\S)/m.exec(body)?.[0].length ?? 0;
  const isMore = (line: string): boolean => line.trim() === "" || /^[ \t]/.test(line.slice(indent));
  const lines = body.split("\n");
  return lines
    .map(
      (line, index) =>
        line + (index === lines.length - 1 ? "" : isMore(line) || isMore(lines[index + 1] ?? "") ? "\n" : " "),
    )
    .join("");
}
