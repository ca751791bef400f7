import { writeFileSync } from "node:fs";
import { policyJsonSchema } from "../src/policy/json-schema.ts";
import { strategyJsonSchema } from "../src/strategy/json-schema.ts";

// Writes schemas/*.schema.json from the zod schemas; tests fail when they differ.
for (const [name, schema] of [
  ["strategy", strategyJsonSchema()],
  ["policy", policyJsonSchema()],
] as const)
  writeFileSync(new URL(`../schemas/${name}.schema.json`, import.meta.url), schema);
