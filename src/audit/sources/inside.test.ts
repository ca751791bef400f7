import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { besideIn } from "./files.ts";
import { isInside, rootsOf } from "./inside.ts";

let folder: string;
const before = process.cwd();
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "petrify-inside-")));
  for (const one of ["here", "work/.git", "work/stack", "other"]) mkdirSync(join(folder, one), { recursive: true });
  for (const one of ["here/a.yml", "work/common.yml", "work/stack/b.yml", "other/secret.yml"])
    writeFileSync(join(folder, one), one);
  process.chdir(join(folder, "here"));
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const roots = (...operands: readonly string[]) => rootsOf(operands).map((root) => root.slice(folder.length + 1));

test("roots are the current folder, the operands' and the work trees around them", () => {
  expect(roots()).toEqual(["here"]);
  expect(roots("-", "a.yml")).toEqual(["here"]);
  expect(roots("../work/stack")).toEqual(["here", "work"]);
  expect(roots("../work/stack/b.yml")).toEqual(["here", "work"]);
  expect(roots("../other/*.yml", "../other/")).toEqual(["here", "other"]);
  expect(roots("../gone/*.yml")).toEqual(["here"]);
  symlinkSync("../other/secret.yml", "linked.yml");
  expect(roots("linked.yml")).toEqual(["here", "other"]);
});

test("what a text names is read in its roots only, whatever links lead there", () => {
  symlinkSync("../other/secret.yml", "file.yml");
  symlinkSync("../other", "folder");
  symlinkSync("a.yml", "fine.yml");
  const beside = besideIn(rootsOf(["../work/stack/b.yml"]));
  const text = (from: string, path: string) => beside(from, path)?.text;
  expect(text("x.yml", "a.yml")).toBe("here/a.yml");
  expect(text("x.yml", "fine.yml")).toBe("here/a.yml");
  expect(text("../work/stack/b.yml", "../common.yml")).toBe("work/common.yml");
  const outside = ["file.yml", "folder/secret.yml", "../other/secret.yml", join(folder, "other/secret.yml"), "gone"];
  expect(outside.filter((path) => text("x.yml", path) !== undefined)).toEqual([]);
  expect(beside.names?.("x.yml", ".")).toEqual(["a.yml", "file.yml", "fine.yml", "folder"]);
  expect(beside.names?.("x.yml", "folder")).toEqual([]);
});

test("a folder is in itself, and one with a longer name is not in it", () => {
  mkdirSync("../here2");
  expect(isInside(".", [process.cwd()])).toBe(true);
  expect(isInside("../here2", [process.cwd()])).toBe(false);
  expect(isInside("..", [])).toBe(false);
  expect(isInside("../other", ["/"])).toBe(true);
});
