import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { addVerifiedDigest, formatStrategy, parseStrategy } from "./file.ts";
import { anyStrategy } from "./testing/arbitrary.ts";
import { strategyOf } from "./testing/world.ts";

const A = `sha256:${"a".repeat(64)}`;
const B = `sha256:${"b".repeat(64)}`;
const C = `docker.io/library/nginx@sha256:${"c".repeat(64)}`;
const HEAD = formatStrategy(strategyOf({})).replace("verifiedOn: []\n", "");

/** How a person may have written the list, and how it looks with B added. */
const LAYOUTS: Readonly<Record<string, readonly [before: string, after: string]>> = {
  empty: ["verifiedOn: []\n", `verifiedOn: [${B}]\n`],
  "in order, before the next": [`verifiedOn:\n  - ${B}x\n`, `verifiedOn:\n  - ${B}\n  - ${B}x\n`],
  "in order, after the last": [`verifiedOn:\n  - ${A}\n`, `verifiedOn:\n  - ${A}\n  - ${B}\n`],
  "comments stay where they are": [
    `verifiedOn: # by CI\n  # the first\n  - ${A} # on Monday\n  # done\n`,
    `verifiedOn: # by CI\n  # the first\n  - ${A} # on Monday\n  - ${B}\n  # done\n`,
  ],
  "no indentation": [`verifiedOn:\n- ${A}\n`, `verifiedOn:\n- ${A}\n- ${B}\n`],
  "no line break at the end": [`verifiedOn:\n    - ${A}`, `verifiedOn:\n    - ${A}\n    - ${B}`],
  quoted: [`verifiedOn:\n  - '${A}'\n  - "${C}"\n`, `verifiedOn:\n  - '${A}'\n  - "${C}"\n  - ${B}\n`],
  flow: [`verifiedOn: [ ${A} ]\n`, `verifiedOn: [${B},  ${A} ]\n`],
  "flow over lines": [`verifiedOn: [\n  ${A}, # x\n]\n`, `verifiedOn: [${B}, \n  ${A}, # x\n]\n`],
  "Windows line ends": [`verifiedOn:\r\n  - ${A}\r\n`, `verifiedOn:\r\n  - ${A}\r\n  - ${B}\r\n`],
  "an end marker": [`verifiedOn:\n  - ${A}\n...\n`, `verifiedOn:\n  - ${A}\n  - ${B}\n...\n`],
};

/** Whether `after` is `before` with one piece put in. */
function isOneInsertion(before: string, after: string): boolean {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  return after.endsWith(before.slice(start));
}

describe("a digest is added without touching another byte", () => {
  test.each(Object.entries(LAYOUTS))("%s", (_name, [before, after]) => {
    const head = before.includes("\r") ? HEAD.replaceAll("\n", "\r\n") : HEAD;
    expect(addVerifiedDigest(head + before, B)).toBe(head + after);
  });

  test("wherever in the file the list is", () => {
    const text = `verifiedOn:\n  - ${A}\n${HEAD}`;
    expect(addVerifiedDigest(text, B)).toBe(`verifiedOn:\n  - ${A}\n  - ${B}\n${HEAD}`);
  });

  test("in a file that is JSON", () => {
    const json = JSON.stringify(parse(`${HEAD}verifiedOn: []`), undefined, 2);
    expect(parseStrategy(addVerifiedDigest(json, B), "x.json").verifiedOn).toEqual([B]);
  });

  test("twice is once", () => {
    const once = addVerifiedDigest(`${HEAD}verifiedOn: []\n`, B);
    expect(addVerifiedDigest(once, B)).toBe(once);
  });

  test("any strategy, any digests", () => {
    const digest = fc.stringMatching(/^[a-z0-9.-]{1,12}\/[a-z]{1,8}@sha256:[0-9a-f]{64}$/);
    fc.assert(
      fc.property(anyStrategy, fc.array(digest, { maxLength: 4 }), (strategy, digests) => {
        const text = formatStrategy(strategy);
        const result = digests.reduce((before, next) => {
          const after = addVerifiedDigest(before, next);
          expect(isOneInsertion(before, after)).toBe(true);
          return after;
        }, text);
        const all = [...new Set([...strategy.verifiedOn, ...digests])];
        expect(new Set(parseStrategy(result, "x.yaml").verifiedOn)).toEqual(new Set(all));
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});

test("a digest that is no plain text cannot break out of the list", () => {
  for (const digest of ["x\nname: y", "a: b", "x # y", "]", "- x", "\u202e"]) {
    const result = addVerifiedDigest(`${HEAD}verifiedOn: []\n`, digest);
    expect(parseStrategy(result, "x.yaml").verifiedOn).toEqual([digest]);
  }
});

test("what is no strategy is refused", () => {
  expect(() => addVerifiedDigest("a: b", B)).toThrow(expect.objectContaining({ code: "E_STRATEGY_INVALID" }));
});
