/** What Petrify writes as YAML: a small subset, in block style, that YAML 1.1 (docker-compose 1.29) and 1.2 read alike. */
export type YamlValue = string | number | boolean | null | readonly YamlItem[] | YamlMap;
export type YamlItem = YamlValue | Commented;
/** Keys with their values; a key without a value is written as `key:`. */
export type YamlMap = { readonly [key: string]: YamlItem };

/** A value with comment lines above it. */
export class Commented {
  readonly comments: readonly string[];
  readonly value: YamlValue;
  constructor(comments: readonly string[], value: YamlValue) {
    this.comments = comments;
    this.value = value;
  }
}

/** How far nested lines stand right of their key. */
export interface BlockStyle {
  readonly map: string;
  readonly list: string;
}
const DEFAULT_STYLE: BlockStyle = { map: "  ", list: "  " };

/** The lines of a map in block style, without line breaks at their ends. */
export function mapLines(map: YamlMap, indent = "", style = DEFAULT_STYLE): string[] {
  return Object.entries(map).flatMap(([key, item]) => {
    const { comments, value } = uncomment(item);
    const head = `${indent}${yamlScalar(key)}:`;
    return [...comments.map((comment) => `${indent}# ${comment}`), ...pairLines(head, value, indent, style)];
  });
}

/** The lines of a list in block style. */
export function listLines(list: readonly YamlItem[], indent = "", style = DEFAULT_STYLE): string[] {
  return list.flatMap((item) => {
    const { comments, value } = uncomment(item);
    const inner = `${indent}  `;
    const [first = "", ...more] = isMap(value)
      ? mapLines(value, inner, style)
      : [typeof value === "string" ? yamlScalar(value) : flowText(value)];
    return [...comments.map((comment) => `${indent}# ${comment}`), `${indent}- ${first.trimStart()}`, ...more];
  });
}

/** A value on one line, without its comments; also JSON, when keys are quoted. */
export function flowText(value: YamlValue, keys: "plain keys" | "quoted keys" = "quoted keys"): string {
  if (isList(value)) return `[${flowItems(value)}]`;
  if (isMap(value)) return `{${flowPairs(value, keys)}}`;
  return typeof value === "string" ? quoted(value) : String(value);
}

/** Items for the inside of `[]`. */
export function flowItems(list: readonly YamlItem[]): string {
  return list.map((item) => flowText(uncomment(item).value)).join(", ");
}

/** Pairs for the inside of `{}`. */
export function flowPairs(map: YamlMap, keys: "plain keys" | "quoted keys"): string {
  const keyText = (key: string) => (keys === "plain keys" && /^\w+$/.test(key) ? yamlScalar(key) : quoted(key));
  return Object.entries(map)
    .map(([key, item]) => `${keyText(key)}: ${flowText(uncomment(item).value, keys)}`)
    .join(", ");
}

/** A string on one line: plain when every YAML reader takes it for this very string, else in double quotes. */
export function yamlScalar(text: string): string {
  return isPlain(text) ? text : quoted(text);
}

function pairLines(head: string, value: YamlValue, indent: string, style: BlockStyle): string[] {
  if (isList(value) && value.length > 0) return [head, ...listLines(value, indent + style.list, style)];
  if (isMap(value) && Object.keys(value).length > 0) return [head, ...mapLines(value, indent + style.map, style)];
  if (value === null) return [head];
  return [`${head} ${typeof value === "string" ? yamlScalar(value) : flowText(value)}`];
}

function uncomment(item: YamlItem): { readonly comments: readonly string[]; readonly value: YamlValue } {
  return item instanceof Commented ? item : { comments: [], value: item };
}

function isMap(value: YamlValue): value is YamlMap {
  return typeof value === "object" && value !== null && !isList(value);
}

function isList(value: YamlValue): value is readonly YamlItem[] {
  return Array.isArray(value);
}

/*
 * Plain are words of letters, digits and a few signs that mean nothing in YAML at their place. Left out is what YAML 1.1
 * reads as something else: numbers (also octal, sexagesimal `22:22` and with underscores), dates, booleans (`no`, `on`, `y`), null.
 */
function isPlain(text: string): boolean {
  return (
    /^(?:[A-Za-z_/][A-Za-z0-9_/.=,@+:-]*|[0-9]+[KMGT]iB)$/.test(text) &&
    !text.endsWith(":") &&
    !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text)
  );
}

function quoted(text: string): string {
  // JSON's strings are YAML's, but YAML wants everything that cannot be printed escaped (YAML 1.2, c-printable).
  // Format characters (Cf) too: text that runs from right to left, or that has no width, would deceive who reviews it.
  return JSON.stringify(text).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\uFFFE\uFFFF]/gu, (character) =>
    Array.from({ length: character.length }, (_, unit) => escaped(character.charCodeAt(unit))).join(""),
  );
}

function escaped(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, "0")}`;
}
