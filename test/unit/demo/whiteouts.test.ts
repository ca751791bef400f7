import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { whiteouts } from "../../../demo/images/whiteouts.ts";

describe("whiteouts", () => {
  test("marks a deleted file beside what stays", () => {
    expect(whiteouts(["a", "a/b", "a/c"], ["a", "a/c"])).toEqual(["a/.wh.b"]);
  });

  test("marks a deleted directory once, at its top", () => {
    expect(whiteouts(["a", "a/b", "a/b/c", "d"], ["d"])).toEqual([".wh.a"]);
  });

  test("marks what a replaced directory no longer holds", () => {
    expect(whiteouts(["a", "a/old", "a/same"], ["a", "a/same", "a/new"])).toEqual(["a/.wh.old"]);
  });

  test("deletes exactly what is gone, whatever the trees are", () => {
    const name = constantFrom("a", "b", "c");
    const tree = array(array(name, { minLength: 1, maxLength: 4 })).map((paths) =>
      [...new Set(paths.flatMap((p) => p.map((_, i) => p.slice(0, i + 1).join("/"))))].toSorted(),
    );
    assert(
      property(tree, tree, (base, merged) => {
        const deleted = whiteouts(base, merged).map((marker) => marker.replace(".wh.", ""));
        const left = base.filter((path) => !deleted.some((gone) => path === gone || path.startsWith(`${gone}/`)));
        expect(left).toEqual(base.filter((path) => merged.includes(path)));
      }),
    );
  });
});
