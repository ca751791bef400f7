// `npm run fuzz:create [-- COUNT [SEED]]`: random create bodies, read by a private dockerd and by us.
import { type FuzzFigures, fuzzCreate } from "./fuzz-create/run.ts";
import { busyboxPath, removePrivateEngine, startPrivateEngine } from "./private-engine.ts";

const [count = "10000", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const LANE = "fuzz";
const EVERY = 2_000;
const SHOWN = 20;

const engine = await startPrivateEngine(LANE);
const started = performance.now();
let figures: FuzzFigures;
try {
  figures = await fuzzCreate({
    socketPath: engine.socketPath,
    busybox: await busyboxPath(),
    count: Number(count),
    seed: Number(seed),
    atOnce: 4,
    onProgress: (done, { differences }) => {
      if (done % EVERY === 0) print(`${done} bodies in ${seconds()} s, ${differences.length} different`);
    },
  });
} finally {
  await engine.stop();
  removePrivateEngine(LANE);
}
for (const { at, what, body } of figures.differences.slice(0, SHOWN)) print(`case ${at}: ${what}\n  ${body}`);
print(`${count} create bodies, seed ${seed}: ${seconds()} s, ${figures.differences.length} different`);
for (const [outcome, times] of [...figures.counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  print(`  ${outcome}: ${times}`);
process.exitCode = figures.differences.length === 0 ? 0 : 1;

function seconds(): string {
  return ((performance.now() - started) / 1_000).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
