import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** Kubernetes' own definitions of the kinds that hold pods, in which a field that a version does not know is an error. */
export type SchemaVersion = "1.25" | "1.34" | "1.36" | "1.37";

const API_GROUPS: Readonly<Record<string, string>> = { v1: "core", "apps/v1": "apps", "batch/v1": "batch" };
const schemas = new Map<string, z.ZodType>();

/** What is wrong with an object, by Kubernetes' OpenAPI definitions; empty when nothing is. */
export function schemaErrors(version: SchemaVersion, object: unknown): string[] {
  const { apiVersion, kind } = z.object({ apiVersion: z.string(), kind: z.string() }).parse(object);
  const group = API_GROUPS[apiVersion];
  if (group === undefined) return [`unknown apiVersion ${apiVersion}`];
  const result = schemaOf(version, `io.k8s.api.${group}.v1.${kind}`).safeParse(object);
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

function schemaOf(version: SchemaVersion, name: string): z.ZodType {
  const key = `${version} ${name}`;
  const known = schemas.get(key);
  if (known !== undefined) return known;
  const file = join(import.meta.dirname, "../fixtures/kubernetes", `${version}.json`);
  const { $defs } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly $defs: Record<string, z.core.JSONSchema.BaseSchema>;
  };
  if (!Object.hasOwn($defs, name)) throw new Error(`Kubernetes ${version} has no ${name}.`);
  const schema = z.fromJSONSchema({ $schema: "https://json-schema.org/draft/2020-12/schema", $defs, ...$defs[name] });
  schemas.set(key, schema);
  return schema;
}
