import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { petrify } from "../support/cli.ts";
import { oddOutcomes } from "../support/odd-outcomes.ts";

const FOLDER = "test/fixtures/audit-odd";
const before = process.cwd();

beforeAll(() => process.chdir(FOLDER));
afterAll(() => process.chdir(before));

/** Each odd file is the plain one (privileged, writable) in another form, or a damaged one. */
test("what each odd file gives is what the table says, and nothing in it is a bug of ours", () => {
  const told = oddOutcomes();
  expect(told).not.toMatch(/E_INTERNAL|\[object/);
  expect(told).toBe(readFileSync("outcomes.txt", "utf8"));
});

test("the command reads all of them at once, and says that not everything was audited", () => {
  const { exitCode, stdout, stderr } = petrify(["audit", ".", "--json", "--rule", "read-only-root"], {
    cwd: ".",
    env: { GITHUB_ACTIONS: "" },
  });
  const { containers, problems } = JSON.parse(stdout) as {
    readonly containers: readonly unknown[];
    readonly problems: readonly { readonly code: string; readonly message: string }[];
  };
  expect([exitCode, stderr]).toEqual([1, ""]);
  expect(containers.length).toBeGreaterThan(250);
  expect(problems.filter(({ message }) => !/^[A-Z'\w].*\S$/s.test(message))).toEqual([]);
  expect(new Set(problems.map(({ code }) => code))).toEqual(
    new Set(["E_COMPOSE_INVALID", "E_MANIFEST_INVALID", "E_AUDIT_TEXT"]),
  );
});
