import type { EngineInfo } from "../engine/engine.ts";
import { PetrifyError } from "../model/errors.ts";
import { NO_LOSS } from "../model/event.ts";
import type { ImageFacts, ImageNames } from "../model/image.ts";
import type { PhaseOutcome, ProfileHeader } from "../model/profile.ts";
import type { StrategyTest } from "../model/strategy.ts";
import { unseen } from "../model/unseen.ts";
import type { Workload } from "../model/workload.ts";
import type { SensorKind } from "../sensor/sensor.ts";
import { derivation, NO_REFERENCE } from "./derivation.ts";
import { type Experiment, experiment, type ExperimentOptions } from "./experiment.ts";
import type { Learned } from "./learned.ts";
import { quote } from "./quote.ts";
import { compareFresh, readUsed, type UsedContainer, wentWell } from "./regenerated.ts";
import { retryReadOnly } from "./retry-read-only.ts";
import type { RunRecordingFile } from "./run-recording.ts";
import type { Session } from "./session.ts";
import { withRegenerated } from "../strategy/regenerated.ts";
import { coverageOf } from "./coverage.ts";
import { isTested, type TestPlan } from "./test-plan.ts";

export interface LearnOptions {
  readonly workload: Workload;
  readonly plan: TestPlan;
  readonly recording?: RunRecordingFile;
  readonly look?: ExperimentOptions["look"];
  readonly links?: ExperimentOptions["links"];
  readonly countLog?: boolean;
}

/**
 * Runs the workload writable as the user would, with the test, stops it, starts it again, and folds all it wrote into a profile.
 * Throws E_TEST_FAILED when the test fails on the writable container, E_NOT_READY when the workload died before the test.
 */
export async function learnWorkload(session: Session, options: LearnOptions): Promise<Learned> {
  const { workload, plan } = options;
  // Before a pull of gigabytes that would be of no use without it.
  const { kind } = await session.openSensor();
  const image = await ensureImage(session, workload.image);
  const identity = profileIdentity(session.engine.info, workload, image, kind);
  const test = strategyTest(plan, image);
  options.recording?.about({ identity, workload, image, test });
  let used: UsedContainer | undefined;
  const made = await experiment(session, {
    workload,
    image,
    plan,
    atEnd: async (container, { records, madeOnce, tree }) => {
      const header = { ...identity, incomplete: [], loss: NO_LOSS, coverage: { phases: [], listening: [] } };
      const input = { workload, image, tree, test, profile: { header, records }, profileReference: NO_REFERENCE };
      used = await readUsed(session, container, { plan, input, madeOnce });
    },
    readOnlyRoot: false,
    tmpfs: {},
    volumes: [],
    binds: [],
    phases: ["first", "restart"],
    stopAfter: ({ outcome }) =>
      failed(outcome.test) || failed(outcome.exec) || (isTested(plan) && outcome.exitedEarly !== undefined),
    ...(options.recording === undefined ? {} : { recording: options.recording }),
    ...(options.look === undefined ? {} : { look: options.look }),
    ...(options.links === undefined ? {} : { links: options.links }),
    countLog: options.countLog === true,
  });
  failUnlessTested(session, workload, plan, made);
  const { phases } = made.coverage;
  const tested = withProbe(test, phases);
  const observed: Learned = {
    workload,
    image,
    tree: made.tree,
    table: made.table,
    notes: made.notes,
    test: tested,
    ...(made.logged === undefined ? {} : { logged: made.logged }),
    coverage: coverageOf(
      made.exercised.map(({ reached }) => reached),
      { ...made.coverage, records: made.records },
    ),
    profile: {
      header: {
        ...identity,
        incomplete: [...made.incomplete, ...untested(tested, phases)].toSorted(),
        loss: made.loss,
        coverage: made.coverage,
      },
      records: made.records,
    },
  };
  const learned =
    kind === "diff"
      ? await retryReadOnly(session, observed, made, { image, plan })
      : await withFreshStart(session, observed, { image, plan, used });
  const regenerated = learned.profile.records.filter((record) => record.regenerated === true);
  options.recording?.regenerated(regenerated.map(({ path }) => path));
  options.recording?.image(derivation(learned).asked);
  options.recording?.incomplete(learned.profile.header.incomplete);
  return learned;
}

/** What a fresh start makes again is marked, where that is evidence: after a complete observation of a test that passed. */
async function withFreshStart(
  session: Session,
  learned: Learned,
  {
    image,
    plan,
    used,
  }: { readonly image: ImageFacts; readonly plan: TestPlan; readonly used: UsedContainer | undefined },
): Promise<Learned> {
  const { profile, workload } = learned;
  const { incomplete, coverage } = profile.header;
  if (used === undefined || incomplete.length > 0 || !wentWell(coverage.phases)) return learned;
  const again = await compareFresh(session, { workload, image, plan }, used);
  return { ...learned, profile: { ...profile, records: withRegenerated(profile.records, again) } };
}

/** The part of a profile's header that is known before anything is observed. */
export function profileIdentity(
  engine: EngineInfo,
  workload: Workload,
  image: ImageNames,
  sensor: SensorKind,
): Pick<ProfileHeader, "name" | "image" | "sensor" | "engine"> {
  return {
    name: workload.name,
    image: { reference: workload.image, id: image.id, repoDigests: image.repoDigests },
    sensor,
    engine: { kind: engine.kind, runtime: workload.runtime ?? engine.defaultRuntime },
  };
}

/** The local image, pulled when it is absent. Throws E_IMAGE_NOT_FOUND, E_IMAGE_REFERENCE. */
export async function ensureImage(session: Session, reference: string): Promise<ImageFacts> {
  const { engine, progress } = session;
  const local = await engine.image(reference);
  if (local !== undefined) return local;
  progress.step(`pulling ${reference}`);
  return engine.pull(reference, (line) => progress.step(`pulling ${reference}: ${line}`));
}

export function strategyTest(plan: Pick<TestPlan, "command" | "exec" | "signals">, image: ImageFacts): StrategyTest {
  const { command, exec, signals } = plan;
  return {
    kind: isTested(plan) ? "command" : image.hasHealthcheck ? "healthcheck" : "none",
    ...(command === undefined ? {} : { command }),
    ...(exec === undefined ? {} : { exec }),
    ...(signals === undefined ? {} : { signals }),
  };
}

/** A probe that was answered without a server's error is the better test, where there is none of the user's. */
export function withProbe(test: StrategyTest, phases: readonly PhaseOutcome[]): StrategyTest {
  const answered = phases.find(({ phase }) => phase === "first")?.probe === "answered";
  return answered && (test.kind === "none" || test.kind === "healthcheck") ? { ...test, kind: "probe" } : test;
}

/** A workload that does its work and ends has tested itself; that one failed is told otherwise. */
function untested({ kind }: StrategyTest, [first]: readonly PhaseOutcome[]): readonly string[] {
  return kind === "none" && first?.exitedEarly === undefined ? unseen({ start: true, restart: true, test: false }) : [];
}

function failed(exitCode: number | undefined): boolean {
  return exitCode !== undefined && exitCode !== 0;
}

/** Only the first run counts: a test that stores something need not be repeatable. What a later one printed is told. */
function failUnlessTested(session: Session, workload: Workload, plan: TestPlan, made: Experiment): void {
  const [first, ...later] = made.exercised;
  if (first === undefined || !isTested(plan)) return;
  for (const { outcome, testOutput } of later)
    if (failed(outcome.test) || failed(outcome.exec))
      quote(session, `the test of the ${outcome.phase} run`, testOutput);
  const { outcome } = first;
  if (failed(outcome.test) || failed(outcome.exec)) {
    quote(session, "the test", first.testOutput);
    // A test fails in strange ways when the workload dies under it.
    const died = outcome.exitedEarly !== undefined;
    if (died) quote(session, "the container", made.logs);
    throw new PetrifyError(
      "E_TEST_FAILED",
      `The test ended with exit code ${outcome.test || outcome.exec} on the writable container${died ? `, which ended meanwhile with exit code ${outcome.exitedEarly}` : ""}.`,
      { hint: `Make it pass there first; what it printed last is above.${wayOut(session)}` },
    );
  }
  if (outcome.exitedEarly !== undefined && outcome.test === undefined && outcome.exec === undefined) {
    quote(session, "the container", made.logs);
    throw new PetrifyError(
      "E_NOT_READY",
      `${workload.image} ended with exit code ${outcome.exitedEarly} before the test could run.`,
      {
        hint: `${outcome.exitedEarly === 0 ? "If it went into the background, tell it to stay in the foreground." : "Make it run first."} What it printed last is above.${wayOut(session)}`,
      },
    );
  }
}

/** A workload that misses a database or a service of the network fails in its own words, and would not say why. */
function wayOut({ engine }: Session): string {
  return engine.info.kind === "embedded"
    ? " Containers of the embedded engine reach no network but each other: a workload that needs more needs another engine (--host)."
    : "";
}
