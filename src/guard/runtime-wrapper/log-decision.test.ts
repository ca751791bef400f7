import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SpecJudgement } from "./judge-spec.ts";
import { logDecision, logFailure } from "./log-decision.ts";
import { SpecError } from "./spec.ts";
import { POLICY } from "./testing.ts";

let folder: string;
let logFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-runtime-log-"));
  logFile = join(folder, "log/runtime.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (): readonly unknown[] =>
  readFileSync(logFile, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
const request = { action: "build" } as const;
const REFUSED: SpecJudgement = { kind: "refuse", sentence: "/secret/path", request, rules: ["engine-bind"] };
const logged = (more: object = {}) => ({ policy: POLICY, containerId: "c", logFile, ...more });

test("refusals, changes and what could not be judged have a line each; what simply passes has none", () => {
  logDecision(REFUSED, logged());
  logDecision(
    { kind: "change", spec: {}, request, rules: ["patched"] },
    logged({ policy: { ...POLICY, mode: "audit" } }),
  );
  logDecision({ kind: "keep", request, rules: [] }, logged());
  logDecision({ kind: "keep", request, rules: [], exemption: "it builds" }, logged());
  logFailure(new SpecError("/secret/path"), logged());
  logFailure(Object.assign(new Error("/secret/path"), { code: "ENOENT" }), logged());
  const common = { "petrify.point": "oci-runtime", "petrify.policy": "house", "container.id": "c" };
  expect(lines()).toMatchObject([
    { ...common, "event.outcome": "deny", "petrify.mode": "enforce", "petrify.rules": ["engine-bind"] },
    { ...common, "event.outcome": "patch", "petrify.mode": "audit" },
    { ...common, "event.outcome": "allow", "petrify.exemption": "it builds" },
    { ...common, "event.outcome": "error", "error.code": "SpecError" },
    { ...common, "event.outcome": "error", "error.code": "ENOENT" },
  ]);
  expect(readFileSync(logFile, "utf8")).not.toContain("secret");
  expect(statSync(logFile).mode & 0o007).toBe(0);
});

test("a link is not followed, and what cannot be written stops nothing", () => {
  const target = join(folder, "target");
  writeFileSync(target, "");
  symlinkSync(target, join(folder, "link"));
  logDecision(REFUSED, logged({ logFile: join(folder, "link") }));
  logDecision(REFUSED, logged({ logFile: join(target, "below/a/file") }));
  logDecision(REFUSED, logged({ logFile: undefined }));
  expect(readFileSync(target, "utf8")).toBe("");
  expect(existsSync(logFile)).toBe(false);
});
