import { expect, test } from "vitest";
import type { InputKind } from "../model/finding.ts";
import { audit } from "./audit.ts";
import { type AuditedContainer, CANNOT_SAY, type SettingName, type Settings } from "./container.ts";
import { RULES } from "./rules.ts";
import { CHANGES } from "./testing/changes.ts";
import { CLEAN, KINDS } from "./testing/one-field.ts";

const CASES = KINDS.flatMap((kind) =>
  CHANGES.filter(({ field }) => !CANNOT_SAY[kind].has(field as SettingName)).map((one) => ({ kind, ...one })),
);

test.each(KINDS)("%s: the clean container has no findings", (kind) => {
  expect(rulesOn(kind, {})).toEqual([]);
});

test.each(CASES)("$kind: $field becomes $to", ({ kind, settings, fires, but, container }) => {
  expect(rulesOn(kind, settings, container)).toEqual([...(but?.[kind] ?? fires)].toSorted());
});

test("there are at least 300 changes, and each rule is fired by one", () => {
  expect(CASES.length).toBeGreaterThanOrEqual(300);
  const fired = new Set(CASES.flatMap(({ kind, fires, but }) => but?.[kind] ?? fires));
  expect(RULES.map(({ id }) => id).filter((id) => !fired.has(id))).toEqual([]);
});

function rulesOn(kind: InputKind, changed: Settings, rest: Partial<AuditedContainer> = {}): readonly string[] {
  const settings = Object.fromEntries(
    Object.entries({ ...CLEAN, ...changed }).filter(
      ([name, value]) => value !== undefined && !CANNOT_SAY[kind].has(name as SettingName),
    ),
  );
  const container: AuditedContainer = {
    source: { kind, name: "input" },
    workload: "web",
    role: "main",
    os: "linux",
    settings,
    strategy: { standing: "none" },
    ...rest,
  };
  return [...new Set(audit([container], RULES).map(({ rule }) => rule))].toSorted();
}
