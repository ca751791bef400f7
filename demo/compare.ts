import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportCompose } from "../src/export/compose.ts";
import { exportDocker } from "../src/export/docker.ts";
import type { Learned } from "../src/learn/learned.ts";
import type { Session } from "../src/learn/session.ts";
import { writeLearned } from "../src/learn/write-learned.ts";
import { PetrifyError } from "../src/model/errors.ts";
import type { Strategy } from "../src/model/strategy.ts";
import type { Verdict } from "../src/model/verdict.ts";
import { TEMPLATE_TMPFS } from "../src/strategy/template.ts";
import { saveVerified } from "../src/verify/files.ts";
import { verifyStrategy } from "../src/verify/verify.ts";
import { type Attempt, attemptReadOnly } from "./attempt.ts";
import type { CorpusWorkload } from "./corpus.ts";
import { learnAsAsked } from "./learn.ts";
import { planOf, workloadOf } from "./workloads.ts";

export interface Comparison {
  readonly name: string;
  readonly image: string;
  readonly plainReadOnly: Attempt;
  readonly template: Attempt;
  readonly strategy: Attempt;
  readonly learned: Learned;
  /** Before settings were tried: all that it writes as it is. */
  readonly unset: Learned;
  readonly verdict: Verdict;
  /** Strategy, profile and exports lie beside each other. */
  readonly strategyFile: string;
  readonly composeFile: string;
  readonly entries: Strategy["entries"];
  readonly eventsSeen: number;
  readonly eventsLost: number;
  readonly seconds: number;
}

/**
 * Runs one application three ways, each with its test and with a replaced container: plain read-only, with CRI-O's template,
 * and with the strategy learned here. Writes strategy, profile and exports into `folder`. With `minimal` each of its mounts is also
 * taken away in turn.
 */
export async function compare(
  session: Session,
  application: CorpusWorkload,
  image: string,
  folder: string,
  { minimal = false }: { readonly minimal?: boolean } = {},
): Promise<Comparison> {
  const started = performance.now();
  const workload = workloadOf(application, image);
  const plan = planOf(application);
  await session.openSensor();
  const [seenBefore, lostBefore] = [session.delivered, await lost(session)];

  session.progress.note(`${workload.name}: plain read-only`);
  const plainReadOnly = await attemptReadOnly(session, workload, plan, {});
  session.progress.note(`${workload.name}: CRI-O's template`);
  const template = await attemptReadOnly(session, workload, plan, TEMPLATE_TMPFS);
  session.progress.note(`${workload.name}: learning`);
  const { learned, unset } = await learnAsAsked(session, workload, plan);
  await mkdir(folder, { recursive: true });
  const { strategy, strategyFile } = await writeLearned(learned, folder);
  session.progress.note(`${workload.name}: verifying what was learned`);
  const verified = await verifyStrategy(session, {
    strategy,
    baseline: learned.profile,
    plan,
    minimal,
    environment: {},
  });
  await saveVerified(strategyFile, verified);
  const composeFile = join(folder, `${workload.name}.compose.yaml`);
  await writeFile(join(folder, `${workload.name}.docker.sh`), exportDocker(strategy).text);
  await writeFile(composeFile, exportCompose(strategy).text);

  return {
    name: workload.name,
    image,
    plainReadOnly,
    template,
    strategy: outcome(verified.verdict),
    learned,
    unset,
    verdict: verified.verdict,
    strategyFile,
    composeFile,
    entries: strategy.entries,
    eventsSeen: session.delivered - seenBefore,
    eventsLost: (await lost(session)) - lostBefore,
    seconds: Math.round((performance.now() - started) / 100) / 10,
  };
}

async function lost(session: Session): Promise<number> {
  return Object.values(await session.loss()).reduce((sum, count) => sum + count, 0);
}

/** Whether a verdict passed, and else the first reason. */
export function outcome(verdict: Verdict): Attempt {
  if (verdict.outcome === "passed") return { works: true };
  const [first] = verdict.regressions;
  if (first === undefined) throw new PetrifyError("E_INTERNAL", "A verdict failed without a reason.");
  return { works: false, reason: first.message };
}
