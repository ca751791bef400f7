import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyText } from "../../test/support/arbitrary.ts";
import { quoteForTerminal } from "./quote.ts";

test.each([
  ["/var/lib/größe/文件", "/var/lib/größe/文件"],
  ["/tmp/a\u001B[2Jb", "/tmp/a\\e[2Jb"],
  ["/tmp/\u001B]0;owned\u0007", "/tmp/\\e]0;owned\\u{7}"],
  ["a\nb\r\tc", "a\\nb\\r\\tc"],
  ["a\u009B31m", "a\\u{9b}31m"],
  ["safe\u202Etxt.exe", "safe\\u{202e}txt.exe"],
  ["\uD800x", "\\u{d800}x"],
  ["a\u{E0041}", "a\\u{e0041}"],
])("%j is printed as %s", (text, shown) => {
  expect(quoteForTerminal(text)).toBe(shown);
});

test("no text can reach the terminal as more than characters of one line", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      // oxlint-disable-next-line no-control-regex -- controls are what this is about
      expect(quoteForTerminal(text)).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]/u);
    }),
  );
});
