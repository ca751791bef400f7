import { PetrifyError } from "../model/errors.ts";
import type { ImageFacts } from "../model/image.ts";
import type { Profile } from "../model/profile.ts";
import type { Strategy, StrategyEntry } from "../model/strategy.ts";
import type { Regression, Verdict } from "../model/verdict.ts";
import type { Workload } from "../model/workload.ts";
import type { Experiment, ExperimentOptions } from "../learn/experiment.ts";
import { ensureImage } from "../learn/learn.ts";
import { isSelfContained } from "../learn/own-volume.ts";
import { quote } from "../learn/quote.ts";
import { readOnlyRun } from "../learn/read-only-run.ts";
import type { Session } from "../learn/session.ts";
import type { TestPlan } from "../learn/test-plan.ts";
import { isMount } from "../strategy/kinds.ts";
import { logLinks } from "../strategy/log-links.ts";
import { withSettings } from "../strategy/settings.ts";
import { selinuxDenials } from "./audit-log.ts";
import { mostTelling } from "./evidence.ts";
import { denialsInLog } from "./log-denials.ts";
import { judge } from "./judge/judge.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface VerifyOptions {
  readonly strategy: Strategy;
  readonly baseline: Profile;
  readonly plan: TestPlan;
  /** Takes each mount away in turn as well. */
  readonly minimal: boolean;
  /** Values for the variables that the strategy names without one. */
  readonly environment: Environment;
  /** Image to verify instead of the one that was learned. */
  readonly imageReference?: string;
}

export interface Verified {
  readonly verdict: Verdict;
  readonly image: ImageFacts;
  /** The run was observed completely, and so was the one that was learned. */
  readonly complete: boolean;
  /** With `minimal`: the strategy without the mounts that nothing needed. */
  readonly reduced?: Strategy;
}

/**
 * Runs the workload read-only under the strategy, replaces its container on the same volumes, and compares every operation
 * with the learned baseline. Throws what the engine and the sensor throw; a failed verdict is a result, not an error.
 */
export async function verifyStrategy(session: Session, options: VerifyOptions): Promise<Verified> {
  const { strategy, environment, imageReference } = options;
  const learned = withEnvironment(strategy.workload, environment);
  const image = await ensureImage(session, imageReference ?? learned.image);
  const workload = withSettings(
    { ...learned, image: imageReference ?? learned.image },
    strategy.settings ?? [],
    image.env,
  );
  const context = { ...options, session, workload, image };
  const sinceMs = Date.now();
  const run = await runReadOnly(context, options.strategy, undefined);
  const { local, selinux } = session.engine.info;
  const denials = selinux ? { selinux: local ? selinuxDenials(sinceMs) : [] } : {};
  const judged = judge({
    baseline: options.baseline,
    run: { ...judgedRun(run), ...denials },
    strategy: options.strategy,
  });
  const caveats = [
    ...new Set([
      ...judged.caveats,
      ...run.incomplete,
      ...options.strategy.entries.flatMap(untried),
      ...(run.sensor === "diff" ? denialsInLog(run.logs) : []),
    ]),
  ].toSorted();
  const verdict: Verdict = {
    strategy: options.strategy.name,
    imageId: image.id,
    outcome: judged.regressions.length === 0 ? "passed" : "failed",
    regressions: judged.regressions,
    denied: judged.denied,
    ...mustChange(options.strategy),
    phases: run.coverage.phases,
    caveats,
  };
  if (verdict.outcome === "failed") quoteFailure(session, run);
  const complete = isComplete(run, options.strategy, options.baseline);
  if (!options.minimal || verdict.outcome === "failed") return { verdict, image, complete };
  const tried = await takeEachAway(context);
  const needless = new Set(tried.filter((one) => !one.needed).map((one) => one.path));
  const reduced = withoutMounts(options.strategy, needless);
  return { verdict: { ...verdict, minimal: tried }, image, complete, reduced };
}

/** The strategy without its entries at `paths`, and without the logs that lie in none of its mounts then. */
function withoutMounts(strategy: Strategy, paths: ReadonlySet<string>): Strategy {
  const { logs = [], ...rest } = strategy;
  const entries = strategy.entries.filter((entry) => !paths.has(entry.path));
  const links = new Set(logLinks({ entries, logs }).map(({ path }) => path));
  const kept = logs.filter(({ path }) => links.has(path));
  return { ...rest, entries, ...(kept.length === 0 ? {} : { logs: kept }) };
}

/** Whether the run was observed completely, and what it was compared with as well: the profile may have been learned anew. */
export function isComplete(run: Pick<Experiment, "incomplete">, strategy: Strategy, baseline: Profile): boolean {
  return [run.incomplete, strategy.incomplete, baseline.header.incomplete].every((reasons) => reasons.length === 0);
}

/** The containers are gone by now: what they and the test printed last is told here, or never. */
function quoteFailure(session: Session, { exercised, coverage, logs }: Experiment): void {
  const failed = exercised.find(({ outcome: { test, exec } }) => (test ?? 0) !== 0 || (exec ?? 0) !== 0);
  if (failed !== undefined) quote(session, `the test of the ${failed.outcome.phase} run`, failed.testOutput);
  if (coverage.phases.some(({ exitedEarly }) => exitedEarly !== undefined)) quote(session, "the container", logs);
}

interface RunContext extends VerifyOptions {
  readonly session: Session;
  readonly workload: Workload;
  readonly image: ImageFacts;
}

/** One run under the strategy, `without` left out. */
function runReadOnly(
  context: RunContext,
  strategy: Strategy,
  without: StrategyEntry | undefined,
  stopAfter?: ExperimentOptions["stopAfter"],
): Promise<Experiment> {
  const { session, workload, image, plan, baseline } = context;
  const entries = strategy.entries.filter((entry) => entry !== without);
  return readOnlyRun(session, {
    workload: { ...workload, mounts: workload.mounts.filter((mount) => mount.target !== without?.path) },
    image,
    plan,
    strategy: { ...strategy, entries },
    phases: baseline.header.coverage.phases.length > 1 ? ["first", "replace"] : ["first"],
    ...(stopAfter === undefined ? {} : { stopAfter }),
  });
}

function mustChange({ entries }: Strategy): Pick<Verdict, "mustChange"> {
  const found = entries.flatMap((entry) => (entry.kind === "image" ? [{ path: entry.path, fix: entry.fix }] : []));
  return found.length === 0 ? {} : { mustChange: found };
}

/** What the run could not show of an entry. */
function untried(entry: StrategyEntry): readonly string[] {
  if (entry.kind === "volume" && !isSelfContained(entry))
    return [`the volume on ${entry.path} was not tried with its driver and options: the run got a local one`];
  if (entry.kind === "seeded" || entry.kind === "scratch")
    return [`the size of the ${entry.kind} mount on ${entry.path} was not tried: the engine bounds no volume`];
  return [];
}

type Tried = NonNullable<Verdict["minimal"]>[number];

/**
 * Takes away one mount at a time for good: what turns out needless stays away while the next one is tried. What the user gave
 * read-only is no place to write, and stays.
 */
async function takeEachAway(context: RunContext): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  let strategy = context.strategy;
  const readOnly = new Set(context.workload.mounts.filter((mount) => mount.readOnly).map(({ target }) => target));
  const mounts = context.strategy.entries.filter(
    (entry) => isMount(entry) && entry.kind !== "bind" && !readOnly.has(entry.path),
  );
  for (const [index, entry] of mounts.entries()) {
    context.session.progress.note(`without ${entry.path} (${index + 1} of ${mounts.length})`);
    const evidence = await evidenceAgainst(context, strategy, entry);
    tried.push({
      path: entry.path,
      needed: evidence !== undefined,
      evidence: evidence ?? "everything works without it",
    });
    if (evidence === undefined)
      strategy = { ...strategy, entries: strategy.entries.filter((other) => other !== entry) };
  }
  return tried;
}

/** The first newly failing thing without this entry; undefined when all goes on as before. */
async function evidenceAgainst(
  context: RunContext,
  strategy: Strategy,
  entry: StrategyEntry,
): Promise<string | undefined> {
  const without = { ...strategy, entries: strategy.entries.filter((other) => other !== entry) };
  const regressions = (run: Parameters<typeof judge>[0]["run"]): readonly Regression[] =>
    judge({ baseline: context.baseline, run, strategy: without }).regressions;
  try {
    const run = await runReadOnly(context, strategy, entry, ({ outcome }, records) =>
      regressions({ records: records(), phases: [outcome] }).some(({ kind }) => kind === "operation"),
    );
    // What was not seen completely is no proof that the mount can go.
    return mostTelling(entry.path, regressions(judgedRun(run))) ?? run.incomplete[0];
  } catch (error) {
    // A container that cannot even start without the mount needs it.
    if (error instanceof PetrifyError && error.code === "E_CONTAINER_START") return error.message;
    throw error;
  }
}

function judgedRun({ records, coverage, sensor }: Experiment): Parameters<typeof judge>[0]["run"] {
  return { records, phases: coverage.phases, sensor };
}

/** The learned run with the values of variables that the strategy leaves out, taken from `environment`. Throws E_USAGE. */
export function withEnvironment(workload: Workload, environment: Environment): Workload {
  const env = workload.env.map((entry) => {
    if (entry.includes("=")) return entry;
    const value = environment[entry];
    if (value === undefined)
      throw new PetrifyError(
        "E_USAGE",
        `The workload needs the variable ${entry}, whose value the strategy does not hold.`,
        {
          hint: `Give -e ${entry} to take it from the environment, or -e ${entry}=VALUE.`,
        },
      );
    return `${entry}=${value}`;
  });
  return { ...workload, env };
}
