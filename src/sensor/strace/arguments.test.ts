import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyText } from "../../../test/support/arbitrary.ts";
import { parseFd, parseField, parseNumber, parseResult, parseString, splitArguments } from "./arguments.ts";

const hexOf = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");

test.each<[string, readonly string[]]>([
  ["", []],
  ['"\\x61", 0777', ['"\\x61"', "0777"]],
  ['"\\x61", [...], 0x7ffe /* 39 vars */', ['"\\x61"', "[...]", "0x7ffe /* 39 vars */"]],
  ["5<\\x2f>, 5<\\x2f>(deleted), [0] => [1], 1", ["5<\\x2f>", "5<\\x2f>(deleted)", "[0] => [1]", "1"]],
  ['3<\\x73>, {sa_family=0x1, sun_path="\\x64"}, 9', ["3<\\x73>", '{sa_family=0x1, sun_path="\\x64"}', "9"]],
  ["3<\\x2f<char 1:3>>, 4", ["3<\\x2f<char 1:3>>", "4"]],
])("arguments of %s", (text, parts) => {
  expect(splitArguments(text)).toEqual(parts);
});

test("a string is the bytes that the process gave", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(parseString(`"${hexOf(text)}"`)?.text).toBe(Buffer.from(text).toString());
      expect(parseFd(`7<${hexOf(`/${text}`)}>`)?.file?.text).toBe(`/${Buffer.from(text).toString()}`);
    }),
  );
});

test.each([
  ['"\\x61"...', { text: "a", exact: false }],
  ['"\\xff"', { text: "\uFFFD", exact: false }],
  ['@"\\x61"', { text: "a", exact: true }],
  ["0x7ffe1234", undefined],
  ["NULL", undefined],
  ['"a"', undefined],
  ['"\\x61" "', undefined],
  [undefined, undefined],
])("string %j", (text, expected) => {
  expect(parseString(text)).toEqual(expected);
});

test.each([
  ["5", { number: 5, deleted: false, isDevice: false }],
  ["-100<\\x2f\\x61>", { number: -100, file: { text: "/a", exact: true }, deleted: false, isDevice: false }],
  ["5<\\x2f>(deleted)", { number: 5, file: { text: "/", exact: true }, deleted: true, isDevice: false }],
  ["1<\\x2f<char 1:3>>", { number: 1, file: { text: "/", exact: true }, deleted: false, isDevice: true }],
  ["5</a>", undefined],
  ["5<\\x2f", undefined],
])("descriptor %s", (text, expected) => {
  expect(parseFd(text)).toEqual(expected);
});

test.each([
  ["0", 0],
  ["0777", 0o777],
  ["0x241", 0x241],
  ["-1", -1],
  ["100", 100],
  ["08", undefined],
  ["O_RDONLY", undefined],
  ["", undefined],
])("number %j", (text, expected) => {
  expect(parseNumber(text)).toBe(expected);
});

test.each([
  ["0", { value: 0 }],
  ["-1 EROFS (Read-only file system)", { value: -1, errno: "EROFS" }],
  ["3<\\x2f>", { value: 3, fd: { number: 3, file: { text: "/", exact: true }, deleted: false, isDevice: false } }],
  ["?", undefined],
  ["? ERESTARTSYS (To be restarted if SA_RESTART is set)", undefined],
])("result %s", (text, expected) => {
  expect(parseResult(text)).toEqual(expected);
});

test("a field of a structure, and nothing of what is no structure", () => {
  expect(parseField("{flags=0x41, mode=0600, resolve=0}", "mode")).toBe("0600");
  expect(parseField("{flags=0x41}", "mode")).toBeUndefined();
  expect(parseField("0x7ffe", "flags")).toBeUndefined();
});
