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

/** The lines of a map in block style, without line breaks at their ends. */
export function mapLines(map: YamlMap, indent = ""): string[] {
  return Object.entries(map).flatMap(([key, item]) => {
    const { comments, value } = uncomment(item);
    return [
      ...comments.map((comment) => `${indent}# ${comment}`),
      ...under(`${indent}${yamlScalar(key)}:`, value, `${indent}  `),
    ];
  });
}

/** The lines of a list in block style. */
export function listLines(list: readonly YamlItem[], indent = ""): string[] {
  return list.flatMap((item) => {
    const { comments, value } = uncomment(item);
    const [first = "", ...more] = isContainer(value) ? linesOf(value, `${indent}  `) : [`${indent}  ${leaf(value)}`];
    return [...comments.map((comment) => `${indent}# ${comment}`), `${indent}- ${first.trimStart()}`, ...more];
  });
}

/** A string on one line: plain when every YAML reader takes it for this very string, else in double quotes. */
export function yamlScalar(text: string): string {
  return isPlain(text) ? text : quoted(text);
}

function under(head: string, value: YamlValue, indent: string): string[] {
  if (isContainer(value)) {
    const lines = linesOf(value, indent);
    return lines.length === 0 ? [`${head} ${Array.isArray(value) ? "[]" : "{}"}`] : [head, ...lines];
  }
  return [value === null ? head : `${head} ${leaf(value)}`];
}

function linesOf(value: readonly YamlItem[] | YamlMap, indent: string): string[] {
  return isList(value) ? listLines(value, indent) : mapLines(value, indent);
}

function leaf(value: string | number | boolean | null): string {
  return typeof value === "string" ? yamlScalar(value) : String(value);
}

function uncomment(item: YamlItem): { readonly comments: readonly string[]; readonly value: YamlValue } {
  return item instanceof Commented ? item : { comments: [], value: item };
}

function isContainer(value: YamlValue): value is readonly YamlItem[] | YamlMap {
  return typeof value === "object" && value !== null;
}

function isList(value: readonly YamlItem[] | YamlMap): value is readonly YamlItem[] {
  return Array.isArray(value);
}

/*
 * Plain are words of letters, digits and a few signs that mean nothing in YAML at their place. Left out is what YAML 1.1
 * reads as something else: numbers (also octal, sexagesimal `22:22` and with underscores), dates, booleans (`no`, `on`, `y`), null.
 */
function isPlain(text: string): boolean {
  return (
    /^[A-Za-z_/][A-Za-z0-9_/.=,@+:-]*$/.test(text) &&
    !text.endsWith(":") &&
    !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text)
  );
}

function quoted(text: string): string {
  // JSON's strings are YAML's, but YAML wants everything that cannot be printed escaped (YAML 1.2, c-printable).
  return JSON.stringify(text).replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029\uFEFF\uFFFE\uFFFF]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
