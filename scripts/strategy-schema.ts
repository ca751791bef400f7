import { writeFileSync } from "node:fs";
import { strategyJsonSchema } from "../src/strategy/json-schema.ts";

// Writes schemas/strategy.schema.json from the zod schema; a test fails when the two differ.
writeFileSync(new URL("../schemas/strategy.schema.json", import.meta.url), strategyJsonSchema());
