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

/** JSON text without white space; `parseJson` reads the same from it. */
export function formatJson(value: JsonValue): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "bool":
      return String(value.value);
    case "number":
      return value.text;
    case "string":
      return JSON.stringify(value.value);
    case "list":
      return `[${value.items.map(formatJson).join(",")}]`;
    case "object":
      break;
  }
  let text = "";
  for (const [key, member] of value.members)
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${formatJson(member)}`;
  return `{${text}}`;
}
