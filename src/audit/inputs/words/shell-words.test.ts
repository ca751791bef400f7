import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PlacedText } from "../../../export/placed-text.ts";
import { shellCommands } from "./shell-words.ts";

function wordsOf(text: string): readonly (readonly string[])[] {
  return shellCommands(new PlacedText(text, 0)).map((command) => command.map(({ placed }) => placed.text));
}

const PIECES = [
  "a",
  "b-c",
  "=",
  ":",
  "/",
  "%",
  "}",
  "'x y'",
  '"x y"',
  "'$X'",
  "''",
  '""',
  "\\ ",
  "\\\\",
  "\\'",
  '\\"',
  '"\\""',
  '"\\$"',
  '"\\a"',
  '"#"',
  "a#",
  "'\n'",
  "\\\n",
  '"a\\\nb"',
  "'\\'",
  "é",
  "' \t '",
];

test("words are what a real shell makes of them", () => {
  const word = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
  const line = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => `x ${words.join(" ")}`);
  const samples = fc.sample(fc.array(line, { minLength: 400, maxLength: 400 }), { numRuns: 1, seed: 5 })[0] ?? [];
  // Each word ends with a character that no word has, each line with another one.
  const script = `x() { for word in "$@"; do printf '%s\\1' "$word"; done; printf '\\2'; }\n${samples.map((each) => `${each}\n`).join("")}`;
  const { stdout, status } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
  expect(status).toBe(0);
  const real = stdout
    .split("\x02")
    .slice(0, -1)
    .map((each) => each.split("\x01").slice(0, -1));
  expect(real.length).toBe(samples.length);
  expect(samples.map((each) => wordsOf(each).map(([, ...rest]) => rest))).toEqual(real.map((each) => [each]));
});

describe("commands", () => {
  test.each<[text: string, commands: readonly (readonly string[])[]]>([
    ["a b; c && d | e & f\n(g); { h; }", [["a", "b"], ["c"], ["d"], ["e"], ["f"], ["g"], ["{", "h"], ["}"]]],
    ["a 2>&1 > f < g >>h &>i b", [["a", "b"]]],
    ["a <<<x b", [["a", "b"]]],
    ["cat <<A <<'B C' d\nx y\nA\nz\nB C\nb", [["cat", "d"], ["b"]]],
    ["a $(b \"$(c ')')\") `d`", [["a", "${...}", "${...}"], ["b", "${...}"], ["c", ")"], ["d"]]],
    ['a "$(b)" $((1 + 2)) ${X:-$(c)}', [["a", "${...}", "${...}", "${X}"], ["b"]]],
    ["a ${{ env.X }} {{y}} {{ z", [["a", "${env.X}", "${y}", "{{", "z"]]],
    ["a # b\n#c\nd#e", [["a"], ["d#e"]]],
    [
      "a 'b\nc \"d",
      [
        ["a", "'b"],
        ["c", '"d'],
      ],
    ],
    ["case x in a) b;; *) c;; esac", [["case", "x", "in", "a"], ["b"], ["*"], ["c"], ["esac"]]],
  ])("%j", (text, commands) => {
    expect(wordsOf(text)).toEqual(commands);
  });
});
