import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeGo, decodeStruct } from "./decode.ts";
import {
  ANY,
  arrayOf,
  BOOL,
  BYTES,
  FLOAT,
  type GoType,
  INT64,
  listOf,
  mapOf,
  pointerTo,
  STRING,
  STRING_MAP,
  STRINGS,
  STRSLICE,
  struct,
  UINT16,
  UINT64,
} from "./go-type.ts";
import { parseJson } from "./parse.ts";
import { formatJson } from "./value.ts";

const LIMITS = { maxBytes: 2 ** 20, maxDepth: 64 };
const read = (type: GoType, text: string): { readonly text: string; readonly unknown: readonly string[] } => {
  const { value, unknown } = decodeGo(parseJson(Buffer.from(text), LIMITS), type);
  return { text: formatJson(value), unknown };
};
const problem = (type: GoType, text: string): string => {
  try {
    return `read: ${read(type, text).text}`;
  } catch (error) {
    return (error as Error).message;
  }
};

const DISK = struct({ Kind: STRING, ReadonlyRootfs: BOOL });
const HOST = struct({ Memory: INT64, Disks: listOf(DISK), Disk: pointerTo(DISK), Labels: STRING_MAP }, DISK);

describe("fields", () => {
  test.each([
    ["in another case", '{"memory":1,"lAbElS":{"A":"b","a":"c"}}', '{"Memory":1,"Labels":{"A":"b","a":"c"}}'],
    ["folded by Unicode", '{"di\u017F\u212As":[{"\u212Aind":"x"}]}', '{"Disks":[{"Kind":"x"}]}'],
    ["of an embedded struct", '{"readonlyrootf\u017F":true}', '{"ReadonlyRootfs":true}'],
    ["that are null", '{"Memory":null,"Disk":null}', '{"Memory":null,"Disk":null}'],
  ])("%s", (_, text, expected) => {
    expect(read(HOST, text)).toEqual({ text: expected, unknown: [] });
  });

  test("that nobody knows stay, and are told with their place", () => {
    const text = '{"Foo":{"memory":1,"Memory":2},"Disks":[{"Bar":null}],"Disk":{"Kinds":1}}';
    expect(read(HOST, text)).toEqual({ text, unknown: ["Foo", "Disks[0].Bar", "Disk.Kinds"] });
  });

  test.each([
    ["twice by case", '{"Memory":1,"memory":2}', `has the field "Memory" twice, the other time as "memory"`],
    ["twice by Unicode", '{"Disk":{"Kind":"a","\u212Aind":"b"}}', `Disk has the field "Kind" twice`],
    ["an unknown one twice by case", '{"Foo":1,"fOO":2}', 'has the field "Foo" twice'],
    ["not ASCII", '{"Pr\u0130vileged":true}', String.raw`has the key "Pr\u{130}vileged", which is not ASCII`],
    ["a full-width letter", '{"\uFF2Demory":1}', "which is not ASCII"],
  ])("refused: %s", (_, text, expected) => {
    expect(problem(HOST, text)).toContain(expected);
  });

  test("any spelling that folds gives the field; any other does not", () => {
    fc.assert(
      fc.property(spelling("ReadonlyRootfs"), (key) => {
        expect(read(DISK, JSON.stringify({ [key]: true })).text).toBe('{"ReadonlyRootfs":true}');
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 12 }), (key) => {
        fc.pre(key !== "__proto__");
        expect(problem(DISK, JSON.stringify({ [key.toWellFormed()]: true }))).not.toContain("ReadonlyRootfs");
      }),
    );
  });
});

function spelling(name: string): fc.Arbitrary<string> {
  const letters = name.split("").map((letter) => fc.constantFrom(...spellings(letter)));
  return fc.tuple(...letters).map((chosen) => chosen.join(""));
}

function spellings(letter: string): readonly string[] {
  const both = [letter.toLowerCase(), letter.toUpperCase()];
  return { s: [...both, "\u017F"], k: [...both, "\u212A"] }[letter.toLowerCase()] ?? both;
}

describe("values", () => {
  test.each<[string, GoType, string, string]>([
    ["the largest int64", INT64, "9223372036854775807", "9223372036854775807"],
    ["the smallest int64", INT64, "-9223372036854775808", "-9223372036854775808"],
    ["the largest uint64", UINT64, "18446744073709551615", "18446744073709551615"],
    ["one string for a list", STRSLICE, '"sh"', '["sh"]'],
    ["an empty list", STRSLICE, "[]", "[]"],
    ["null in a list of strings", STRINGS, '[null,"a"]', '["","a"]'],
    ["null in a map of strings", STRING_MAP, '{"a":null}', '{"a":""}'],
    ["null in a list of structs", listOf(DISK), "[null]", "[{}]"],
    ["null in a list of pointers", listOf(pointerTo(DISK)), "[null]", "[null]"],
    ["null in a map of lists", mapOf(STRINGS), '{"a":null}', '{"a":null}'],
    ["what is too much for an array", arrayOf(UINT16, 2), '[1,2,"x"]', "[1,2]"],
    ["anything", ANY, '{"a":[1.5,null]}', '{"a":[1.5,null]}'],
    ["bytes", BYTES, '"aGk="', '"aGk="'],
    ["a fraction", FLOAT, "1.5e3", "1.5e3"],
  ])("%s", (_, type, text, expected) => {
    expect(read(type, text)).toEqual({ text: expected, unknown: [] });
  });

  test.each<[string, GoType, string, string]>([
    ["a fraction", INT64, "1.0", "must be a whole number"],
    ["an exponent", INT64, "1e3", "must be a whole number"],
    ["a number in quotes", INT64, '"1"', "must be a whole number"],
    ["too large", INT64, "9223372036854775808", "from -9223372036854775808 to 9223372036854775807"],
    ["so large that it takes long", INT64, "9".repeat(100_000), "must be a whole number"],
    ["less than nothing", UINT64, "-1", "must be a whole number from 0 to 18446744073709551615"],
    ["minus nothing", UINT16, "-0", "must be a whole number from 0 to 65535"],
    ["a word in quotes", BOOL, '"true"', "must be true or false"],
    ["a number for a truth", BOOL, "1", "must be true or false"],
    ["a number for a string", STRING, "1", "must be a string"],
    ["a string for a list", STRINGS, '"a"', "must be a list"],
    ["a number for strings", STRSLICE, "1", "must be a string or a list of strings"],
    ["a number among strings", STRSLICE, '["a",1]', "[1] must be a string"],
    ["a list for a map", STRING_MAP, "[]", "must be an object"],
    ["a list for a struct", DISK, "[]", "must be an object"],
    ["odd base64", BYTES, '"aGk"', "must be a string in base64"],
    ["a number in a struct in a list", HOST, '{"Disks":[{},{"Kind":1}]}', "Disks[1].Kind must be a string"],
    ["a number in a map", HOST, '{"Labels":{"a":1}}', 'Labels["a"] must be a string'],
  ])("refused: %s", (_, type, text, expected) => {
    expect(problem(type, text)).toContain(expected);
  });
});

test("a body that is null has no fields", () => {
  expect(decodeStruct(parseJson(Buffer.from("null"), LIMITS), HOST).value.members.size).toBe(0);
  expect(() => decodeStruct(parseJson(Buffer.from("[]"), LIMITS), HOST)).toThrow(
    expect.objectContaining({ message: "The request's body must be an object." }),
  );
});

describe("embedded structs", () => {
  test("the name that lies less deep counts", () => {
    const inner = struct({ Name: STRING });
    expect(problem(struct({ Name: INT64 }, inner), '{"Name":"a"}')).toContain("must be a whole number");
  });
  test("two of the same name at one depth are a mistake in the table", () => {
    expect(() => struct({}, struct({ A: STRING }), struct({ A: INT64 }))).toThrow("two embedded structs");
  });
});
