import { constantFrom, dictionary, assert, letrec, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { formatJson, jsonBool, jsonList, jsonObject, jsonString, type JsonValue, NULL } from "../go-json/value.ts";
import { formatYamlJson, parseStrictYaml } from "./yaml-json.ts";

function read(text: string): unknown {
  return parseStrictYaml(Buffer.from(text), 10_000).map((document) => JSON.parse(formatJson(document)) as unknown);
}

it.each([
  [
    "a: 1\nb: -2\nc: 1.5\nd: true\ne: null\nf: ~\ng:\nh: text",
    [{ a: 1, b: -2, c: 1.5, d: true, e: null, f: null, g: null, h: "text" }],
  ],
  ["a: '1'\nb: \"yes\"\nc: |\n  x\n  y\nd: >-\n  x\n  y", [{ a: "1", b: "yes", c: "x\ny\n", d: "x y" }]],
  [
    "a: 10Mi\nb: 1.25.3\nc: 10.0.0.0/8\nd: 30s\ne: nginx:1.25",
    [{ a: "10Mi", b: "1.25.3", c: "10.0.0.0/8", d: "30s", e: "nginx:1.25" }],
  ],
  ["a: [1, {b: c}]\n---\n\n---\n# nothing\n---\nb: 2\n...\n", [{ a: [1, { b: "c" }] }, { b: 2 }]],
  ['{"a": {"b": [1, "x"]}}', [{ a: { b: [1, "x"] } }]],
])("%j is read", (text, documents) => {
  expect(read(text)).toEqual(documents);
});

describe("what readers of YAML take differently is refused", () => {
  it.each([
    ["a: &x 1\nb: *x", "anchor"],
    ["a: &x {b: 1}", "anchor"],
    ["a: {b: *x}", "alias"],
    ["a: !!str 1", "tag"],
    ["a: !x {b: 1}", "TAG"],
    ["<<: {a: 1}", "quotes"],
    ["'<<': {a: 1}", "no plain text"],
    ["a: 1\na: 2", "YAML"],
    ["a: 1\n'a': 2", "YAML"],
    ["a: yes", "quotes"],
    ["a: Off", "quotes"],
    ["on: 1", "quotes"],
    ["1: a", "no plain text"],
    ["true: a", "no plain text"],
    ["? [a]\n: b", "no plain text"],
    ["a: 0644", "quotes"],
    ["a: 0o644", "quotes"],
    ["a: 0x1f", "quotes"],
    ["a: 1_000", "quotes"],
    ["a: 1e3", "quotes"],
    ["a: 1:30", "quotes"],
    ["a: 2024-01-01", "quotes"],
    ["a: .inf", "quotes"],
    ["a: +1", "quotes"],
    ["%YAML 1.1\n---\na: 1", "directive"],
    ["a: 'x\u0085y'", "character"],
    ["a: 'x\u2028y'", "character"],
    ["\uFEFFa: 1", "character"],
    ["a: 'x\ry'", "character"],
    ["- a", "no map"],
    ["just text", "no map"],
    ["a: [", "YAML"],
    [`a: ${"[".repeat(80)}${"]".repeat(80)}`, "nested deeper"],
    [`a: ${"x".repeat(20_000)}`, "longer"],
  ])("%j", (text, problem) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: "E_REQUEST_BODY", message: expect.stringContaining(problem) }),
    );
  });
});

it("what is written is read again, by this reader and by yaml in both versions", () => {
  const { value } = letrec<{ value: JsonValue }>((tie) => ({
    value: oneof(
      { maxDepth: 3 },
      string({ unit: "binary" }).map(jsonString),
      constantFrom(NULL, jsonBool(true), { kind: "number", text: "12" } as const),
      dictionary(string({ unit: "binary", minLength: 1, maxLength: 9 }), tie("value"), { maxKeys: 4 }).map((members) =>
        jsonObject(Object.entries(members)),
      ),
    ),
  }));
  assert(
    property(value, (inner) => {
      const object = jsonObject([["a", jsonList([inner])]]);
      const text = formatYamlJson(object);
      const expected = JSON.parse(formatJson(object)) as unknown;
      for (const version of ["1.1", "1.2"] as const)
        expect(JSON.stringify(parse(text, { version, merge: false }))).toBe(JSON.stringify(expected));
    }),
    { numRuns: 30 },
  );
});
