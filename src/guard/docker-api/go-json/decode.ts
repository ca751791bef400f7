import { bodyError } from "./body-error.ts";
import { foldKey } from "./fold.ts";
import type { GoStruct, GoType } from "./go-type.ts";
import { shown } from "./parse.ts";
import { type JsonObject, type JsonValue, NULL } from "./value.ts";

export interface Decoded<V extends JsonValue = JsonValue> {
  /** The value with each field under its own name and of its own type; Go reads the same from it as from the client's. */
  readonly value: V;
  /** Where fields are that the type does not have: `HostConfig.Foo`. Their values are kept as they came. */
  readonly unknown: readonly string[];
}

/**
 * What Go's encoding/json reads from a value into a type. Fields are found by name, else by name without regard to case. Refused is
 * what Go refuses, and what it reads but another reader might not: two keys for one field, keys that are not ASCII. `null` stays
 * where Go tells it from a value: in fields, in place of pointers, lists and maps. `path` leads to it. Throws E_REQUEST_BODY.
 */
export function decodeGo(value: JsonValue, type: GoType, path = ""): Decoded {
  const unknown: string[] = [];
  return { value: decode(value, type, path, unknown), unknown };
}

/** The same for a struct; `null` is one without fields. */
export function decodeStruct(value: JsonValue, type: GoStruct, path = ""): Decoded<JsonObject> {
  const unknown: string[] = [];
  const object = value.kind === "null" ? EMPTY : decodeFields(value, type, path, unknown);
  return { value: object, unknown };
}

const EMPTY: JsonObject = { kind: "object", members: new Map() };

function decode(value: JsonValue, type: GoType, path: string, unknown: string[]): JsonValue {
  if (value.kind === "null") return zero(type);
  switch (type.go) {
    case "string":
      return expect(value, "string", path, "a string");
    case "bool":
      return expect(value, "bool", path, "true or false");
    case "float":
      return expect(value, "number", path, "a number");
    case "int":
      return decodeInt(value, type, path);
    case "bytes":
      return decodeBytes(value, path);
    case "any":
      return value;
    case "pointer":
      return decode(value, type.to, path, unknown);
    case "strslice":
      if (value.kind === "string") return { kind: "list", items: [value] };
      return decodeItems(value, { go: "string" }, path, unknown, "a string or a list of strings");
    case "list":
      return decodeItems(value, type.of, path, unknown);
    case "array": {
      const list = expect(value, "list", path, "a list");
      return decodeItems({ ...list, items: list.items.slice(0, type.length) }, type.of, path, unknown);
    }
    case "map": {
      const { members } = expect(value, "object", path, "an object");
      const decoded = [...members].map(
        ([key, member]) => [key, decode(member, type.of, `${path}[${shown(key)}]`, unknown)] as const,
      );
      return { kind: "object", members: new Map(decoded) };
    }
    case "struct":
      break;
  }
  return decodeFields(value, type, path, unknown);
}

/** What stands for `null` in a list or a map: it leaves the type's zero value, which is null itself for what has a nil. */
function zero(type: GoType): JsonValue {
  switch (type.go) {
    case "string":
      return { kind: "string", value: "" };
    case "bool":
      return { kind: "bool", value: false };
    case "int":
    case "float":
      return { kind: "number", text: "0" };
    case "struct":
      return EMPTY;
    case "array":
    case "bytes":
    case "any":
    case "strslice":
    case "list":
    case "map":
    case "pointer":
      break;
  }
  return NULL;
}

function decodeFields(value: JsonValue, type: GoStruct, path: string, unknown: string[]): JsonObject {
  const object = expect(value, "object", path, "an object");
  const names = foldedNames(type);
  const members = new Map<string, JsonValue>();
  const seen = new Map<string, string>();
  for (const [key, member] of object.members) {
    const folded = foldKey(key);
    const other = seen.get(folded);
    if (other !== undefined)
      throw bodyError(path, `has the field ${shown(other)} twice, the other time as ${shown(key)}`);
    seen.set(folded, key);
    const name = names.get(folded);
    const inner = path === "" ? (name ?? key) : `${path}.${name ?? key}`;
    if (name === undefined) {
      // Readers that fold by other rules than Go's could take it for a field.
      if (!/^[ -~]*$/.test(key)) throw bodyError(path, `has the key ${shown(key)}, which is not ASCII`);
      unknown.push(inner);
      members.set(key, member);
      continue;
    }
    const field = type.fields.get(name) as { readonly type: GoType };
    members.set(name, member.kind === "null" ? NULL : decode(member, field.type, inner, unknown));
  }
  return { kind: "object", members };
}

const FOLDED = new WeakMap<GoStruct, ReadonlyMap<string, string>>();
function foldedNames(type: GoStruct): ReadonlyMap<string, string> {
  const known = FOLDED.get(type);
  if (known !== undefined) return known;
  const names = new Map([...type.fields.keys()].map((name) => [foldKey(name), name]));
  FOLDED.set(type, names);
  return names;
}

function decodeItems(value: JsonValue, of: GoType, path: string, unknown: string[], what = "a list"): JsonValue {
  const { items } = expect(value, "list", path, what);
  return { kind: "list", items: items.map((item, index) => decode(item, of, `${path}[${index}]`, unknown)) };
}

function decodeInt(
  value: JsonValue,
  { min, max }: { readonly min: bigint; readonly max: bigint },
  path: string,
): JsonValue {
  // strconv.ParseInt and ParseUint: no fraction, no exponent, no sign for what has none. 25 digits are beyond each of them.
  const pattern = min < 0n ? /^-?\d{1,25}$/ : /^\d{1,25}$/;
  const range = min < 0n && max > 2n ** 32n ? "" : ` from ${min} to ${max}`;
  if (value.kind !== "number" || !pattern.test(value.text)) throw bodyError(path, `must be a whole number${range}`);
  const number = BigInt(value.text);
  if (number < min || number > max) throw bodyError(path, `must be a whole number from ${min} to ${max}`);
  return value;
}

function decodeBytes(value: JsonValue, path: string): JsonValue {
  const text = expect(value, "string", path, "a string in base64");
  const isBase64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(text.value);
  if (!isBase64) throw bodyError(path, "must be a string in base64");
  return text;
}

function expect<K extends JsonValue["kind"]>(
  value: JsonValue,
  kind: K,
  path: string,
  what: string,
): Extract<JsonValue, { readonly kind: K }> {
  if (value.kind !== kind) throw bodyError(path, `must be ${what}`);
  return value as Extract<JsonValue, { readonly kind: K }>;
}
