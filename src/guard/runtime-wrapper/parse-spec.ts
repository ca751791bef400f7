import type { OciSpec } from "./spec.ts";
import { SpecError } from "./spec.ts";

/**
 * Reads a config.json as the runtime will: throws SpecError for what is none, and for names that only a reader that ignores case
 * would take for one that is judged (Go's encoding/json does). `formatSpec` writes the same values, whatever their size.
 */
export function parseSpec(text: string): OciSpec {
  let value: unknown;
  try {
    value = JSON.parse(text, keepNumber);
  } catch (cause) {
    throw new SpecError("it is no JSON", { cause });
  }
  check(value, SPEC, "");
  return value as OciSpec;
}

export function formatSpec(spec: OciSpec): string {
  return JSON.stringify(spec);
}

// Of ECMAScript's "JSON.parse source text access", which TypeScript's library does not describe.
const RawJson = JSON as unknown as {
  rawJSON(text: string): { readonly rawJSON: string };
  isRawJSON(value: unknown): boolean;
};

/** Limits of memory and arguments of seccomp are 64 bits wide. */
function keepNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || context?.source === undefined || String(value) === context.source) return value;
  return RawJson.rawJSON(context.source);
}

type Shape =
  | "string"
  | "boolean"
  | "number"
  | "object"
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>>; readonly needs?: readonly string[] };

const STRINGS: Shape = { list: "string" };
const SPEC: Shape = {
  fields: {
    root: { fields: { path: "string", readonly: "boolean" } },
    process: {
      fields: {
        args: STRINGS,
        env: STRINGS,
        cwd: "string",
        user: { fields: { uid: "number", gid: "number" } },
        noNewPrivileges: "boolean",
        capabilities: {
          fields: {
            bounding: STRINGS,
            effective: STRINGS,
            inheritable: STRINGS,
            permitted: STRINGS,
            ambient: STRINGS,
          },
        },
      },
    },
    mounts: {
      list: {
        fields: { destination: "string", type: "string", source: "string", options: STRINGS },
        needs: ["destination"],
      },
    },
    annotations: { map: "string" },
    linux: {
      fields: {
        readonlyPaths: STRINGS,
        maskedPaths: STRINGS,
        seccomp: "object",
        namespaces: { list: { fields: { type: "string", path: "string" }, needs: ["type"] } },
        devices: { list: { fields: { path: "string" }, needs: ["path"] } },
        resources: {
          fields: {
            devices: {
              list: {
                fields: { allow: "boolean", type: "string", major: "number", minor: "number", access: "string" },
                needs: ["allow"],
              },
            },
            memory: { fields: { limit: "number" } },
            pids: { fields: { limit: "number" } },
          },
        },
      },
    },
  },
};

function check(value: unknown, shape: Shape, path: string): void {
  if (typeof shape === "string") {
    if (!isA(value, shape)) throw new SpecError(`${path} is no ${shape}`);
    return;
  }
  if ("list" in shape) {
    if (!Array.isArray(value)) throw new SpecError(`${path} is no list`);
    for (const [index, item] of value.entries()) check(item, shape.list, `${path}[${index}]`);
    return;
  }
  if (!isObject(value)) throw new SpecError(`${path === "" ? "it" : path} is no object`);
  const entries = Object.entries(value);
  if ("map" in shape) {
    for (const [key, item] of entries) check(item, shape.map, `${path}.${key}`);
    return;
  }
  const names = new Map(Object.keys(shape.fields).map((name) => [folded(name), name]));
  for (const [key, item] of entries) {
    const name = names.get(folded(key));
    if (name === undefined) continue;
    const place = path === "" ? key : `${path}.${key}`;
    if (name !== key) throw new SpecError(`${place} is ${name} in another spelling`);
    // Go writes nil slices and pointers as null, and reads null as nothing.
    if (item === null) delete (value as Record<string, unknown>)[key];
    else check(item, shape.fields[name] as Shape, place);
  }
  for (const name of shape.needs ?? []) if (!Object.hasOwn(value, name)) throw new SpecError(`${path} has no ${name}`);
}

/** As Go's decoder compares names: it also takes U+017F for s and U+212A for k (encoding/json, fold.go). */
function folded(name: string): string {
  return name.replaceAll("\u017F", "s").replaceAll("\u212A", "k").toLowerCase();
}

function isA(value: unknown, kind: "string" | "boolean" | "number" | "object"): boolean {
  if (kind === "object") return isObject(value);
  if (kind === "number") return typeof value === "number" || RawJson.isRawJSON(value);
  return typeof value === kind;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
