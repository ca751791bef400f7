import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CliResult, petrify, ROOT } from "../../test/support/cli.ts";

const HEAD = "apiVersion: petrify.dev/v1\nkind: ReadOnlyPolicy\nmetadata: {name: house}\n";
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-guard-check-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function check(policy: string, ...more: readonly string[]): CliResult {
  return petrify(["guard", "check", write("policy.yaml", policy), ...more]);
}

test("says what a policy does", () => {
  const { exitCode, stdout, stderr } = petrify(["guard", "check", join(ROOT, "examples/policy/hostile.yaml")]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  for (const text of ["tenants", "callerUid: 990", "Clients are taken to lie", "runsc", "at most 64MiB"])
    expect(stdout).toContain(text);
});

test("what needs attention is named, and exits with 2", () => {
  mkdirSync(join(folder, "s"));
  write("s/x.strategy.yaml", "kind: x\n");
  const { exitCode, stdout } = check(
    `${HEAD}strategies: {folder: s}\nexemptions: [{name: a, reason: why, until: 2001-01-01}]\n`,
  );
  expect(exitCode).toBe(2);
  expect(stdout).toMatch(/Needs attention[^]*name: a ran out after 2001-01-01[^]*x\.strategy\.yaml is not used/);
});

test("one that is not valid exits with 1 and the place", () => {
  const { exitCode, stdout, stderr } = check(`${HEAD}mode: x\n`);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(/policy\.yaml:4:7: mode.*\[E_POLICY_INVALID\]/);
});

const asked = (container: object, more: object = {}) =>
  write(
    "request.json",
    JSON.stringify({ action: "create", container: { imageReference: "app:1", ...container }, ...more }),
  );

test("explains a refusal with everything that is refused", () => {
  const request = asked({ mounts: [{ type: "bind", source: "/", target: "/x" }], runtime: "\u001B[2J" });
  const { exitCode, stdout } = check(HEAD, "--explain", request);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("The request is denied.");
  for (const rule of ["host-system-bind", "engine-bind", "runtime"]) expect(stdout).toContain(`  ${rule}: `);
  expect(stdout).not.toContain("\u001B");
});

test("explains changes, and who is exempt", () => {
  expect(check(HEAD, "--explain", asked({})).stdout).toMatch(
    /allowed with changes\.\n {2}readOnlyRoot\n {2}tmpfs path=\/run /,
  );
  const policy = `${HEAD}exemptions: [{callerUid: 7, reason: why, until: 2999-01-01}]\n`;
  const { stdout } = check(policy, "--json", "--explain", asked({}, { caller: { uid: 7 } }));
  expect(JSON.parse(stdout)).toMatchObject({
    policy: { name: "house" },
    attention: [],
    decision: { verdict: "allow", exemption: { reason: "why" } },
  });
});

test.each([
  ["no JSON", "{"],
  ["an unknown field", '{"action":"create","container":{"imageReference":"a","bind":[]}}'],
  ["an unknown action", '{"action":"run"}'],
  [
    "a relative target",
    '{"action":"create","container":{"imageReference":"a","mounts":[{"type":"tmpfs","target":"x"}]}}',
  ],
])("a request with %s is refused", (_what, text) => {
  const { exitCode, stderr } = check(HEAD, "--explain", write("r.json", text));
  expect(exitCode).toBe(1);
  expect(stderr).toContain("E_USAGE");
});
