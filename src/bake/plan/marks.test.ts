import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findMark } from "./marks.ts";

const marks = [
  { text: "hunter22-and-more", what: "a value" },
  { text: "8080", what: "a port" },
  { text: "", what: "nothing" },
];

test.each([
  ["key=hunter22-and-more;", "a value"],
  ["xhunter22-and-morex", "a value"],
  [Buffer.from("hunter22-and-more").toString("hex"), "a value"],
  [Buffer.from("hunter22-and-more").toString("hex").toUpperCase(), "a value"],
  ["listen 8080;", "a port"],
  ["listen :8080", "a port"],
  ["listen 80801", undefined],
  ["id 18080 x8080 8080_", undefined],
  ["", undefined],
])("%j holds %s", (text, what) => {
  expect(findMark(text, marks)).toBe(what);
});

test("a value is found in Base64, whatever stands before and after it", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", minLength: 8, maxLength: 40 }),
      fc.string(),
      fc.string(),
      (value, before, after) => {
        fc.pre(value.isWellFormed());
        const text = Buffer.from(before + value + after).toString("base64");
        expect(findMark(text, [{ text: value, what: "it" }])).toBe("it");
      },
    ),
  );
});
