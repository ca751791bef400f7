import { describe, expect, test } from "vitest";
import { audit } from "./audit.ts";
import type { AuditedContainer } from "./container.ts";
import type { Example, Rule } from "./rule.ts";
import { RULES } from "./rules.ts";

describe.each(RULES)("rule $id", (rule) => {
  test.each(rule.fires)("fires: $what", (example) => {
    expect(audit([container(example)], [rule])).not.toEqual([]);
  });

  test.each(rule.silent)("is silent: $what", (example) => {
    expect(audit([container(example)], [rule])).toEqual([]);
  });

  test("has both directions, and says why in two sentences", () => {
    expect(rule.fires.length).toBeGreaterThan(0);
    expect(rule.silent.length).toBeGreaterThan(0);
    expect(sentences(rule.why)).toBe(2);
    expect(sentences(rule.fix)).toBeGreaterThan(0);
  });
});

test("ids are words joined by dashes, each once", () => {
  const ids = RULES.map(({ id }: Rule) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

function container(example: Example): AuditedContainer {
  const { input = "compose", role = "main", os = "linux", settings, image, state, strategy } = example;
  return {
    source: { kind: input, name: "docker-compose.yaml" },
    workload: "web",
    role,
    os,
    settings,
    strategy: strategy ?? { standing: "none" },
    ...(image === undefined ? {} : { image }),
    ...(state === undefined ? {} : { state }),
  };
}

function sentences(text: string): number {
  return text.match(/[.?!](?= |$)/g)?.length ?? 0;
}
