// Time of learn and verify of nginx, against the time that the test itself takes in them.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cleanUp, cleanUpOnSignals } from "../src/cli/cleanup.ts";
import { withSession } from "../src/cli/session.ts";
import { learnWorkload } from "../src/learn/learn.ts";
import { writeLearned } from "../src/learn/write-learned.ts";
import { verifyStrategy } from "../src/verify/verify.ts";
import { ensureImage } from "../demo/images/build.ts";
import { NGINX } from "../demo/images/recipes.ts";
import { DEMO_WORKLOADS, plainWorkload } from "../demo/workloads.ts";
import { median, printFigures } from "./support/report.ts";

const ROUNDS = 3;
const BUDGET = "< 5 s beyond the test";

process.chdir(join(import.meta.dirname, ".."));
process.env["PATH"] = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
cleanUpOnSignals();
const folder = await mkdtemp(join(tmpdir(), "petrify-bench-"));
const times = join(folder, "test-times");
try {
  const runs = await withSession({ host: "embedded" }, async (session) => {
    const image = await ensureImage(session.engine, NGINX);
    const workload = plainWorkload("nginx", image);
    const test = DEMO_WORKLOADS.find(({ recipe }) => recipe === NGINX)?.test ?? "";
    const timed = `start=$(date +%s%N); ${test}; code=$?; echo $(($(date +%s%N) - start)) >>${times}; exit $code`;
    const plan = { command: timed, readyTimeoutMs: 20_000, timeoutMs: 60_000 };
    const measured: { readonly allMs: number; readonly testMs: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await rm(times, { force: true });
      const started = performance.now();
      const learned = await learnWorkload(session, { workload, plan });
      const { strategy } = await writeLearned(learned, folder);
      const { verdict } = await verifyStrategy(session, {
        strategy,
        baseline: learned.profile,
        plan,
        minimal: false,
        environment: {},
      });
      if (verdict.outcome !== "passed") throw new Error(verdict.regressions[0]?.message);
      measured.push({ allMs: performance.now() - started, testMs: await testTimeMs() });
    }
    return measured;
  });
  const all = median(runs.map(({ allMs }) => allMs)) / 1000;
  const test = median(runs.map(({ testMs }) => testMs)) / 1000;
  const note = `${(all - test).toFixed(1)} s beyond the test`;
  printFigures(`learn and verify, median of ${ROUNDS}`, [
    { name: "nginx", unit: "s", value: all, baseline: test, budget: BUDGET, note },
  ]);
} finally {
  await rm(folder, { recursive: true, force: true });
  await cleanUp();
}

async function testTimeMs(): Promise<number> {
  const lines = (await readFile(times, "utf8")).trim().split("\n");
  return lines.reduce((sum, line) => sum + Number(line) / 1e6, 0);
}
