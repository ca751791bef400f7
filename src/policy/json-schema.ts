import { publishedSchema } from "../strategy/json-schema.ts";
import { policyFile } from "./file-schema.ts";

/** The published JSON Schema (2020-12) of a policy file, as text. */
export function policyJsonSchema(): string {
  return publishedSchema(policyFile, { $id: "urn:petrify:policy:v1", title: "Petrify read-only policy" });
}
