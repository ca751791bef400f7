import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerHandle, Engine } from "../engine/engine.ts";
import { PetrifyError } from "../model/errors.ts";
import type { ImageFacts } from "../model/image.ts";
import type { PhaseName, PhaseOutcome } from "../model/profile.ts";
import type { Workload } from "../model/workload.ts";
import { chosenPorts, type ListeningPort } from "./listening.ts";
import { type Readiness, waitReady } from "./readiness.ts";
import type { Session } from "./session.ts";
import { type RunningTest, startTestCommand, testEnvironment } from "./test-command.ts";
import { execArguments, type TestPlan } from "./test-plan.ts";
import { WholeLines } from "./whole-lines.ts";

export interface ExerciseContext {
  readonly session: string;
  readonly engine: Engine;
  readonly image: ImageFacts;
  readonly workload: Workload;
  readonly plan: TestPlan;
  /** Grows with each event. */
  readonly activity: () => number;
  /** Grows with each attempt to change something: a loop that only starts programs goes on for ever. */
  readonly writes: () => number;
  /** To be called when the workload is up, before the test. */
  readonly started: () => Promise<void>;
  readonly exec: Session["exec"];
  readonly beforeStop: () => Promise<void>;
  /** What happens now, a few words. */
  readonly progress: (step: string) => void;
  /** Each line that the test prints, as it comes. */
  readonly testOutput: (line: string) => void;
  /** Lets the session end the command when Petrify is interrupted. */
  readonly running: (test: RunningTest) => void;
}

export interface Exercised {
  readonly outcome: PhaseOutcome;
  readonly listening: readonly ListeningPort[];
  /** Sentences on what was not as expected. */
  readonly notes: readonly string[];
  /** The last lines of a failed test. */
  readonly testOutput: string;
}

/** With neither a test nor a duration there is nothing to wait for but the end of what the start itself writes. */
const SETTLED_AFTER_MS = 2_000;
const SETTLE_POLL_MS = 100;

/** 128 + SIGKILL, which the engine sends when the stop signal had no effect in time. */
const KILLED_EXIT_CODE = 137;
const KILLED =
  "the container did not end at its stop signal and was killed: what a clean stop writes was not observed (give --stop-timeout when it needs longer, --stop-signal or --init, or let its first process hand signals on)";

/**
 * One phase: start the container, wait until it is ready, run the test, stop it gracefully.
 * A container that ends by itself is an outcome, not an error. Throws what the engine throws.
 */
export async function exercise(
  container: ContainerHandle,
  phase: PhaseName,
  context: ExerciseContext,
): Promise<Exercised> {
  const { plan, progress } = context;
  progress("starting");
  await container.start();
  progress("waiting until it is ready");
  const readiness = await waitReady(container, {
    expectedPorts: expectedPorts(context),
    hasHealthcheck: context.image.hasHealthcheck,
    wantsPort: plan.command !== undefined && context.workload.network !== "none",
    timeoutMs: plan.readyTimeoutMs,
    activity: () => context.activity(),
    sharesHostNetwork: context.workload.network === "host",
  });
  if (readiness.kind !== "exited") await context.started();
  const result = readiness.kind === "exited" ? NOT_RUN : await test(container, phase, readiness, context);
  const ended = await container.state();
  const exitedEarly = ended.status === "exited" || ended.status === "dead" ? ended.exitCode : undefined;
  await context.beforeStop();
  progress("stopping");
  await container.stop(plan.stopTimeoutSeconds ?? context.workload.stopTimeoutSeconds);
  const wasKilled = exitedEarly === undefined && (await container.state()).exitCode === KILLED_EXIT_CODE;
  return {
    outcome: {
      phase,
      ...result.codes,
      health: readiness.kind === "ready" ? readiness.health : "none",
      ...(exitedEarly === undefined ? {} : { exitedEarly }),
    },
    listening: readiness.kind === "exited" ? [] : chosenPorts(readiness.listening, expectedPorts(context)),
    notes: [
      ...(readiness.kind === "timeout" ? [`${readiness.waitingFor} did not come up within the waiting time`] : []),
      ...(wasKilled ? [KILLED] : []),
    ],
    testOutput: result.output,
  };
}

interface TestResult {
  readonly codes: { readonly test?: number; readonly exec?: number };
  readonly output: string;
}
const NOT_RUN: TestResult = { codes: {}, output: "" };

async function test(
  container: ContainerHandle,
  phase: PhaseName,
  readiness: Readiness,
  context: ExerciseContext,
): Promise<TestResult> {
  const { plan, progress } = context;
  const started = Date.now();
  const codes: { test?: number; exec?: number } = {};
  let output = "";
  if (plan.command !== undefined) {
    progress("running the test");
    const ports = await reachablePorts(container, readiness, context);
    const environment = testEnvironment({
      session: context.session,
      name: container.name,
      phase,
      engineHost: context.engine.info.host,
      ports,
    });
    const running = startTestCommand(plan.command, environment, plan.timeoutMs, (line) => context.testOutput(line));
    context.running(running);
    codes.test = await running.exitCode;
    output += running.output();
  }
  if (plan.exec !== undefined) {
    progress("running the command inside");
    const result = await context.exec(container, execArguments(plan.exec), {
      timeoutMs: plan.timeoutMs,
      env: [`PETRIFY_PHASE=${phase}`],
    });
    codes.exec = result.exitCode;
    const lines = new WholeLines((line) => context.testOutput(line));
    lines.take(result.stdout + result.stderr);
    lines.end();
    output += result.stdout + result.stderr;
  }
  const untested = plan.command === undefined && plan.exec === undefined;
  const ended = container.wait().catch(() => undefined);
  if (untested && plan.forMs === undefined) {
    progress("observing until it is quiet");
    await Promise.race([settled(context), ended]);
  } else if (plan.forMs !== undefined) {
    progress(`observing for ${Math.ceil(plan.forMs / 1000)} s`);
    await Promise.race([sleep(Math.max(0, plan.forMs - (Date.now() - started))), ended]);
  }
  return { codes, output };
}

/** Resolves when nothing was written for 2 s, at the latest after the time that a start may take. */
async function settled({ writes, plan }: ExerciseContext): Promise<void> {
  const deadline = Date.now() + plan.readyTimeoutMs;
  let last = writes();
  for (let quietSince = Date.now(); Date.now() - quietSince < SETTLED_AFTER_MS && Date.now() < deadline;) {
    await sleep(SETTLE_POLL_MS);
    if (writes() === last) continue;
    last = writes();
    quietSince = Date.now();
  }
}

function expectedPorts({ image, workload }: ExerciseContext): readonly string[] {
  return [
    ...new Set([...image.exposedPorts, ...workload.ports.map((port) => `${port.containerPort}/${port.protocol}`)]),
  ];
}

async function reachablePorts(
  container: ContainerHandle,
  readiness: Readiness,
  context: ExerciseContext,
): Promise<ReadonlyMap<string, { host: string; port: number }>> {
  const listening = readiness.kind === "exited" ? [] : readiness.listening.filter((port) => !port.loopbackOnly);
  const wanted = [...new Set([...expectedPorts(context), ...listening.map((port) => `${port.port}/${port.protocol}`)])];
  const reachable = new Map<string, { host: string; port: number }>();
  for (const text of wanted) {
    const [number, protocol] = text.split("/");
    const port = Number(number);
    if (!Number.isInteger(port) || (protocol !== "tcp" && protocol !== "udp")) continue;
    try {
      reachable.set(
        protocol === "udp" ? `${port}_UDP` : String(port),
        await context.engine.reach(container, port, protocol),
      );
    } catch (error) {
      // A container without a network of its own (`--network none`) can still be tested by --exec or through files.
      if (!(error instanceof PetrifyError) || error.code !== "E_PORT") throw error;
    }
  }
  return reachable;
}
