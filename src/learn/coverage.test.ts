import { expect, test } from "vitest";
import { written } from "../../test/support/learned-run.ts";
import { coverageOf, coverageSentence, mergeCoverage, uncovered, type Reached } from "./coverage.ts";

const NOTHING: Reached = { usedPorts: [], pages: [], sentSignals: [], handledSignals: [] };
const RUN = { phases: [], listening: [], records: [] };

test("ports that nobody talked to and signals that nobody sent are told; UDP and closed ports are not", () => {
  const reached = {
    ...NOTHING,
    usedPorts: ["80/tcp", "9/tcp"],
    handledSignals: ["SIGHUP", "SIGUSR1"],
    sentSignals: ["SIGHUP"],
  };
  const coverage = coverageOf([reached], { ...RUN, listening: ["443/tcp", "53/udp", "80/tcp"] });
  expect(uncovered(coverage)).toEqual({ ports: ["443/tcp"], signals: ["SIGUSR1"] });
  expect(coverageSentence(coverage)).toEqual([
    "Coverage: connections to 80/tcp; SIGHUP sent; no connection to 443/tcp was seen; it handles SIGUSR1, not sent (--signal).",
  ]);
});

test("a port that gave a page was talked to, whether the connection was seen or not", () => {
  const coverage = coverageOf([{ ...NOTHING, pages: ["80/tcp /"] }], { ...RUN, listening: ["80/tcp"] });
  expect(coverageSentence(coverage)).toEqual(["Coverage: connections to 80/tcp; 1 page asked for."]);
});

test("what one run reached is reached", () => {
  const one = coverageOf([{ ...NOTHING, usedPorts: ["80/tcp"] }], { ...RUN, listening: ["443/tcp", "80/tcp"] });
  const other = coverageOf([{ ...NOTHING, usedPorts: ["443/tcp"] }], { ...RUN, listening: ["443/tcp", "80/tcp"] });
  expect(uncovered(mergeCoverage(one, other)).ports).toEqual([]);
});

test("with nothing to say nothing is said", () => {
  expect(coverageSentence(coverageOf([NOTHING], RUN))).toEqual([]);
});

test.each([
  ["moved away", [{ ...written("/var/log/app/x.log"), movesTo: ["/var/log/app/x.log.1"] }], "seen"],
  ["emptied", [{ ...written("/srv/app.log"), done: ["truncate", "write"] as const }], "seen"],
  ["only written", [written("/var/log/app/x")], "not seen"],
  ["none", [written("/srv/data")], "no log files"],
])("log files %s: rotation %s", (_, records, expected) => {
  expect(coverageOf([NOTHING], { ...RUN, records }).logRotation).toBe(expected);
});

test("only phases in which something exercised the workload count as tests", () => {
  const phases = [{ phase: "first", test: 0 }, { phase: "restart", probe: "answered" }, { phase: "replace" }] as const;
  expect(coverageOf([NOTHING], { ...RUN, phases }).testRuns).toBe(2);
});
