import { type Pair, type YAMLMap, isAlias, isMap, isNode, isScalar, isSeq, parseDocument } from "yaml";
import { PlacedBuilder, PlacedText } from "../../../export/placed-text.ts";
import { PetrifyError } from "../../../model/errors.ts";
import type { Location } from "../../../model/finding.ts";
import type { Located } from "../../container.ts";
import type { Locator } from "../../locator.ts";

// yaml needs about a second for a megabyte.
const LARGEST_CHARACTERS = 2 ** 20;
// Deeper than any template that somebody writes.
const DEEPEST = 60;
/** What CloudFormation computes. */
const FUNCTION = /^(?:Ref|Fn::\w+)$/;

interface Where {
  readonly locate: Locator;
  /** The text that was parsed: the file, or a text in it that holds JSON itself. */
  readonly placed: PlacedText;
}

/** A map of a task definition. Keys may be written as the API has them, or as CloudFormation does: with a capital. */
export class Fields {
  readonly #where: Where;
  readonly #map: YAMLMap;
  readonly #at: Location;

  constructor(where: Where, map: YAMLMap, at: Location) {
    this.#where = where;
    this.#map = map;
    this.#at = at;
  }

  get at(): Location {
    return this.#at;
  }

  has(key: string): boolean {
    return this.#pair(key) !== undefined;
  }

  /** Whether something is written that is only known when the template is deployed: a function, or a parameter. */
  isUnknown(key: string): boolean {
    const value = this.#pair(key)?.value;
    if (isNode(value) && !isAlias(value) && value.tag?.startsWith("!") === true) return true;
    if (isMap(value)) return value.items.some((item) => isScalar(item.key) && FUNCTION.test(String(item.key.value)));
    return isScalar(value) && typeof value.value === "string" && value.value.includes("${");
  }

  text(key: string): Located<string> | undefined {
    return this.#scalar(key, (value) =>
      typeof value === "string" || typeof value === "number" ? String(value) : undefined,
    );
  }

  number(key: string): Located<number> | undefined {
    return this.#scalar(key, (value) => {
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      return typeof number === "number" && Number.isFinite(number) ? number : undefined;
    });
  }

  boolean(key: string): Located<boolean> | undefined {
    return this.#scalar(key, (value) =>
      typeof value === "boolean" ? value : value === "true" ? true : value === "false" ? false : undefined,
    );
  }

  texts(key: string): Located<readonly string[]> | undefined {
    const pair = this.#pair(key);
    if (pair === undefined || !isSeq(pair.value)) return undefined;
    const value = pair.value.items.flatMap((item) =>
      isScalar(item) && typeof item.value === "string" ? [item.value] : [],
    );
    return { value, at: this.place(key) };
  }

  map(key: string): Fields | undefined {
    const value = this.#pair(key)?.value;
    return isMap(value) ? new Fields(this.#where, value, this.place(key)) : undefined;
  }

  /** The maps of a list; those of a text that holds such a list as JSON, too. */
  maps(key: string): readonly Fields[] {
    const value = this.#pair(key)?.value;
    if (isScalar(value) && typeof value.value === "string" && value.value.trimStart().startsWith("["))
      return listIn(this.#inner(value.range?.[0] ?? 0, value.range?.[1] ?? 0), this.#where.locate);
    return isSeq(value) && !this.isUnknown(key) ? mapsOf(this.#where, value.items) : [];
  }

  /** Every map below, and this one. */
  *walk(depth = 0): Generator<Fields> {
    yield this;
    if (depth < DEEPEST) for (const { value } of this.#map.items) yield* walkNode(this.#where, value, depth + 1);
  }

  /** Where a key stands. */
  place(key: string): Location {
    return spanOf(this.#where, this.#pair(key)?.key) ?? this.#at;
  }

  #scalar<T>(key: string, read: (value: unknown) => T | undefined): Located<T> | undefined {
    const value = this.#pair(key)?.value;
    const result = isScalar(value) && !this.isUnknown(key) ? read(value.value) : undefined;
    return result === undefined ? undefined : { value: result, at: this.place(key) };
  }

  #pair(key: string): Pair | undefined {
    const capital = key.charAt(0).toUpperCase() + key.slice(1);
    return this.#map.items.findLast(
      (pair) => isScalar(pair.key) && (pair.key.value === key || pair.key.value === capital),
    );
  }

  /** The text of a string in quotes, without its escapes. */
  #inner(from: number, to: number): PlacedText {
    const { placed } = this.#where;
    const builder = new PlacedBuilder();
    for (let at = from + 1; at < to - 1; at++) {
      const escape = /^\\(?:u[\dA-Fa-f]{4}|[^])/.exec(placed.text.slice(at, at + 6))?.[0];
      builder.add(escape === undefined ? placed.text.charAt(at) : unescape(escape), placed.at(at));
      if (escape !== undefined) at += escape.length - 1;
    }
    return builder.build();
  }
}

const LETTERS: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

function unescape(escape: string): string {
  const sign = escape.charAt(1);
  return escape.length > 2 ? String.fromCharCode(Number.parseInt(escape.slice(2), 16)) : (LETTERS[sign] ?? sign);
}

/** Every map of a file in JSON or YAML. Throws E_TASK_DEFINITION. */
export function mapsIn(text: string, locate: Locator): Generator<Fields> {
  const placed = new PlacedText(text, 0);
  return walkNode({ locate, placed }, contents(placed), 0);
}

function listIn(placed: PlacedText, locate: Locator): readonly Fields[] {
  const list = contents(placed);
  return isSeq(list) ? mapsOf({ locate, placed }, list.items) : [];
}

function contents({ text }: PlacedText): unknown {
  if (text.length > LARGEST_CHARACTERS) throw invalid(`It is larger than ${LARGEST_CHARACTERS / 1024} KiB.`);
  let document;
  try {
    document = parseDocument(text, { logLevel: "silent" });
  } catch (cause) {
    throw invalid("It is nested too deeply, or not to be read at all.", cause);
  }
  const [error] = document.errors;
  if (error !== undefined)
    throw invalid((error.message.split(/ at line| \(|\n/, 1)[0] ?? "").replace(/\.?$/, "."), error);
  return document.contents;
}

function invalid(message: string, cause?: unknown): PetrifyError {
  return new PetrifyError("E_TASK_DEFINITION", `The task definition is not valid JSON: ${message}`, {
    hint: "aws ecs register-task-definition --cli-input-json file://FILE --generate-cli-skeleton output says what is wrong with it.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function mapsOf(where: Where, items: readonly unknown[]): readonly Fields[] {
  return items.flatMap((item) => (isMap(item) ? [new Fields(where, item, placeOfMap(where, item))] : []));
}

function* walkNode(where: Where, node: unknown, depth: number): Generator<Fields> {
  if (depth > DEEPEST) return;
  if (isMap(node)) yield* new Fields(where, node, placeOfMap(where, node)).walk(depth);
  else if (isSeq(node)) for (const item of node.items) yield* walkNode(where, item, depth + 1);
}

/** Its name tells most, then its first key. */
function placeOfMap(where: Where, map: YAMLMap): Location {
  const named = map.items.find(({ key }) => isScalar(key) && /^[nN]ame$/.test(String(key.value))) ?? map.items[0];
  return spanOf(where, named?.key) ?? where.locate(where.placed.at(map.range?.[0] ?? 0));
}

function spanOf({ locate, placed }: Where, node: unknown): Location | undefined {
  const range = isScalar(node) ? node.range : undefined;
  return range === undefined || range === null ? undefined : locate(placed.at(range[0]), placed.at(range[1]));
}
