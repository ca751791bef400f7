import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readFields, stringField } from "./protobuf.ts";

test("what was written is read", () => {
  const field = fc.tuple(fc.integer({ min: 1, max: 15 }), fc.string({ maxLength: 300 }));
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const message = Buffer.concat(fields.map(([number, value]) => stringField(number, value)));
      expect(readFields(message).map(([number, value]) => [number, String(value)])).toEqual(fields);
    }),
  );
});

test("numbers of every width between strings are passed over", () => {
  const numbers = Buffer.from([
    8,
    0x96,
    0x01,
    0x11,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    0x1d,
    1,
    2,
    3,
    4,
    0x20,
    ...Array<number>(9).fill(0xff),
    1,
  ]);
  const message = Buffer.concat([stringField(5, "a"), numbers, stringField(6, "b")]);
  expect(readFields(message).map(([number, value]) => [number, String(value)])).toEqual([
    [5, "a"],
    [6, "b"],
  ]);
});

test.each([
  ["a string that is cut off", [0x0a, 5, 1]],
  ["a length without end", [0x0a, ...Array<number>(12).fill(0xff)]],
  ["a tag without a value", [8]],
  ["a group, which is no more", [0x0b]],
  ["a type that is none", [0x0f]],
])("%s is an error", (_what, bytes) => {
  expect(() => readFields(Buffer.from(bytes))).toThrow(/cut off|does not end/);
});
