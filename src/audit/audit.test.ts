import { expect, test } from "vitest";
import { audit } from "./audit.ts";
import { webOf } from "./inputs/compose/testing.ts";
import { RULES } from "./rules.ts";

test.each([
  ["read_only: ${READ_ONLY}", false],
  ["read_only: ${READ_ONLY:-false}", true],
  ["image: x", true],
])("what is not known is not judged: %s", (setting, fires) => {
  const findings = audit([webOf(`services:\n  web:\n    ${setting}\n`)], RULES);
  expect(findings.some(({ rule }) => rule === "read-only-root")).toBe(fires);
});
