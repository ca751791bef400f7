// `npm run fuzz:audit [-- RUNS [SEED]]`: odd texts through audit and splices; prints how they were taken and the memory at most.
import * as fc from "fast-check";
import { takeOddText } from "./odd-property.ts";
import { oddText } from "./odd-texts.ts";

const [runs = "10000", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const counts = new Map<string, number>();
const started = performance.now();
fc.assert(
  fc.property(oddText, (odd) => {
    const { audit, splice } = takeOddText(odd);
    for (const outcome of [`audit: ${audit}`, `splice: ${splice}`]) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }),
  { numRuns: Number(runs), seed: Number(seed) },
);
const seconds = ((performance.now() - started) / 1_000).toFixed(1);
const rssMiB = Math.round(process.resourceUsage().maxRSS / 1_024);
process.stdout.write(`${runs} odd texts, seed ${seed}: ${seconds} s, ${rssMiB} MiB at most\n`);
for (const [outcome, count] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  process.stdout.write(`  ${outcome}: ${count}\n`);
