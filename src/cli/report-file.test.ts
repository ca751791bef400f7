import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { petrify } from "../../test/support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "petrify-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["a folder that is not there", join(folder, "absent/report.html"), /No report can be written into the folder/],
  ["a folder", folder, /is a folder/],
])("%s is refused before anything runs", (_, file, said) => {
  const { exitCode, stderr } = petrify(["learn", "--from", "no-such-profile.zst", "--out", folder, "--report", file]);
  expect(stderr).toMatch(said);
  expect(stderr).toMatch(/\[E_IO\]\nhint: /);
  expect(exitCode).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});

test.each(["learn", "verify", "check"])("%s --help tells of it", (verb) => {
  expect(petrify([verb, "--help"]).stdout).toContain("--report <file>");
});
