import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-diff-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a program makes of files before, when it applies the patch. */
function applied(program: string, args: readonly string[], patch: string, files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { status, stderr } = spawnSync(program, args, { cwd: folder, input: patch, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return Object.fromEntries(Object.keys(files).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

const PROGRAMS = [
  ["git", ["apply", "--whitespace=nowarn", "-"]],
  ["patch", ["--quiet", "-p1", "--binary"]],
] as const;

test.for(PROGRAMS)("%s takes it, byte for byte, whatever the texts and the file's name", ([program, args]) => {
  const line = fc.constantFrom("a", "b", "", "  c: d", "- e", "\r", "\\ no", "+", "-");
  const text = fc
    .tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
    .map(([lines, isEnded]) => lines.join("\n") + (isEnded ? "\n" : ""))
    .filter((one) => one !== "");
  const name = fc.constantFrom("a.yaml", "deep/b c.yml", 'q"uo\\te.yaml', "ü.yaml", "tab\there.yaml");
  fc.assert(
    fc.property(name, text, text, (file, before, after) => {
      const patch = unifiedDiff(file, before, after);
      fc.pre(patch !== "");
      expect(applied(program, args, patch, { [file]: before })).toEqual({ [file]: after });
    }),
    { numRuns: 60 },
  );
});

test("of what did not change there is nothing", () => {
  expect(unifiedDiff("f", "a\n", "a\n")).toBe("");
});

test("git takes the patch of several files at once", () => {
  const [one, two] = ["a\nb\nc\n", "x\n"];
  const patch = unifiedDiff("1.yaml", one, "a\nb\nB\nc\n") + unifiedDiff("2.yaml", two, "y\n");
  expect(applied("git", ["apply", "-"], patch, { "1.yaml": one, "2.yaml": two })).toEqual({
    "1.yaml": "a\nb\nB\nc\n",
    "2.yaml": "y\n",
  });
});

test("shows three lines around each change, and nothing of what is far from it", () => {
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index + 1}\n`);
  const changed = lines.with(9, "new 10\n").toSpliced(30, 0, "added\n");
  expect(unifiedDiff("f", lines.join(""), changed.join(""))).toBe(
    [
      "--- a/f\n+++ b/f\n@@ -7,7 +7,7 @@\n",
      ...lines.slice(6, 9).map((line) => ` ${line}`),
      "-line 10\n+new 10\n",
      ...lines.slice(10, 13).map((line) => ` ${line}`),
      "@@ -28,6 +28,7 @@\n",
      ...lines.slice(27, 30).map((line) => ` ${line}`),
      "+added\n",
      ...lines.slice(30, 33).map((line) => ` ${line}`),
    ].join(""),
  );
});
