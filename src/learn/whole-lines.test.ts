import { expect, test } from "vitest";
import { WholeLines } from "./whole-lines.ts";

test.each<[string, readonly string[], readonly string[]]>([
  ["pieces of a line", ["cu", "rl: (23)", " failed\n"], ["curl: (23) failed"]],
  ["several lines at once, the last without an end", ["a\nb\nc"], ["a", "b", "c"]],
  ["an empty line", ["a\n\n", "b\n"], ["a", "", "b"]],
  ["nothing", ["", ""], []],
])("%s", (_, pieces, expected) => {
  const lines: string[] = [];
  const whole = new WholeLines((line) => lines.push(line));
  for (const piece of pieces) whole.take(piece);
  whole.end();
  whole.end();
  expect(lines).toEqual(expected);
});
