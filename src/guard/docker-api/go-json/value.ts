/** A JSON text's content. Numbers are kept as they were written: an int64 does not fit into JavaScript's. */
export type JsonValue =
  | { readonly kind: "null" }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "list"; readonly items: readonly JsonValue[] }
  | JsonObject;

/** No key occurs twice. */
export interface JsonObject {
  readonly kind: "object";
  readonly members: ReadonlyMap<string, JsonValue>;
}

export const NULL: JsonValue = { kind: "null" };

export function jsonString(value: string): JsonValue {
  return { kind: "string", value };
}

export function jsonBool(value: boolean): JsonValue {
  return { kind: "bool", value };
}

/** A whole number. */
export function jsonInt(value: number | bigint): JsonValue {
  return { kind: "number", text: BigInt(value).toString() };
}

export function jsonList(items: readonly JsonValue[]): JsonValue {
  return { kind: "list", items };
}

export function jsonStrings(items: readonly string[]): JsonValue {
  return jsonList(items.map(jsonString));
}

export function jsonObject(members: Iterable<readonly [string, JsonValue]>): JsonObject {
  return { kind: "object", members: new Map(members) };
}

export function jsonStringMap(entries: Readonly<Record<string, string>> | ReadonlyMap<string, string>): JsonObject {
  const pairs = entries instanceof Map ? [...entries] : Object.entries(entries);
  return jsonObject(pairs.map(([key, value]) => [key, jsonString(value)] as const));
}

/** The object with these members set, the others as they are, in their places. */
export function withMembers(object: JsonObject, members: Readonly<Record<string, JsonValue>>): JsonObject {
  const all = new Map(object.members);
  for (const [key, value] of Object.entries(members)) all.set(key, value);
  return { kind: "object", members: all };
}

/** How JSON text is written: how a string is put in quotes, and what follows each comma and colon. */
export interface JsonStyle {
  readonly quote: (text: string) => string;
  readonly space: "" | " ";
}
const DENSE: JsonStyle = { quote: JSON.stringify, space: "" };

/** JSON text, without white space unless the style has some; `parseJson` reads the same from it. */
export function formatJson(value: JsonValue, style: JsonStyle = DENSE): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "bool":
      return String(value.value);
    case "number":
      return value.text;
    case "string":
      return style.quote(value.value);
    case "list":
      return `[${value.items.map((item) => formatJson(item, style)).join(`,${style.space}`)}]`;
    case "object":
      break;
  }
  let text = "";
  for (const [key, member] of value.members)
    text += `${text === "" ? "" : `,${style.space}`}${style.quote(key)}:${style.space}${formatJson(member, style)}`;
  return `{${text}}`;
}
