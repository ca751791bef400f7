/** A type of Go, as far as encoding/json tells types apart. */
export type GoType =
  | { readonly go: "string" }
  | { readonly go: "bool" }
  | { readonly go: "int"; readonly min: bigint; readonly max: bigint }
  | { readonly go: "float" }
  /** `[]byte`: base64. */
  | { readonly go: "bytes" }
  /** `interface{}` or json.RawMessage: anything. */
  | { readonly go: "any" }
  /** moby's strslice.StrSlice: a list, or one string that stands for a list of one. */
  | { readonly go: "strslice" }
  /** `[]T`. */
  | { readonly go: "list"; readonly of: GoType }
  /** `[n]T`: what is too much is dropped. */
  | { readonly go: "array"; readonly of: GoType; readonly length: number }
  /** `map[string]T`: keys are taken as they are. */
  | { readonly go: "map"; readonly of: GoType }
  | GoStruct
  /** `*T` of a struct, bool or number. */
  | { readonly go: "pointer"; readonly to: GoType };

export interface GoStruct {
  readonly go: "struct";
  readonly fields: ReadonlyMap<string, GoField>;
}

export interface GoField {
  readonly type: GoType;
  /** How many embedded structs it lies within. */
  readonly depth: number;
}

const signed = (bits: bigint): GoType => ({ go: "int", min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n });
const unsigned = (bits: bigint): GoType => ({ go: "int", min: 0n, max: 2n ** bits - 1n });

export const STRING: GoType = { go: "string" };
export const BOOL: GoType = { go: "bool" };
/** `int` is 64 bits wide on what engines run on. */
export const INT64: GoType = signed(64n);
export const INT32: GoType = signed(32n);
export const UINT64: GoType = unsigned(64n);
export const UINT32: GoType = unsigned(32n);
export const UINT16: GoType = unsigned(16n);
export const FLOAT: GoType = { go: "float" };
export const BYTES: GoType = { go: "bytes" };
export const ANY: GoType = { go: "any" };
export const STRSLICE: GoType = { go: "strslice" };
export const STRINGS: GoType = { go: "list", of: STRING };
export const STRING_MAP: GoType = { go: "map", of: STRING };

export function listOf(of: GoType): GoType {
  return { go: "list", of };
}

export function arrayOf(of: GoType, length: number): GoType {
  return { go: "array", of, length };
}

export function mapOf(of: GoType): GoType {
  return { go: "map", of };
}

export function pointerTo(to: GoType): GoType {
  return { go: "pointer", to };
}

/**
 * A struct by the JSON names of its fields, and of the structs embedded in it: the name that lies less deep counts, and one that
 * two structs have at the same depth counts in neither (encoding/json, "Go visibility rules"). A name with a tag that wins over one
 * without at the same depth does not occur in what is read here, and throws.
 */
export function struct(fields: Readonly<Record<string, GoType>>, ...embedded: readonly GoStruct[]): GoStruct {
  const all = new Map<string, GoField>(Object.entries(fields).map(([name, type]) => [name, { type, depth: 0 }]));
  for (const [name, field] of embedded.flatMap((inner) => [...inner.fields])) {
    const deeper = { type: field.type, depth: field.depth + 1 };
    const known = all.get(name);
    if (known?.depth === deeper.depth) throw new Error(`two embedded structs have the field ${name}`);
    if (known === undefined || known.depth > deeper.depth) all.set(name, deeper);
  }
  return { go: "struct", fields: all };
}
