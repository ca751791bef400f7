import { describe, expect, test } from "vitest";
import { sampleReport } from "../../test/support/audit-samples.ts";
import { suppressionComments } from "./suppression-comments.ts";

const told = (text: string, today = "2026-11-26") => {
  const { findings, accepted, problems, notes } = sampleReport({ "a.yaml": text }, { today });
  return {
    findings: findings.map(({ workload, rule }) => `${workload} ${rule}`),
    accepted: accepted.map(({ finding, reason, until, by }) => `${finding.workload} ${finding.rule} ${by} ${reason} ${until ?? ""}`.trim()), // prettier-ignore
    problems: problems.map(({ at, message, code }) => `${at?.line}:${at?.column} ${code} ${message}`),
    notes: notes.map(({ at, message }) => `${at?.line} ${message}`),
  };
};

describe("an exception is about", () => {
  test.each([
    ["the finding's own line", "sample\n  web:\n    image: writable # petrify-ignore writable: legacy\n"],
    ["the line below it", "sample\n  web:\n    # petrify-ignore writable: legacy\n    image: writable\n"],
    ["below several", "sample\n  web:\n    # petrify-ignore writable: legacy\n    # more\n    image: writable\n"],
    [
      "the block of its service",
      "sample\n  web:\n    image: writable\n    more:\n      x: 1 # petrify-ignore writable: legacy\n",
    ],
    ["the service below it", "sample\n  # petrify-ignore writable: legacy\n  web:\n    image: writable\n"],
    ["Windows lines", "sample\r\n  web:\r\n    # petrify-ignore writable: legacy\r\n    image: writable\r\n"],
    ["another kind of comment", "sample\n  web:\n    // petrify-ignore writable: legacy\n    image: writable\n"],
  ])("%s", (_, text) => {
    expect(told(text)).toEqual({
      findings: [],
      accepted: ["web writable comment legacy"],
      problems: [],
      notes: [],
    });
  });

  test("no other service, and no other rule", () => {
    const text =
      "sample\n  web:\n    image: writable lossy\n    # petrify-ignore writable: legacy\n  db:\n    image: writable\n";
    expect(told(text)).toMatchObject({
      findings: ["web lossy", "db writable"],
      accepted: ["web writable comment legacy"],
    });
  });

  test("several rules", () => {
    const text =
      "sample\n  web:\n    image: writable lossy # petrify-ignore writable, lossy until 2026-11-26: moves soon\n";
    expect(told(text)).toMatchObject({
      findings: [],
      accepted: ["web writable comment moves soon 2026-11-26", "web lossy comment moves soon 2026-11-26"],
    });
  });
});

test("on its last day it holds, on the next it counts no more and is told", () => {
  const text = "sample\n  web:\n    image: writable # petrify-ignore writable until 2026-11-26: legacy\n";
  expect(told(text, "2026-11-26")).toMatchObject({ findings: [], notes: [] });
  expect(told(text, "2026-11-27")).toMatchObject({
    findings: ["web writable"],
    accepted: [],
    problems: [],
    notes: ["3 The exception for writable ran out after 2026-11-26: it counts no more."],
  });
});

test.each([
  ["no reason", "petrify-ignore writable", "names no rule and reason"],
  ["an empty reason", "petrify-ignore writable:  ", "has no reason"],
  ["no rule", "petrify-ignore: because", "names no rule and reason"],
  ["a rule that there is not", "petrify-ignore read-onyl-root: because", "no rule 'read-onyl-root'"],
  ["no day", "petrify-ignore writable until soon: because", "'soon' is no day"],
  ["a day that there is not", "petrify-ignore writable until 2027-02-30: because", "'2027-02-30' is no day"],
])("%s: it does not count, and is a problem", (_, comment, problem) => {
  const { findings, problems } = told(`sample\n  web:\n    image: writable # ${comment}\n`);
  expect(findings).toEqual(["web writable"]);
  expect(problems).toEqual([expect.stringContaining(problem)]);
  expect(problems[0]).toMatch(/^3:23 E_EXCEPTION_INVALID /);
});

test("one that is about nothing is told, but not when its rule did not judge", () => {
  const text = "sample\n  web:\n    image: fine # petrify-ignore writable: legacy\n";
  expect(told(text).notes).toEqual(["3 The exception for writable is about nothing that was found: it can go."]);
  expect(sampleReport({ "a.yaml": text }, { rules: [] }).notes).toEqual([]);
});

test("what is no comment is none", () => {
  expect(suppressionComments('x: "petrify-ignore a: b"\ny: a#petrify-ignore a: b\n# petrify-ignored a: b')).toEqual([]);
});

test("many of them are found in one pass, with their lines", () => {
  const text = "# petrify-ignore writable: x\n".repeat(50_000);
  const comments = suppressionComments(text);
  expect(comments).toHaveLength(50_000);
  expect(comments.at(-1)?.line).toBe(50_000);
});

test("more exceptions than anybody writes are refused, however they are piled up", () => {
  const comments = "# petrify-ignore writable: x\n".repeat(50_000);
  const services = Array.from({ length: 2_000 }, (_, index) => `  s${index}:\n    image: writable\n`).join("");
  const { accepted, findings, problems } = told(`sample\n${comments}${services}`);
  expect([accepted.length, findings.length]).toEqual([1, 1_999]);
  expect(problems).toEqual([expect.stringContaining("more than 1000 exceptions")]);
});
