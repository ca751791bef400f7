import { type Document, type YAMLMap, YAMLParseError, isMap, parseAllDocuments } from "yaml";
import { type ErrorCode, PetrifyError } from "../../model/errors.ts";
import { assertSound } from "./sound.ts";

/** What a file is called in messages, and the code with which it is refused. */
export interface FileFormat {
  readonly name: string;
  readonly code: ErrorCode;
}
export const COMPOSE: FileFormat = { name: "Compose file", code: "E_COMPOSE_INVALID" };
export const MANIFEST: FileFormat = { name: "manifest", code: "E_MANIFEST_INVALID" };

/** The text of one YAML document beside what it says, with offsets into the text. */
export interface YamlSource {
  readonly format: FileFormat;
  readonly text: string;
  /** The file's own line break. */
  readonly lineBreak: "\n" | "\r\n";
  readonly document: Document.Parsed;
  readonly root: YAMLMap;
  /** What it says, with aliases and merge keys (`<<`) resolved. */
  readonly data: YamlData;
}

export type Data = null | string | number | boolean | readonly Data[] | YamlData;
export interface YamlData {
  readonly [key: string]: Data;
}

// yaml needs about a second for a megabyte, and the text is read again after each of a few edits.
const LARGEST_FILE_CHARACTERS = 2 ** 19;

/** Reads a document, in YAML or JSON, without a byte order mark. Throws the format's code. */
export function readYaml(text: string, format: FileFormat): YamlSource {
  if (text.length > LARGEST_FILE_CHARACTERS)
    throw invalid(format, `The ${format.name} is larger than ${LARGEST_FILE_CHARACTERS / 1024} KiB.`);
  const { document, data } = load(text, format);
  if (!isMap(document.contents) || !isData(data)) throw invalid(format, `The ${format.name} is not a map of keys.`);
  const lineBreak = /\r?\n/.exec(text)?.[0] === "\r\n" ? "\r\n" : "\n";
  return { format, text, lineBreak, document, root: document.contents, data };
}

function load(text: string, format: FileFormat): { readonly document: Document.Parsed; readonly data: unknown } {
  try {
    // Keys and aliases are checked below, in less time.
    const documents = parseAllDocuments(text, { merge: true, logLevel: "error", uniqueKeys: false });
    const [document, second] = documents;
    if (document === undefined) throw invalid(format, `The ${format.name} is empty.`);
    if (second !== undefined)
      throw invalid(format, `The ${format.name} holds several YAML documents.`, "Put each into a file of its own.");
    const [error] = document.errors;
    if (error !== undefined) throw error;
    assertSound(document, text);
    return { document, data: document.toJS({ maxAliasCount: -1 }) };
  } catch (cause) {
    if (cause instanceof PetrifyError) throw cause;
    // Unresolved aliases, alias bombs, and nesting deeper than the stack end here; yaml passes that on as an error of its own.
    const reason = cause instanceof Error ? firstLine(cause.message) : "unknown reason";
    // Where the stack ended depends on how full it was: no place is told.
    if (reason.startsWith("Maximum call stack size exceeded"))
      throw invalid(format, `The ${format.name} is nested too deep to be read.`);
    const what = cause instanceof YAMLParseError ? "is not valid YAML" : "cannot be read";
    throw new PetrifyError(format.code, `The ${format.name} ${what}: ${reason}`, { cause });
  }
}

export function isData(data: unknown): data is YamlData {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

export function invalid({ code }: FileFormat, message: string, hint?: string): PetrifyError {
  return new PetrifyError(code, message, hint === undefined ? {} : { hint });
}

function firstLine(text: string): string {
  // yaml shows the lines behind a colon.
  return (text.split("\n", 1)[0] ?? "").replace(/:$/, ".");
}
