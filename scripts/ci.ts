/** `npm run ci`: everything that must hold before a change lands, cheapest first; stops at the first failure. */
import { spawnSync } from "node:child_process";

const STEPS: readonly (readonly [name: string, command: string])[] = [
  ["format", "oxfmt --check ."],
  ["lint", "oxlint"],
  ["types", "tsc -p ."],
  ["bundle", "node scripts/bundle.ts"],
  ["BPF object rebuilt, byte by byte", "sh scripts/build-bpf --check"],
  ["package and release, installed and run", "vitest run --project release"],
  ["tests", "npm test"],
];

const start = performance.now();
for (const [name, command] of STEPS) {
  const stepStart = performance.now();
  console.log(`\n=== ${name}: ${command}`);
  const { status } = spawnSync("sh", ["-c", command], { stdio: "inherit" });
  if (status !== 0) {
    console.log(`=== ${name}: FAILED after ${seconds(stepStart)}`);
    process.exit(1);
  }
  // The summary of the tests stays the last line.
  if (name !== "tests") console.log(`=== ${name}: ok, ${seconds(stepStart)} (${seconds(start)} in all)`);
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
