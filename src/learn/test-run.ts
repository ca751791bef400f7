import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerHandle } from "../engine/engine.ts";
import { PetrifyError } from "../model/errors.ts";
import type { PhaseName, PhaseOutcome } from "../model/profile.ts";
import { ConnectionWatch } from "./connections.ts";
import type { Reached } from "./coverage.ts";
import { type ExerciseContext, expectedPorts } from "./exercise-context.ts";
import { probeHttp } from "./http-probe.ts";
import type { ListeningPort } from "./listening.ts";
import { handledSignals } from "./signals.ts";
import { startTestCommand, testEnvironment } from "./test-command.ts";
import { execArguments, isTested } from "./test-plan.ts";
import { WholeLines } from "./whole-lines.ts";

export interface TestRun {
  readonly codes: Pick<PhaseOutcome, "test" | "exec" | "probe">;
  /** The last lines that the test printed. */
  readonly output: string;
  readonly reached: Reached;
  /** Sentences on what was not as expected, without their full stop. */
  readonly notes: readonly string[];
}

const NOTHING_REACHED: Reached = { usedPorts: [], pages: [], sentSignals: [], handledSignals: [] };
export const NOT_TESTED: TestRun = { codes: {}, output: "", reached: NOTHING_REACHED, notes: [] };

const UNREACHED =
  "the engine is on another machine: the test got no port of the container, which experiments never publish (--exec tests inside of it)";

/** With neither a test nor a duration there is nothing to wait for but the end of what the start itself writes. */
const SETTLED_AFTER_MS = 2_000;
/** What a signal asks for begins at once. */
const SIGNAL_SETTLED_AFTER_MS = 500;
const SETTLE_POLL_MS = 100;

type ReachablePorts = ReadonlyMap<string, { readonly host: string; readonly port: number }>;

/** Exercises a workload that is up: by the user's test, else by the HTTP probe where a port speaks HTTP; then by the signals asked for. */
export async function runTest(
  container: ContainerHandle,
  phase: PhaseName,
  listening: readonly ListeningPort[],
  context: ExerciseContext,
): Promise<TestRun> {
  const { plan } = context;
  const started = Date.now();
  const { pid } = await container.state();
  const ports = await reachablePorts(container, listening, context);
  const sharesHostNetwork = context.workload.network === "host";
  await using connections = new ConnectionWatch(sharesHostNetwork ? 0 : pid, tcpPorts(ports));
  const handled = pid === 0 ? [] : await handledSignals(pid);
  const tested = await runCommands(container, phase, ports, context);
  const probed = isTested(plan) || plan.probe !== true ? undefined : await probe(ports, listening, context);
  const ended = container.wait().catch(() => undefined);
  const { sent, notes } = await sendSignals(container, context, ended);
  await observeOn(started, context, ended);
  const used = await connections.used();
  return {
    codes: { ...tested.codes, ...(probed?.outcome === undefined ? {} : { probe: probed.outcome }) },
    output: tested.output,
    reached: {
      usedPorts: used.map((port) => `${port}/tcp`),
      pages: probed?.pages ?? [],
      sentSignals: sent,
      handledSignals: handled,
    },
    notes: context.engine.info.local || plan.command === undefined || ports.size > 0 ? notes : [UNREACHED, ...notes],
  };
}

async function runCommands(
  container: ContainerHandle,
  phase: PhaseName,
  ports: ReachablePorts,
  context: ExerciseContext,
): Promise<Pick<TestRun, "codes" | "output">> {
  const { plan, progress } = context;
  const codes: { test?: number; exec?: number } = {};
  let output = "";
  if (plan.command !== undefined) {
    progress("running the test");
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
  return { codes, output };
}

/** Asks each TCP port for its pages. Without an HTTP port there is no outcome. */
async function probe(
  ports: ReachablePorts,
  listening: readonly ListeningPort[],
  { progress }: ExerciseContext,
): Promise<{ readonly outcome?: "answered" | "failed"; readonly pages: readonly string[] }> {
  const open = new Set(listening.map(({ port, protocol }) => `${port}/${protocol}`));
  const pages: string[] = [];
  const results: boolean[] = [];
  for (const [key, { host, port }] of ports) {
    if (!open.has(`${key}/tcp`)) continue;
    progress(`asking port ${key} for its pages`);
    const { answers, succeeded } = await probeHttp(host, port);
    pages.push(...answers.map(({ path }) => `${key}/tcp ${path}`));
    if (answers.length > 0) results.push(succeeded);
  }
  return results.length === 0 ? { pages } : { outcome: results.every(Boolean) ? "answered" : "failed", pages };
}

async function sendSignals(
  container: ContainerHandle,
  context: ExerciseContext,
  ended: Promise<unknown>,
): Promise<{ readonly sent: readonly string[]; readonly notes: readonly string[] }> {
  const sent: string[] = [];
  for (const name of context.plan.signals ?? []) {
    context.progress(`sending ${name}`);
    await container.signal(name);
    sent.push(name);
    await Promise.race([settled(context, SIGNAL_SETTLED_AFTER_MS), ended]);
    const { status } = await container.state();
    if (status !== "running") return { sent, notes: [`the container ended at ${name}`] };
  }
  return { sent, notes: [] };
}

/** For as long as the user asked; else, without a test, until it is quiet. */
async function observeOn(startedMs: number, context: ExerciseContext, ended: Promise<unknown>): Promise<void> {
  const { plan, progress } = context;
  if (plan.forMs !== undefined) {
    progress(`observing for ${Math.ceil(plan.forMs / 1000)} s`);
    await Promise.race([sleep(Math.max(0, plan.forMs - (Date.now() - startedMs))), ended]);
  } else if (!isTested(plan)) {
    progress("observing until it is quiet");
    await Promise.race([settled(context, SETTLED_AFTER_MS), ended]);
  }
}

/** Resolves when nothing was written for this long, at the latest after the time that a start may take. */
async function settled({ writes, plan }: ExerciseContext, afterMs: number): Promise<void> {
  const deadline = Date.now() + plan.readyTimeoutMs;
  let last = writes();
  for (let quietSince = Date.now(); Date.now() - quietSince < afterMs && Date.now() < deadline;) {
    await sleep(SETTLE_POLL_MS);
    if (writes() === last) continue;
    last = writes();
    quietSince = Date.now();
  }
}

async function reachablePorts(
  container: ContainerHandle,
  listening: readonly ListeningPort[],
  context: ExerciseContext,
): Promise<ReachablePorts> {
  const heard = listening.filter((port) => !port.loopbackOnly);
  const wanted = [...new Set([...expectedPorts(context), ...heard.map((port) => `${port.port}/${port.protocol}`)])];
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

function tcpPorts(ports: ReachablePorts): readonly { port: number; host: string; hostPort: number }[] {
  return [...ports]
    .filter(([key]) => !key.endsWith("_UDP"))
    .map(([key, { host, port }]) => ({ port: Number(key), host, hostPort: port }));
}
