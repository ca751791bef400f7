import { assert, jsonValue, property, string } from "fast-check";
import { expect, test } from "vitest";
import { withMember } from "./json-edit.ts";

test.each([
  [undefined, ["a"], 1, '{\n  "a": 1\n}\n'],
  ["", ["a", "b"], [1], '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}\n'],
  ["{}", ["a"], "x", '{\n  "a": "x"\n}'],
  ['{\n    "z": [1,  2]\n}\n', ["a"], true, '{\n    "z": [1,  2],\n    "a": true\n}\n'],
  ['{"z":1}', ["a"], 2, '{"z":1, "a": 2}'],
  ['{"a" : "old\\"}" , "z":1}', ["a"], 2, '{"a" : 2 , "z":1}'],
  ['{\n\t"r": {\n\t\t"x": {}\n\t}\n}', ["r", "y"], 1, '{\n\t"r": {\n\t\t"x": {},\n\t\t"y": 1\n\t}\n}'],
])("%j with %j: %j", (text, path, value, expected) => expect(withMember(text, path, value)).toBe(expected));

test.each(["[]", "1", "{", '{"a":1,"a":2}', '{"a":[]}'])("%s is refused", (text) =>
  expect(() => withMember(text, ["a", "b"], 1)).toThrow(/no JSON|no object|twice/),
);

test("of any object nothing but the member changes", () => {
  assert(
    property(jsonValue(), string(), jsonValue(), (inner, name, value) => {
      const before = { first: inner, second: { 'x}"': inner } };
      for (const text of [JSON.stringify(before), JSON.stringify(before, undefined, 3)])
        for (const path of [[name], ["second", name]]) {
          const after = withMember(text, path, value);
          const expected = structuredClone(before) as Record<string, unknown>;
          const target = path.length === 1 ? expected : (expected["second"] as Record<string, unknown>);
          Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
          expect(JSON.parse(after)).toEqual(JSON.parse(JSON.stringify(expected)));
          expect(withMember(after, path, value)).toBe(after);
        }
    }),
  );
});
