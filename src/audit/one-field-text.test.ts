import { stringify } from "yaml";
import { expect, test } from "vitest";
import { audit } from "./audit.ts";
import { type AuditedContainer, CANNOT_SAY, type SettingName, type Settings } from "./container.ts";
import { readText } from "./recognise.ts";
import { RULES } from "./rules.ts";
import { asCompose } from "./testing/as-compose.ts";
import { asKubernetes } from "./testing/as-kubernetes.ts";
import { CHANGES } from "./testing/changes.ts";
import { type Change, CLEAN } from "./testing/one-field.ts";

const KINDS = ["compose", "swarm", "kubernetes"] as const;
type Kind = (typeof KINDS)[number];

/** One layout for people, and one that other programs write. */
const LAYOUTS = { block: (file: object) => stringify(file), json: (file: object) => JSON.stringify(file, null, 2) };

const NAMES: Readonly<Record<Kind, string>> = {
  compose: "compose.yaml",
  swarm: "stack.yaml",
  kubernetes: "web.yaml",
};

interface Case extends Change {
  readonly kind: Kind;
  readonly file: object;
}

const CASES = KINDS.flatMap((kind) => CHANGES.flatMap((change) => caseOf(kind, change)));

test.each(KINDS)("%s: the clean container has no findings when it is read from text", (kind) => {
  const file = fileOf(kind, {});
  expect(file).toBeDefined();
  for (const layout of Object.values(LAYOUTS)) expect(rulesOn(kind, layout(file ?? {}), {})).toEqual([]);
});

test.each(CASES)("$kind: $field becomes $to, in text", ({ kind, file, fires, but, container }) => {
  const expected = [...(but?.[kind] ?? fires)].toSorted();
  const fired = Object.entries(LAYOUTS).map(([name, layout]) => [name, rulesOn(kind, layout(file), container)]);
  expect(Object.fromEntries(fired)).toEqual({ block: expected, json: expected });
});

test("at least 300 changes can be written", ({ annotate }) => {
  void annotate(
    `${CASES.length} changes: ${KINDS.map((kind) => `${kind} ${CASES.filter((one) => one.kind === kind).length}`).join(", ")}`,
  );
  expect(CASES.length).toBeGreaterThanOrEqual(300);
});

function caseOf(kind: Kind, change: Change): readonly Case[] {
  if (CANNOT_SAY[kind].has(change.field as SettingName)) return [];
  const file = fileOf(kind, change.settings, change.container?.role);
  return file === undefined ? [] : [{ ...change, kind, file }];
}

function fileOf(kind: Kind, changed: Settings, role?: AuditedContainer["role"]): object | undefined {
  const settings: Settings = Object.fromEntries(
    Object.entries({ ...CLEAN, ...changed }).filter(
      ([name, value]) => value !== undefined && !CANNOT_SAY[kind].has(name as SettingName),
    ),
  );
  if (kind === "kubernetes") return asKubernetes(settings, role === "ephemeral" ? role : "main");
  return role === undefined ? asCompose(settings, kind) : undefined;
}

/** What only an engine, an image or a strategy tells is put beside what was read. */
function rulesOn(kind: Kind, text: string, beside: Partial<AuditedContainer> = {}): readonly string[] {
  const read = readText({ name: NAMES[kind], text }, () => undefined);
  expect(read?.problems).toEqual([]);
  expect(read?.containers.map(({ source }) => source.kind)).toEqual([kind]);
  const containers = (read?.containers ?? []).map((container) => ({ ...container, ...beside }));
  return [...new Set(audit(containers, RULES).map(({ rule }) => rule))].toSorted();
}
