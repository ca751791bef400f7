import * as fc from "fast-check";
import { expect, test } from "vitest";
import { takeOddText } from "../support/odd-property.ts";
import { oddText } from "../support/odd-texts.ts";

/** `npm run fuzz:audit` takes more. */
const RUNS = 3_000;

test(
  "no odd text ends in another error, leads out of its lines, or loses a line to a splice",
  { timeout: 120_000 },
  () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(oddText, (odd) => {
        const { audit, splice } = takeOddText(odd);
        seen.add(audit).add(splice);
      }),
      // The same ones in each run; `npm run fuzz:audit` draws others.
      { numRuns: RUNS, seed: 1 },
    );
    expect([...seen]).toEqual(
      expect.arrayContaining(["containers", "containers and problems", "problems", "changed", "refused"]),
    );
  },
);
