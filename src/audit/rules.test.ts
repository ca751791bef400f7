import { describe, expect, test } from "vitest";
import { audit } from "./audit.ts";
import type { AuditedContainer } from "./container.ts";
import type { InputKind, Severity } from "../model/finding.ts";
import { type Example, type Rule, TOPICS } from "./rule.ts";
import { RULES } from "./rules.ts";
import { readOnlyRoot } from "./rules/read-only-root.ts";

const SEVERITIES: readonly Severity[] = ["high", "medium", "low"];

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

function fixIn(input: InputKind): string | undefined {
  return audit([container({ what: "", input, settings: {} })], [readOnlyRoot])[0]?.fix;
}

function container(example: Example): AuditedContainer {
  const {
    input = "compose",
    role = "main",
    os = "linux",
    workload = "web",
    settings,
    image,
    build,
    state,
    strategy,
  } = example;
  return {
    source: { kind: input, name: "docker-compose.yaml" },
    workload,
    role,
    os,
    settings,
    strategy: strategy ?? { standing: "none" },
    ...(image === undefined ? {} : { image }),
    ...(build === undefined ? {} : { build }),
    ...(state === undefined ? {} : { state }),
  };
}

function sentences(text: string): number {
  return text.match(/[.?!](?= |$)/g)?.length ?? 0;
}

test("rules stand by topic, and by severity in it, so that a report begins with what matters", () => {
  const places = RULES.map(({ topic, severity }) => [TOPICS.indexOf(topic), SEVERITIES.indexOf(severity)] as const);
  const sorted = places.toSorted(([topic, severity], [other, lesser]) => topic - other || severity - lesser);
  expect(places).toEqual(sorted);
});

test("a Windows container is judged only by what means something there", () => {
  const open = container({ what: "", input: "kubernetes", os: "windows", settings: { image: { value: "web" } } });
  expect(audit([open], RULES).map(({ rule }) => rule)).toEqual([
    "memory-limit",
    "cpu-limit",
    "latest-tag",
    "healthcheck",
  ]);
});

test("the words of a setting are those of the input", () => {
  expect(fixIn("compose")).toMatch(/ Here: read_only: true$/);
  expect(fixIn("swarm")).toBe(fixIn("compose"));
  expect(fixIn("engine")).toMatch(/ Here: --read-only$/);
});

test("what is the same to do is said once", () => {
  const ports = [
    { hostIp: "0.0.0.0", hostPort: 53, containerPort: 53 },
    { hostIp: "::", hostPort: 53, containerPort: 53 },
  ];
  const found = audit([container({ what: "", settings: { ports } })], RULES);
  expect(new Set(found.map(({ fingerprint }) => fingerprint)).size).toBe(found.length);
  expect(found.filter(({ rule }) => rule === "all-interfaces")).toHaveLength(1);
});

test("a message never holds the value of a secret", () => {
  const secret = container({ what: "", settings: { environment: { value: ["API_TOKEN=abc-very-secret"] } } });
  expect(JSON.stringify(audit([secret], RULES))).not.toContain("very-secret");
});
