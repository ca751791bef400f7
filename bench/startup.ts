// Start-up of the command line: `petrify --version` against the smallest program that node runs.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../scripts/bundle.ts";
import { type Figure, median, printFigures } from "./support/report.ts";

const ROUNDS = 15;
const BUDGET_MS = 60;
const root = join(import.meta.dirname, "..");

// Laid out as a release is: without sources beside it, the launcher takes the bundle.
const release = mkdtempSync(join(tmpdir(), "petrify-bench-"));
const times = new Map<string, number[]>();
try {
  cpSync(join(root, "bin"), join(release, "bin"), { recursive: true });
  cpSync(join(root, "package.json"), join(release, "package.json"));
  await bundle(join(release, "dist"));
  const commands: readonly (readonly [name: string, ...args: string[]])[] = [
    ["node -e 0", "-e", "0"],
    ["petrify --version, bundled", join(release, "bin/petrify.mjs"), "--version"],
    ["petrify --version, from source", join(root, "bin/petrify.mjs"), "--version"],
  ];
  // Interleaved, so that a busy moment hits all of them.
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, ...args] of commands) times.set(name, [...(times.get(name) ?? []), elapsedMs(args)]);
} finally {
  rmSync(release, { recursive: true, force: true });
}

const bare = median(times.get("node -e 0") ?? []);
const figures = [...times].map(([name, values]): Figure => ({
  name,
  unit: "ms",
  value: median(values),
  baseline: bare,
  ...(name === "petrify --version, bundled" ? { budget: `< ${BUDGET_MS} ms` } : {}),
}));
printFigures(`start-up, median of ${ROUNDS}`, figures);

function elapsedMs(args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} failed: ${stderr}`);
  return performance.now() - started;
}
