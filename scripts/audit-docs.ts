import { writeFileSync } from "node:fs";
import { RULES } from "../src/audit/rules.ts";
import { rulesPage } from "../src/audit/rules-page.ts";

// Writes docs/reference/audit-rules.md from the rules; a test fails when the two differ.
writeFileSync(new URL("../docs/reference/audit-rules.md", import.meta.url), rulesPage(RULES));
