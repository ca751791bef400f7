import * as fc from "fast-check";
import { expect, test } from "vitest";
import { matchesWildcard } from "./wildcard.ts";

test.each([
  ["build-*", "build-7", true],
  ["build-*", "build-", true],
  ["build-*", "rebuild-7", false],
  ["*", "", true],
  ["", "", true],
  ["", "a", false],
  ["a*b*c", "a-b-b-c", true],
  ["a*b", "ab-", false],
  ["*a*", "bab", true],
  ["a.c", "abc", false],
  ["[a]*", "a", false],
])("%s against %s: %s", (pattern, text, expected) => {
  expect(matchesWildcard(pattern, text)).toBe(expected);
});

test("is what a regular expression says", () => {
  const sign = fc.constantFrom("a", "b", "*", ".");
  fc.assert(
    fc.property(fc.string({ unit: sign, maxLength: 8 }), fc.string({ unit: sign, maxLength: 10 }), (pattern, text) => {
      const expression = pattern.replaceAll(".", "\\.").replaceAll("*", ".*");
      expect(matchesWildcard(pattern, text)).toBe(new RegExp(`^${expression}$`).test(text));
    }),
  );
});
