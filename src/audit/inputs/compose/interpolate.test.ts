import { describe, expect, test } from "vitest";
import { parseDotenv } from "./dotenv.ts";
import { interpolate } from "./interpolate.ts";

const VARIABLES = new Map([
  ["A", "1"],
  ["EMPTY", ""],
]);

test.for<[template: string, text: string, known: boolean]>([
  ["plain", "plain", true],
  ["$A ${A} $$A $${A}", "1 1 $A ${A}", true],
  ["$NO", "${NO}", false],
  ["${NO}", "${NO}", false],
  ["${NO-d}${NO:-e}${EMPTY-f}${EMPTY:-g}${A:-h}", "deg1", true],
  ["${NO:-${A:-x}}}", "1}", true],
  ["${NO:-${NO2}}", "${NO2}", false],
  ["${A:+x}${A+y}${EMPTY:+z}${EMPTY+w}", "xyw", true],
  ["${NO:+x}", "${NO}", false],
  ["${A:?m}${A?m}${EMPTY?m}", "11", true],
  ["${NO:?m}", "${NO}", false],
  ["${EMPTY:?m}", "${EMPTY}", false],
  ["$ ${ ${A $1 ${1}", "$ ${ ${A $1 ${1}", true],
  ["${NO:-a:b}:$A", "a:b:1", true],
  [`${"${NO:-".repeat(20)}x${"}".repeat(20)}`, "x", true],
  [`${"${NO:-".repeat(100_000)}x${"}".repeat(100_000)}`, `${"${NO:-".repeat(99_979)}x${"}".repeat(99_979)}`, false],
  ["${A".repeat(100_000), "${A".repeat(100_000), true],
])("%.60s", ([template, text, known]) => {
  expect(interpolate(template, VARIABLES)).toMatchObject({ text, known });
});

describe(".env", () => {
  test.for<[text: string, expected: Record<string, string>]>([
    ["A=1\r\nB = 2\n", { A: "1", B: "2" }],
    ["# A=1\n\n  export B=2 # c\nC=a#b\nD=#c\n", { B: "2", C: "a#b", D: "" }],
    ['A=\'$X \\n\' # c\nB="a\\n\\"b\\" \\$X"\n', { A: "$X \\n", B: 'a\n"b" $X' }],
    ["A=1\nB=${A}2\nC=$NO\nD=${NO:-x}\n", { A: "1", B: "12", D: "x" }],
    ["A=\nB\nC: 3\nA=2", { A: "2", C: "3" }],
    ['A="two\nlines"\nB=1', { A: "two\nlines", B: "1" }],
    ["\uFEFFA=1", { A: "1" }],
    ["not a line\n=x\n%$&\n", {}],
  ])("%j", ([text, expected]) => {
    expect(Object.fromEntries(parseDotenv(text))).toEqual(expected);
  });

  test("what is known already wins", () => {
    expect(parseDotenv("A=2\nB=$A", VARIABLES)).toEqual(new Map([...VARIABLES, ["B", "1"]]));
  });
});
