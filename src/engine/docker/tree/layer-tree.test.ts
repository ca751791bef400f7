import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LayerTree } from "./layer-tree.ts";

// Whiteouts and opaque directories need root to be made: container-tree.real.test.ts has the kernel make them.
let folder = "";
let upper = "";
let lower = "";
let outside = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-layers-"));
  [upper, lower, outside] = ["upper", "lower", "outside"].map((name) => join(folder, name)) as [string, string, string];
  for (const path of ["upper/both", "lower/both/deep", "lower/hidden", "outside"])
    mkdirSync(join(folder, path), { recursive: true });
  for (const path of [
    "upper/both/u",
    "lower/both/l",
    "lower/both/deep/d",
    "lower/hidden/h",
    "upper/hidden",
    "outside/host",
  ])
    writeFileSync(join(folder, path), path);
});
afterEach(() => rmSync(folder, { recursive: true }));

test("directories are united, and a file above hides a directory below", () => {
  const tree = new LayerTree([upper, lower]);
  expect(tree.children("/")).toEqual(["both", "hidden"]);
  expect(tree.children("/both")).toEqual(["deep", "l", "u"]);
  expect(tree.entry("/both/deep/d")?.sizeBytes).toBe("lower/both/deep/d".length);
  expect(tree.entry("/hidden")?.type).toBe("file");
  expect(tree.entry("/hidden/h")).toBeUndefined();
});

test("a file between two directories parts them", () => {
  const bottom = join(folder, "bottom");
  mkdirSync(join(bottom, "hidden/x"), { recursive: true });
  const top = join(folder, "top");
  mkdirSync(join(top, "hidden"), { recursive: true });
  expect(new LayerTree([top, upper, bottom]).children("/hidden")).toEqual([]);
});

function replaceByLink(): void {
  renameSync(join(lower, "both"), join(folder, "moved"));
  symlinkSync(outside, join(lower, "both"));
}

describe("a directory that is replaced by a link after it was seen", () => {
  beforeEach(() => {
    mkdirSync(join(outside, "deep"));
    writeFileSync(join(outside, "deep/host"), "");
  });

  test("shows nothing of the host", () => {
    const tree = new LayerTree([lower]);
    expect(tree.entry("/both")?.type).toBe("dir");
    replaceByLink();
    expect(tree.children("/both")).toEqual([]);
  });

  test("shows nothing of the host below it either", () => {
    const tree = new LayerTree([lower]);
    expect(tree.entry("/both/deep")?.type).toBe("dir");
    replaceByLink();
    expect(tree.children("/both/deep")).toEqual([]);
  });

  test("one that is gone is empty", () => {
    const tree = new LayerTree([lower]);
    expect(tree.entry("/both")?.type).toBe("dir");
    rmSync(join(lower, "both"), { recursive: true });
    expect(tree.children("/both")).toEqual([]);
  });
});

test("a path that goes up leads nowhere", () => {
  const tree = new LayerTree([upper, lower]);
  for (const path of ["/../outside/host", "/both/../../outside/host", "/..", "/both/..", "/."]) {
    expect(tree.entry(path)).toBeUndefined();
    expect(tree.children(path)).toEqual([]);
  }
});
