// `node demo/sensors.ts [--only NAME]`: the demo's applications learned and verified on Docker and on Podman by each sensor; whether the strategies agree.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { cleanUp, cleanUpOnSignals, interruption, onCleanup } from "../src/cli/cleanup.ts";
import { renderTable } from "../src/cli/render/table.ts";
import { styleFor, widthOf } from "../src/cli/render/style.ts";
import { withSession } from "../src/cli/session.ts";
import { learnWorkload } from "../src/learn/learn.ts";
import type { Session } from "../src/learn/session.ts";
import { DEFAULT_TEST_TIMEOUT_MS } from "../src/learn/test-plan.ts";
import { writeLearned } from "../src/learn/write-learned.ts";
import { PetrifyError } from "../src/model/errors.ts";
import type { Strategy, StrategyEntry } from "../src/model/strategy.ts";
import type { Verdict } from "../src/model/verdict.ts";
import { SENSOR_KINDS, type SensorKind } from "../src/sensor/sensor.ts";
import { verifyStrategy } from "../src/verify/verify.ts";
import { startPrivateEngine, startPrivatePodman } from "../test/support/private-engine.ts";
import type { CorpusWorkload } from "./corpus.ts";
import { ensureImages } from "./images/build.ts";
import { DEMO_WORKLOADS, plainWorkload } from "./workloads.ts";

interface Outcome {
  readonly application: string;
  readonly engine: string;
  readonly sensor: SensorKind;
  /** Learned and verified, or why not. */
  readonly result: { readonly strategy: Strategy; readonly verdict: Verdict } | PetrifyError;
}

const READY_TIMEOUT_MS = 60_000;
const ENGINES = { docker: startPrivateEngine, podman: startPrivatePodman };

const { values } = parseArgs({ options: { only: { type: "string" } } });
const demos = DEMO_WORKLOADS.filter(({ recipe }) => values.only === undefined || recipe.name === values.only);
process.chdir(join(import.meta.dirname, ".."));
process.env["PATH"] = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
cleanUpOnSignals();
const folder = await mkdtemp(join(tmpdir(), "petrify-sensors-"));
onCleanup(() => rm(folder, { recursive: true, force: true }));
try {
  const outcomes: Outcome[] = [];
  for (const [name, start] of Object.entries(ENGINES)) {
    const engine = await start();
    const forget = onCleanup(() => engine.stop());
    for (const sensor of SENSOR_KINDS)
      await withSession({ host: `unix://${engine.socketPath}`, sensor }, async (session, status) => {
        const recipes = demos.map(({ recipe }) => recipe);
        const onProgress = (line: string): void => status.phase(line);
        const images = await ensureImages(session.engine, recipes, { onProgress, signal: interruption });
        for (const [index, demo] of demos.entries()) {
          session.progress.note(`${demo.recipe.name}: ${name}, ${sensor}`);
          // Containers are reached in the engine's network namespace.
          const test = `nsenter -t ${engine.pid} -n ${demo.test}`;
          const result = await learnAndVerify(session, demo, images[index] as string, test).catch(unlessInterrupted);
          outcomes.push({ application: demo.recipe.name, engine: name, sensor, result });
        }
      });
    await engine.stop();
    forget();
    // Unless tests of this checkout use it meanwhile.
    if (!existsSync(engine.socketPath)) await rm(engine.cacheDir, { recursive: true, force: true });
  }
  process.exitCode = print(outcomes) ? 0 : 2;
} finally {
  await cleanUp();
}

async function learnAndVerify(
  session: Session,
  { recipe }: CorpusWorkload,
  image: string,
  test: string,
): Promise<{ readonly strategy: Strategy; readonly verdict: Verdict }> {
  const plan = { command: test, readyTimeoutMs: READY_TIMEOUT_MS, timeoutMs: DEFAULT_TEST_TIMEOUT_MS };
  const learned = await learnWorkload(session, { workload: plainWorkload(recipe.name, image), plan });
  const { strategy } = await writeLearned(learned, await mkdtemp(join(folder, "learned-")));
  const baseline = learned.profile;
  const { verdict } = await verifyStrategy(session, { strategy, baseline, plan, minimal: false, environment: {} });
  return { strategy, verdict };
}

function unlessInterrupted(error: unknown): PetrifyError {
  if (!(error instanceof PetrifyError) || error.code === "E_INTERRUPTED") throw error;
  return error;
}

/** Prints a table for each application. Whether each way gives the first one's strategy and passes, `diff` apart: that must call itself incomplete. */
function print(outcomes: readonly Outcome[]): boolean {
  let agree = true;
  for (const [application, own] of Map.groupBy(outcomes, (outcome) => outcome.application)) {
    const reference = own[0]?.result;
    if (reference === undefined || reference instanceof PetrifyError) throw reference ?? new Error("nothing was run");
    const rows = own.map(({ engine, sensor, result }) => {
      if (result instanceof PetrifyError) {
        agree = false;
        return [engine, sensor, `${result.message} [${result.code}]`, "", ""];
      }
      const { strategy, verdict } = result;
      const differs = differences(reference.strategy, strategy);
      const isComplete = strategy.incomplete.length === 0;
      if (verdict.outcome !== "passed") agree = false;
      if (sensor === "diff" ? isComplete : differs.length > 0 || !isComplete) agree = false;
      const profile = isComplete ? "complete" : "incomplete";
      const regressions = verdict.regressions.map(({ message }) => `: ${message}`).slice(0, 1);
      return [engine, sensor, differs.join("; ") || "the same", profile, verdict.outcome + regressions.join("")];
    });
    const titles = [application, "sensor", "strategy", "profile", "verify"].map((title) => ({ title }));
    const table = renderTable(titles, rows, { width: widthOf(process.stdout), style: styleFor(process.stdout) });
    process.stdout.write(`${table}By BPF on Docker: ${reference.strategy.entries.map(told).join(", ")}\n\n`);
  }
  process.stdout.write(agree ? "All agree.\n" : "They do not agree.\n");
  return agree;
}

/** What of the first the second has not, and the other way round. Reasons in words may name who wrote, which not every sensor knows. */
function differences(a: Strategy, b: Strategy): readonly string[] {
  const [known, found] = [a, b].map(({ entries }) => new Set(entries.map(told)));
  return [
    ...[...known!].filter((entry) => !found!.has(entry)).map((entry) => `not ${entry}`),
    ...[...found!].filter((entry) => !known!.has(entry)).map((entry) => `also ${entry}`),
  ];
}

function told({ why: _why, kind, path, ...rest }: StrategyEntry): string {
  const settings = Object.entries(rest).map(
    ([name, value]) => `${name}=${name === "mode" ? Number(value).toString(8) : String(value)}`,
  );
  return `${kind} ${path} (${settings.join(" ")})`;
}
