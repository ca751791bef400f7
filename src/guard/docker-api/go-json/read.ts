import type { JsonObject, JsonValue } from "./value.ts";

/*
 * Reading of decoded values as Go's structs hold them: what is absent or null is the zero value. A value of another kind than the
 * type says cannot come out of decodeGo; it reads as the zero value too.
 */

const EMPTY: ReadonlyMap<string, JsonValue> = new Map();

/** A field; undefined when it is absent or null. */
export function field(object: JsonObject | undefined, name: string): JsonValue | undefined {
  const value = object?.members.get(name);
  return value === undefined || value.kind === "null" ? undefined : value;
}

/** A field that is a struct or a pointer to one; undefined without. */
export function objectField(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = field(object, name);
  return value?.kind === "object" ? value : undefined;
}

export function stringField(object: JsonObject | undefined, name: string): string {
  return stringOf(field(object, name));
}

export function boolField(object: JsonObject | undefined, name: string): boolean {
  const value = field(object, name);
  return value?.kind === "bool" && value.value;
}

/** Undefined when it is absent or null, which pointers tell from 0. */
export function intField(object: JsonObject | undefined, name: string): bigint | undefined {
  const value = field(object, name);
  return value?.kind === "number" && /^-?\d+$/.test(value.text) ? BigInt(value.text) : undefined;
}

/** Undefined when it is absent or null: Go's nil, which some fields tell from an empty list. */
export function listField(object: JsonObject | undefined, name: string): readonly JsonValue[] | undefined {
  const value = field(object, name);
  return value?.kind === "list" ? value.items : undefined;
}

/** Undefined when it is absent or null. */
export function stringsField(object: JsonObject | undefined, name: string): readonly string[] | undefined {
  return listField(object, name)?.map(stringOf);
}

export function mapField(object: JsonObject | undefined, name: string): ReadonlyMap<string, JsonValue> {
  return objectField(object, name)?.members ?? EMPTY;
}

export function stringMapField(object: JsonObject | undefined, name: string): ReadonlyMap<string, string> {
  return new Map([...mapField(object, name)].map(([key, value]) => [key, stringOf(value)]));
}

export function stringOf(value: JsonValue | undefined): string {
  return value?.kind === "string" ? value.value : "";
}
