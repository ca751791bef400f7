import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isScalar, stringify } from "yaml";
import { anyText } from "../../test/support/arbitrary.ts";
import { type Data, MANIFEST, type YamlSource, isData, readYaml } from "../export/splice/source.ts";
import { parsePlainYaml } from "./plain-yaml.ts";
import { placer } from "./yaml-place.ts";

type Path = readonly (string | number)[];

/** Every path of some data, and some that are not there. */
function pathsOf(data: Data, path: Path = []): Path[] {
  if (typeof data !== "object" || data === null) return [path, [...path, "none"], [...path, 0]];
  const steps: (string | number)[] = isData(data) ? Object.keys(data) : data.map((_, index) => index);
  return [
    path,
    [...path, "none"],
    [...path, 99],
    ...steps.flatMap((step) => pathsOf((data as Record<string | number, Data>)[step]!, [...path, step])),
  ];
}

function byYaml(text: string): YamlSource | undefined {
  try {
    return readYaml(text, MANIFEST);
  } catch {
    return undefined;
  }
}

/** Whether the text was read; where it was, as yaml reads it, each place too. */
function readAlike(text: string): boolean {
  const plain = parsePlainYaml(text, 7);
  if (plain === undefined) return false;
  const source = byYaml(text);
  expect(source === undefined ? "yaml refuses it" : plain.data).toEqual(source?.data);
  const place = placer(source!, 7);
  for (const path of pathsOf(source!.data)) {
    expect([path, plain.place(path)]).toEqual([path, place(path)]);
    if (typeof path.at(-1) !== "string") continue;
    const node = source!.document.getIn(path, true);
    const written = isScalar(node) && node.type === "PLAIN" && node.source !== "" ? node.source : undefined;
    expect([path, plain.plain(path)]).toEqual([path, written]);
  }
  return true;
}

const READ = [
  "a: b\n",
  "a: b",
  "# c\n\n---\na: b # d\n# e\n",
  "--- # c\na: b\n",
  "a: b\r\nc:\r\n  - d\r\n",
  "  a: b\n  c: d\n",
  "a:\n  b:\n    c: d\n  e: f\n",
  "a:\n- b\n- c\nd: e\n",
  "a:\n  - b: c\n    d: e\n  -   f: g\n      h: i\n",
  "a:\n  -\n    b: c\n",
  "a:\nb: ~\nc: null\nd:   # none\n",
  "a: 1\nb: -2\nc: 1.5\nd: 1e3\ne: +1\nf: .5\ng: 007\nh: 1.2.3\ni: 10Mi\nj: 12e03\nk: 1.\n",
  "a: true\nb: False\nc: yes\nd: tRue\ne: nullable\n",
  "a: 'it''s'\nb: \"x \\\" \\n \\u00e9\" # c\nc: ''\n'd e': f\n\"g:h\": i\n",
  "a: http://x:80/#y?z\nb: c#d\nd: -x\ne: a - b\nf: a, b\n",
  "a: [b, c: , d]\n".replace("c: ,", "c,"),
  "a: [1, -x, 'y', \"z\", [true, null]]\nb: {}\nc: []\nd: {e: f, \"g\":1, 'h': [i:80/x, j k]}\n",
  "- a\n".replace("- a", "a: {b: {c: d}}"),
  "a: |\n  b\n   c\n\n  d: e # f\ng: h\n",
  "a: |-\n  b\n\n\nc:\n  - |\n    d\n  - e: |-\n      f\n\n  - g\n",
  "a: |\n\n  b\n  \n   \n",
  '{"a": [1, {"b": "c\\u0020"}, null], "d": {"e": []},\n\t"f": 1}'.replace("\t", "  "),
  '{\r\n  "a": "b"\r\n}\r\n',
  "{a: b, c: d}\n# e\n".replace("\n# e", ""),
  "-1: x\n".replace("-1", "_x"),
  "é: x\n".replace("é", "e"),
  "a: é ü 日本 😀\nb: '😀'\n",
];

test.each(READ)("is read: %j", (text) => {
  expect(readAlike(text)).toBe(true);
});

test.each([
  "",
  "# only\n",
  "- a\n",
  "a\n",
  "a: &b c\n",
  "a: *b\n",
  "<<: {a: b}\n",
  "'<<': {a: b}\n",
  "a: !!str b\n",
  "a: >\n  b\n",
  "a: |2\n   b\n",
  "a: |+\n  b\n\n",
  "a: |\nb: c\n",
  "a: b\n  c\n",
  "a: 'b\n  c'\n",
  'a: "b\\\n  c"\n',
  'a: "\\x41"\n',
  "a: [b,\n  c]\n",
  "a: [b, ]\n",
  "a: {b}\n",
  "a: {b:c}\n",
  "a: b: c\n",
  "a: b\na: c\n",
  "{a: b, a: c}\n",
  "a:\n\tb: c\n",
  "a:\n    b: c\n  d: e\n",
  " a: b\nc: d\n",
  "a: b\n---\nc: d\n",
  "a: b\n...\n",
  "%YAML 1.1\n---\na: b\n",
  "? a\n: b\n",
  "1: a\n",
  "true: a\n",
  "__proto__: a\n",
  "a: 0x1f\nb: 0o17\n",
  "a: .inf\n",
  "a:\n  - - b\n",
  "a:\n  -\n  - b\n",
  "a: 'b'c\n",
  "a: 'b'#c\n",
  "a: @b\n",
  "a:\rb\n",
  "\uFEFFa: b\n",
  `a: ${"[".repeat(1000)}`,
  "  {}\n",
  "{a: b} c\n",
  "{a: b\n",
  "a: -\n",
  "a: b:\n",
])("is left to yaml: %j", (text) => {
  expect(readAlike(text)).toBe(false);
});

describe("whatever there is", () => {
  const leaf = fc.oneof(
    anyText,
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(
      "yes",
      "1.5",
      "0x1",
      "- a",
      "a: b",
      "a #b",
      "#",
      "'",
      '"',
      "a\nb\n",
      "\n",
      "~",
      "{",
      "http://a:1/b",
      "-",
      "a,b",
      "1_000",
      "0o7",
    ),
  );
  const key = fc.oneof(
    fc.constantFrom("a", "b-c", "d.e/f", "name", "image", "1", "true", "null", "x y", "<<", "-"),
    anyText,
  );
  const { map } = fc.letrec<{ map: Record<string, unknown>; value: unknown }>((tie) => ({
    map: fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("value"), { maxLength: 3 }), tie("map")),
  }));

  test("what yaml or JSON writes is read as yaml reads it, or not at all", () => {
    let read = 0;
    fc.assert(
      fc.property(map, fc.constantFrom(1, 2, 4), fc.boolean(), fc.boolean(), (data, indent, indentSeq, json) => {
        if (readAlike(json ? JSON.stringify(data, undefined, indent) : stringify(data, { indent, indentSeq }))) read++;
      }),
      { numRuns: 400 },
    );
    expect(read).toBeGreaterThan(50);
  });

  test("pieces put together at random, and texts with something in them changed", () => {
    const bits = fc.constantFrom(
      "a",
      "b",
      "key",
      ":",
      ": ",
      "- ",
      "-",
      "\n",
      "\n  ",
      "\n    ",
      " ",
      "  ",
      "#",
      " # c",
      "'",
      '"',
      "[",
      "]",
      "{",
      "}",
      ",",
      ", ",
      "|",
      "|-",
      "|\n  x\n",
      ">",
      "&a",
      "*a",
      "!",
      "?",
      "1",
      ".5",
      "~",
      "null",
      "true",
      "\t",
      "\r\n",
      "---",
      "...",
      "\\",
      "%",
      "@",
      "é",
    );
    const odd = fc.array(bits, { maxLength: 14 }).map((parts) => parts.join(""));
    const changed = fc
      .tuple(fc.constantFrom(...READ), fc.nat(), fc.nat(3), bits, fc.nat(), bits)
      .map(([text, first, length, inserted, second, more]) => {
        const at = first % (text.length + 1);
        const once = text.slice(0, at) + inserted + text.slice(at + length);
        const then = second % (once.length + 1);
        return second % 2 === 0 ? once : once.slice(0, then) + more + once.slice(then);
      });
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(odd, changed, changed), (text) => {
        if (readAlike(text)) read++;
      }),
      { numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(2000);
  });
});
