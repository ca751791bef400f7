import { type Document, isMap, isScalar, isSeq, type Node, parseAllDocuments, type Scalar } from "yaml";
import { bodyError } from "../go-json/body-error.ts";
import { shown } from "../go-json/parse.ts";
import { formatJson, jsonBool, type JsonObject, jsonList, jsonString, type JsonValue, NULL } from "../go-json/value.ts";

/** What differs between readers of YAML, or is a break of line to one and a character to another. */
// oxlint-disable-next-line no-control-regex -- controls are what this is about
const ODD_CHARACTERS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]|\r(?!\n)/;

/** Lists and maps within each other; a pod's fields need 12. */
const MAX_DEPTH = 64;

/**
 * The documents of a YAML text, without empty ones, as what all versions of YAML and all of Go's readers take them for. Aliases,
 * tags, merge keys and scalars that mean one thing to YAML 1.1 and another to 1.2 (`yes`, `0644`) are refused. Throws
 * E_REQUEST_BODY.
 */
export function parseStrictYaml(bytes: Uint8Array, maxBytes: number): readonly JsonObject[] {
  if (bytes.length > maxBytes) throw bodyError("", `is longer than ${maxBytes} bytes`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw bodyError("", "is not UTF-8");
  }
  if (ODD_CHARACTERS.test(text)) throw bodyError("", "holds a character that readers of YAML take differently");
  if (/^%/m.test(text)) throw bodyError("", "holds a directive of YAML");
  let documents: readonly Document.Parsed[];
  try {
    documents = [...parseAllDocuments(text, { version: "1.2", merge: false, uniqueKeys: true, logLevel: "silent" })];
  } catch {
    throw bodyError("", "is not YAML that can be read here");
  }
  return documents.flatMap((document, index) => {
    const problem = [...document.errors, ...document.warnings][0];
    if (problem !== undefined) throw bodyError("", `is not YAML in document ${index + 1} (${problem.code})`);
    const value = convert(document.contents, "", 0);
    if (value.kind === "null") return [];
    if (value.kind !== "object") throw bodyError("", `is no map of keys in document ${index + 1}`);
    return [value];
  });
}

function convert(node: Node | null, path: string, depth: number): JsonValue {
  if (depth > MAX_DEPTH) throw bodyError("", `is nested deeper than ${MAX_DEPTH} levels`);
  if (node === null) return NULL;
  if (isMap(node) || isSeq(node) || isScalar(node)) {
    if (node.anchor !== undefined) throw bodyError(path, "has an anchor");
    if (node.tag !== undefined) throw bodyError(path, "has a tag");
  }
  if (isMap(node)) {
    const members = node.items.map(({ key, value }) => {
      const name = keyText(key, path);
      const inner = path === "" ? name : `${path}.${name}`;
      return [name, convert(value as Node | null, inner, depth + 1)] as const;
    });
    const object = new Map(members);
    if (object.size < members.length) throw bodyError(path, "has a key twice");
    return { kind: "object", members: object };
  }
  if (isSeq(node))
    return jsonList(node.items.map((item, index) => convert(item as Node | null, `${path}[${index}]`, depth + 1)));
  if (isScalar(node)) return scalar(node, path);
  throw bodyError(path, "is an alias");
}

function keyText(key: unknown, path: string): string {
  const value = isScalar(key) ? scalar(key, path) : NULL;
  if (
    !isScalar(key) ||
    key.anchor !== undefined ||
    key.tag !== undefined ||
    value.kind !== "string" ||
    value.value === "<<"
  )
    throw bodyError(path, "has a key that is no plain text");
  return value.value;
}

/** A number as JSON writes it, and as short as that. */
const NUMBER = /^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?$/;
/** Amounts, durations, versions and addresses: text to every reader. */
const TEXT_WITH_DIGITS =
  /^(?:[1-9]\d{0,17}(?:\.\d{1,17})?(?:m|k|ms|s|h|[KMGTPE]i?)|\d{1,3}\.\d{1,3}\.\d[\w.-]*(?:\/\d{1,2})?)$/;
/** Numbers, dates and times of YAML 1.1, and what begins like one. */
const LIKE_A_NUMBER = /^[-+]?[.]?\d|^[-+]?\.(?:inf|nan)$/i;
const WORDS_OF_1_1 = /^(?:y|yes|n|no|on|off|=|<<)$/i;

function scalar(node: Scalar, path: string): JsonValue {
  const { source, type, value } = node;
  if (type !== "PLAIN") {
    if (typeof value !== "string") throw bodyError(path, "is no text");
    return jsonString(value);
  }
  const text = source ?? "";
  if (text === "" || /^(?:~|null|Null|NULL)$/.test(text)) return NULL;
  if (/^(?:true|True|TRUE)$/.test(text)) return jsonBool(true);
  if (/^(?:false|False|FALSE)$/.test(text)) return jsonBool(false);
  if (NUMBER.test(text)) return { kind: "number", text };
  const isOdd = (LIKE_A_NUMBER.test(text) && !TEXT_WITH_DIGITS.test(text)) || WORDS_OF_1_1.test(text);
  if (isOdd) throw bodyError(path, `is ${shown(text)}, which versions of YAML take differently: put it in quotes`);
  if (typeof value !== "string") throw bodyError(path, "is no text");
  return jsonString(value);
}

/** JSON that each reader of YAML takes for the same: what breaks lines to some of them is escaped. */
export function formatYamlJson(value: JsonValue): string {
  return formatJson(value, { quote: quoted, space: " " });
}

function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
