import * as fc from "fast-check";
import { expect, test } from "vitest";
import { textWidth, truncate, wrap } from "./text-width.ts";

test.each([
  ["abc", 3],
  ["größe", 5],
  ["e\u0301", 1],
  ["文件", 4],
  ["🚀", 2],
  ["", 0],
])("%j takes %i columns", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test("truncate keeps what fits and says that something is missing", () => {
  expect(truncate("abcdef", 6)).toBe("abcdef");
  expect(truncate("abcdefg", 6)).toBe("abcde…");
  expect(truncate("文件文件", 6)).toBe("文件…");
  expect(truncate("abc", 0)).toBe("");
});

test("wrap breaks between words, and inside those that are too long", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("/a/very/long/path x", 8)).toEqual(["/a/very/", "long/pat", "h x"]);
  expect(wrap("", 5)).toEqual([""]);
});

test("wrapped lines fit and lose nothing but spaces", () => {
  const text = fc.string({ unit: fc.constantFrom("a", " ", "文", "/", "e\u0301") });
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 12 }), (value, width) => {
      const lines = wrap(value, width);
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join("").replaceAll(" ", "")).toBe(value.replaceAll(" ", ""));
    }),
  );
});
