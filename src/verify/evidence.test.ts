import { expect, test } from "vitest";
import type { Regression } from "../model/verdict.ts";
import { mostTelling } from "./evidence.ts";

function fails(path?: string): Regression {
  const kind = path === undefined ? "exit" : "operation";
  return { kind, message: `fails at ${path ?? "the end"}`, fix: "", ...(path === undefined ? {} : { path }) };
}

// A program that finds no temporary directory tries others, down to `/`.
test.each([
  ["what failed below the mount", [fails("/*"), fails("/srv/x"), fails("/tmp/*")], "fails at /tmp/*"],
  ["what failed at the mount", [fails("/*"), fails("/tmp")], "fails at /tmp"],
  ["not what only starts alike", [fails("/srv/x"), fails("/tmpfiles")], "fails at /srv/x"],
  ["else the first", [fails(), fails("/*")], "fails at the end"],
  ["nothing", [], undefined],
] as const)("the evidence is %s", (_, regressions, expected) => {
  expect(mostTelling("/tmp", regressions)).toBe(expected);
});
