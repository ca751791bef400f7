import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Document,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import { type ErrorCode, PetrifyError } from "../model/errors.ts";
import type { Issue } from "./file-rules.ts";
import { printable } from "./printable.ts";

/** Longer than any such file; a YAML parser takes seconds and gigabytes for some files of 50 MB. */
const LONGEST = 2 ** 20;

/** What is read: names it in messages. */
export interface FileKind {
  /** `strategy`. */
  readonly noun: string;
  readonly code: ErrorCode;
  /** Page that describes its fields. */
  readonly page: string;
}
export const STRATEGY_FILE: FileKind = {
  noun: "strategy",
  code: "E_STRATEGY_INVALID",
  page: "docs/reference/strategy.md",
};

type Place = (offset: number, what: string, hint?: string) => PetrifyError;
export type FileDocument = Document.Parsed;

/** The YAML of a file as a syntax tree without aliases. Throws the code of its kind. */
export function readYaml(
  text: string,
  fileName: string,
  { noun, code, page }: FileKind = STRATEGY_FILE,
): { readonly document: FileDocument; readonly place: Place } {
  const lines = new LineCounter();
  const place: Place = (offset, what, hint = `${page} describes every field.`) => {
    const { line, col } = lines.linePos(offset);
    return new PetrifyError(code, printable(`${fileName}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${what}.`), {
      hint,
    });
  };
  if (text.length > LONGEST)
    throw place(0, "the file is larger than 1 MiB", `A ${noun} is a short text: is this the right file?`);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false, version: "1.2" });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw place(problem.pos[0], syntaxProblem(problem), "The file must be YAML.");
  if (!isMap(document.contents)) throw place(0, "it is not a map of fields");
  refuseCleverness(document, place);
  return { document, place };
}

/** The parser recurses, and reports it as an error of the text when nesting without end exhausts the stack. */
function syntaxProblem({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === "MULTIPLE_DOCS") return "it holds more than one document";
  return message.includes("call stack") ? "it is nested too deep" : lowerFirst(message.replace(/\.$/, ""));
}

/** Nothing that makes a file mean more than a reviewer sees: no anchors and aliases, no keys that are prototypes or not text. */
function refuseCleverness(document: FileDocument, place: Place): void {
  visit(document, {
    Node(_key, node) {
      if (isAlias(node) || node.anchor !== undefined)
        throw place(node.range?.[0] ?? 0, "anchors and aliases are not allowed", "Write the value out.");
    },
    Pair(_key, { key }) {
      if (!isScalar(key) || typeof key.value !== "string" || key.value === "__proto__")
        throw place(isNode(key) ? (key.range?.[0] ?? 0) : 0, "this key is not allowed");
    },
  });
}

/** Where the value at `path` starts, or what is nearest above it when there is none. */
export function offsetOf(document: FileDocument, { path, key }: Issue): number {
  let node: Node | null = document.contents;
  for (const part of path) {
    const next: unknown = isMap(node) || isSeq(node) ? node.get(part, true) : undefined;
    if (!isNode(next)) break;
    node = next;
  }
  if (key !== undefined && isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
    if (isNode(pair?.key)) node = pair.key;
  }
  return node?.range?.[0] ?? 0;
}

export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
