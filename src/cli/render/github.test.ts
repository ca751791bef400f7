import { expect, test } from "vitest";
import type { ToldCheck } from "./checked.ts";
import { annotations, jobSummary } from "./github.ts";

const HOSTILE = "/a|b`c\n::error::x<i>&%,:";
const told: ToldCheck = {
  outcome: "failed",
  image: "shop:pr",
  strategyFile: "shop.strategy.yaml",
  newWrites: [{ path: HOSTILE, operations: ["open"], by: ["/usr/bin/node"], learned: { kind: "tmpfs", path: "/a" } }],
  unused: ["/run"],
  incomplete: ["events were lost"],
  verdict: {
    strategy: "shop",
    imageId: "sha256:1",
    outcome: "failed",
    regressions: [{ kind: "operation", message: "node could not create /b.", fix: "Learn again.", path: "/b" }],
    denied: [],
    phases: [],
    caveats: [],
  },
};

test("a name that a container made up ends no workflow command and starts none", () => {
  const lines = annotations(told, { name: "a,b:c/Dockerfile", text: "FROM x\nCMD y\n" }).trimEnd().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^::error file=a%2Cb%3Ac\/Dockerfile,line=2,title=petrify check::new write: /);
  expect(lines[0]).not.toContain("\n");
  expect(lines[0]).toContain("%25");
});

test("without a Dockerfile there is no place", () => {
  expect(annotations(told, { name: "Dockerfile", text: undefined })).toMatch(/^::error title=petrify check::new write/);
});

test("nor does it end a cell, a code or a tag of the summary", () => {
  const summary = jobSummary(told);
  const row = summary.split("\n").find((line) => line.includes("/usr/bin/node"));
  expect(row?.split(" | ")).toHaveLength(3);
  expect(row).not.toMatch(/<i>|`/);
  expect(summary).toContain("- nothing was written to <code>/run</code> in this run");
  expect(summary).toContain("- incomplete: events were lost");
});

test("what passed has no annotation", () => {
  const passed: ToldCheck = {
    ...told,
    outcome: "passed",
    newWrites: [],
    verdict: { ...told.verdict, regressions: [] },
  };
  expect(annotations(passed, { name: "Dockerfile", text: "FROM x" })).toBe("");
  expect(jobSummary(passed)).toContain("### petrify check passed: <code>shop:pr</code>");
});
