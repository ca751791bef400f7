/** `npm run ci`: everything that must hold before a change lands, cheapest first; stops at the first failure. What it leaves behind is one. */
import { spawnSync } from "node:child_process";
import { OwnTraces } from "./own-traces.ts";

const STEPS: readonly (readonly [name: string, command: string])[] = [
  ["format", "oxfmt --check ."],
  ["lint", "oxlint"],
  ["types", "tsc -p ."],
  ["bundle", "node scripts/bundle.ts"],
  ["BPF object rebuilt, byte by byte", "sh scripts/build-bpf --check"],
  ["tests, of the package and the release too", "npm test"],
];

const start = performance.now();
const traces = new OwnTraces();
const changedBefore = changedFiles();
for (const [name, command] of STEPS) {
  const stepStart = performance.now();
  console.log(`\n=== ${name}: ${command}`);
  const env = { ...process.env, TMPDIR: traces.folder };
  const { status } = spawnSync("sh", ["-c", command], { stdio: "inherit", env });
  const left = await traces.left();
  const changed = changedFiles().filter((file) => !changedBefore.includes(file));
  for (const line of [...left, ...changed.map((file) => `changed in the checkout: ${file}`)])
    console.log(`=== ${name}: left behind: ${line}`);
  if (status !== 0 || left.length > 0 || changed.length > 0) {
    console.log(`=== ${name}: FAILED after ${seconds(stepStart)}`);
    if (left.length === 0) traces.remove();
    process.exit(1);
  }
  // The summary of the tests stays the last line.
  if (name !== STEPS.at(-1)?.[0]) console.log(`=== ${name}: ok, ${seconds(stepStart)} (${seconds(start)} in all)`);
}
traces.remove();

/** Lines of `git status`; none where the sources are no checkout. */
function changedFiles(): readonly string[] {
  const { status, stdout } = spawnSync("git", ["status", "--porcelain"], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n").filter((line) => line !== "") : [];
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
