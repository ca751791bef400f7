import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PetrifyError } from "../../../model/errors.ts";
import { parseJson } from "./parse.ts";
import { formatJson, type JsonValue } from "./value.ts";

const LIMITS = { maxBytes: 2 ** 20, maxDepth: 64 };
const parse = (text: string | Uint8Array): JsonValue =>
  parseJson(typeof text === "string" ? Buffer.from(text) : text, LIMITS);

/** As JSON.parse gives it. */
function plain(value: JsonValue): unknown {
  switch (value.kind) {
    case "null":
      return null;
    case "number":
      return Number(value.text);
    case "bool":
    case "string":
      return value.value;
    case "list":
      return value.items.map(plain);
    case "object":
      break;
  }
  return Object.fromEntries([...value.members].map(([key, member]) => [key, plain(member)]));
}

const DAMAGE = [...'{}[]",:u0e-+.tf 9'.split(""), "\\", "\n", "\u0000", "\uD800"];

/** What is read, or the code of the error. */
function outcome(text: string | Uint8Array): JsonValue | string {
  try {
    return parse(text);
  } catch (error) {
    return error instanceof PetrifyError ? error.code : String(error);
  }
}

test("reads what JSON.parse reads", () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: "binary" }), fc.constantFrom(undefined, 1, "\t"), (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), undefined, indent);
      expect(plain(parse(spaced))).toEqual(JSON.parse(text));
    }),
  );
});

test("what it writes, it reads again", () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: "binary" }), (text) => {
      const value = parse(text);
      expect(parse(formatJson(value))).toEqual(value);
    }),
  );
});

test("a damaged text is refused or read as JSON.parse does; nothing else happens", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...DAMAGE)), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(fc.json({ stringUnit: "binary" }), damage, (text, changes) => {
      let broken = text;
      for (const [at, character] of changes) {
        const place = at % (broken.length + 1);
        broken = broken.slice(0, place) + character + broken.slice(place + (at % 2));
      }
      const read = outcome(broken);
      // A half of a pair became U+FFFD on its way into bytes.
      expect(typeof read === "string" ? read : plain(read)).toEqual(
        typeof read === "string" ? "E_REQUEST_BODY" : JSON.parse(broken.toWellFormed()),
      );
    }),
    { numRuns: 2_000 },
  );
});

test("random bytes are refused or read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const read = outcome(bytes);
      expect(typeof read === "string" ? read : "read").toMatch(/^(?:E_REQUEST_BODY|read)$/);
    }),
  );
});

test.each(["9007199254740993", "-0", "1e400", "1.50", "123456789012345678901234567890"])(
  "%s stays as it is",
  (text) => {
    expect(formatJson(parse(text))).toBe(text);
  },
);

test("names that JavaScript's objects have are names like others", () => {
  expect(formatJson(parse('{"__proto__":{"constructor":1},"constructor":2}'))).toBe(
    '{"__proto__":{"constructor":1},"constructor":2}',
  );
});

test("a pair of surrogates is one character", () => {
  expect(parse(String.raw`"\ud83d\ude00"`)).toEqual({ kind: "string", value: "\u{1F600}" });
});

describe("refused:", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["nothing", "", "ends too early"],
    ["white space", " \n", "ends too early"],
    ["a second value", "{} {}", "goes on after its end"],
    ["a NUL behind", "{}\0", "goes on after its end"],
    ["a byte order mark", "\uFEFF{}", "is not JSON from character 1"],
    ["white space of other kinds", "\u00A0{}", "is not JSON"],
    ["NaN", "NaN", "is not JSON"],
    ["Infinity", "-Infinity", "is not JSON"],
    ["a plus sign", "+1", "is not JSON"],
    ["a leading zero", "01", "goes on after its end"],
    ["a dot without digits", "1.", "goes on after its end"],
    ["hexadecimal", "0x10", "goes on after its end"],
    ["a comment", "{/**/}", "is not JSON"],
    ["a comma at the end", '{"a":1,}', "is not JSON"],
    ["a comma in a list's end", "[1,]", "is not JSON"],
    ["single quotes", "{'a':1}", "is not JSON"],
    ["a bare key", "{a:1}", "is not JSON"],
    ["a raw line break in a string", '"a\nb"', "is not JSON"],
    ["an unknown escape", String.raw`"\x41"`, "is not JSON"],
    ["a short escape", String.raw`"\u12"`, "is not JSON"],
    ["a name of JavaScript's as escape", String.raw`"\constructor"`, "is not JSON"],
    ["an unended string", '"a', "ends too early"],
    ["an unended object", '{"a":1', "ends too early"],
    ["brackets of two kinds", "[1}", "is not JSON"],
    ["a wrong word", "nulll", "goes on"],
    ["a word in capitals", "True", "is not JSON"],
    ["the first half of a pair", String.raw`"\ud800"`, "half of a surrogate pair"],
    ["the second half of a pair", String.raw`"\udc00x"`, "half of a surrogate pair"],
    ["half of a pair in a key", String.raw`{"\ud800":1}`, "half of a surrogate pair"],
    ["a byte that is no UTF-8", Buffer.from([0x22, 0xff, 0x22]), "is not UTF-8"],
    ["an overlong slash", Buffer.from([0x22, 0xc0, 0xaf, 0x22]), "is not UTF-8"],
    ["a surrogate in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), "is not UTF-8"],
    ["UTF-16", Buffer.from("{}", "utf16le"), "is not JSON"],
    ["a key twice", '{"a":1,"b":{"c":1,"c":2}}', 'has the key "c" twice'],
    ["a key twice by escape", String.raw`{"a":1,"\u0061":2}`, 'has the key "a" twice'],
    ["too deep", `${"[".repeat(65)}${"]".repeat(65)}`, "deeper than 64 levels"],
    ["deep enough for a stack", "[".repeat(500_000), "deeper than 64 levels"],
    ["too long", " ".repeat(2 ** 20 + 1), "longer than 1048576 bytes"],
  ])("%s", (_, text, problem) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: "E_REQUEST_BODY", message: expect.stringContaining(problem) }),
    );
  });
});
