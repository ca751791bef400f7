// `npm run fuzz [-- COUNT [SEED]]`: random create bodies, read by a private dockerd and by us.
import { type Difference, DOCKER_20, type FuzzFigures, fuzzCreate } from "./fuzz-create/run.ts";
import { busyboxPath, startPrivateEngineInMemory } from "./private-engine.ts";

const [count = "100000", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const EVERY = 2_000;
const SHOWN = 20;

// The engine must not outlive a run that is ended.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    void engine.stop().finally(() => process.exit(1));
  });
const engine = await startPrivateEngineInMemory("fuzz");
const started = performance.now();
let figures: FuzzFigures;
let shown = 0;
try {
  figures = await fuzzCreate({
    socketPath: engine.socketPath,
    busybox: await busyboxPath(),
    count: Number(count),
    seed: Number(seed),
    versions: DOCKER_20,
    atOnce: 4,
    onProgress: (done, { differences }) => {
      for (; shown < Math.min(differences.length, SHOWN); shown++) {
        const { at, what, body } = differences[shown] as Difference;
        print(`case ${at}: ${what}\n  ${body}`);
      }
      if (done % EVERY === 0) print(`${done} bodies in ${seconds()} s, ${differences.length} different`);
    },
  });
} finally {
  await engine.stop();
}
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
