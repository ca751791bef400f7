import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportCompose } from "../src/export/compose.ts";
import { exportDocker } from "../src/export/docker.ts";
import { learnWorkload } from "../src/learn/learn.ts";
import type { Session } from "../src/learn/session.ts";
import { DEFAULT_TEST_TIMEOUT_MS, type TestPlan } from "../src/learn/test-plan.ts";
import { writeLearned } from "../src/learn/write-learned.ts";
import { PetrifyError } from "../src/model/errors.ts";
import type { Strategy } from "../src/model/strategy.ts";
import type { Verdict } from "../src/model/verdict.ts";
import { TEMPLATE_TMPFS } from "../src/run/choose.ts";
import { saveVerified } from "../src/verify/files.ts";
import { verifyStrategy } from "../src/verify/verify.ts";
import { type Attempt, attemptReadOnly } from "./attempt.ts";
import { type DemoWorkload, plainWorkload } from "./workloads.ts";

export interface Comparison {
  readonly name: string;
  readonly image: string;
  readonly plainReadOnly: Attempt;
  readonly template: Attempt;
  readonly strategy: Attempt;
  readonly entries: Strategy["entries"];
  readonly eventsSeen: number;
  readonly eventsLost: number;
  readonly seconds: number;
}

/** The time in which the slowest of the applications is up, several times over; one that died is noticed at once. */
const READY_TIMEOUT_MS = 20_000;

/**
 * Runs one application three ways, each with its test and with a replaced container: plain read-only, with CRI-O's template,
 * and with the strategy learned here. Writes strategy, profile and exports into `folder`.
 */
export async function compare(
  session: Session,
  demo: DemoWorkload,
  image: string,
  folder: string,
): Promise<Comparison> {
  const started = performance.now();
  const workload = plainWorkload(demo.recipe.name, image);
  const plan: TestPlan = { command: demo.test, readyTimeoutMs: READY_TIMEOUT_MS, timeoutMs: DEFAULT_TEST_TIMEOUT_MS };
  await session.openSensor();
  const [seenBefore, lostBefore] = [session.delivered, await lost(session)];

  session.progress.note(`${workload.name}: plain read-only`);
  const plainReadOnly = await attemptReadOnly(session, workload, plan, {});
  session.progress.note(`${workload.name}: CRI-O's template`);
  const template = await attemptReadOnly(session, workload, plan, TEMPLATE_TMPFS);
  session.progress.note(`${workload.name}: learning`);
  const learned = await learnWorkload(session, { workload, plan });
  await mkdir(folder, { recursive: true });
  const { strategy, strategyFile } = await writeLearned(learned, folder);
  session.progress.note(`${workload.name}: verifying what was learned`);
  const verified = await verifyStrategy(session, {
    strategy,
    baseline: learned.profile,
    plan,
    minimal: false,
    environment: {},
  });
  await saveVerified(strategyFile, verified);
  for (const [file, exported] of [
    [`${workload.name}.docker.sh`, exportDocker(strategy)],
    [`${workload.name}.compose.yaml`, exportCompose(strategy)],
  ] as const)
    await writeFile(join(folder, file), exported.text);

  return {
    name: workload.name,
    image,
    plainReadOnly,
    template,
    strategy: outcome(verified.verdict),
    entries: strategy.entries,
    eventsSeen: session.delivered - seenBefore,
    eventsLost: (await lost(session)) - lostBefore,
    seconds: Math.round((performance.now() - started) / 100) / 10,
  };
}

async function lost(session: Session): Promise<number> {
  return Object.values(await session.loss()).reduce((sum, count) => sum + count, 0);
}

function outcome(verdict: Verdict): Attempt {
  if (verdict.outcome === "passed") return { works: true };
  const [first] = verdict.regressions;
  if (first === undefined) throw new PetrifyError("E_INTERNAL", "A verdict failed without a reason.");
  return { works: false, reason: first.message };
}
