import { dirname, resolve } from "node:path";
import { EngineLookups } from "../guard/gate/engine-lookups.ts";
import { PolicyGate, type PolicySnapshot } from "../guard/gate/policy-gate.ts";
import { DEFAULT_STATE_DIR, NOT_YET, policySince } from "./policy-since.ts";
import { TRANSLATORS } from "../guard/gate/translators.ts";
import { loadPolicy } from "./policy-file.ts";
import { DecisionLog } from "../guard/observe/decision-log.ts";
import { LineSink } from "../guard/observe/line-sink.ts";
import { Metrics } from "../guard/observe/metrics.ts";
import { Observers } from "../guard/observe/observers.ts";
import { parseMetricsAddress, serveMetrics } from "../guard/observe/serve-metrics.ts";
import { PetrifyError } from "../model/errors.ts";
import { decide } from "../policy/decide.ts";

export interface GateSettings {
  readonly policyFile: string;
  /** Path of the engine's own socket, for what the gate asks the engine. */
  readonly upstream: string;
  /** Judged and logged, and nothing changed or refused. */
  readonly dryRun: boolean;
  /** `-`: standard output; absent: standard error. */
  readonly logFile?: string;
  /** Path of a Unix socket, or `ADDRESS:PORT`. */
  readonly metrics?: string;
  /** Where it is kept since when the guard knows a policy. */
  readonly stateDir?: string;
  /** The enforcement point, for the log: `docker-socket` when absent. */
  readonly point?: string;
  /** One line for the operator. */
  readonly tell: (line: string) => void;
}

export interface OpenGate {
  readonly gate: PolicyGate;
  readonly metrics: Metrics;
  /**
   * Reads the policy again, for calls that begin from then on, and opens the log file anew; a broken one changes nothing, and is told
   * to the operator, the log and the metrics. One at a time. Never rejects.
   */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** The gate that holds a policy, with its log and metrics. Throws what is wrong with the policy, E_IO, E_USAGE, E_PORT. */
export async function openGate(settings: GateSettings): Promise<OpenGate> {
  const address = settings.metrics === undefined ? undefined : parseMetricsAddress(settings.metrics);
  const snapshot = await load(settings);
  const sink = new LineSink(logTarget(settings.logFile));
  const log = new DecisionLog(sink, settings.point ?? "docker-socket");
  const metrics = new Metrics();
  const lookups = new EngineLookups(settings.upstream);
  const observer = new Observers(log, metrics);
  const { dryRun } = settings;
  const gate = new PolicyGate({ snapshot, lookups, translators: TRANSLATORS, decide, observer, dryRun });
  metrics.counter(
    "log_lines_dropped_total",
    "Lines of the decision log that could not be written.",
    () => sink.dropped,
  );
  metrics.gauge("next_exemption_expiry_timestamp_seconds", "When the next exemption of the policy ends.", () =>
    nextExpirySeconds(gate.snapshot, Date.now()),
  );
  let isWell = true;
  const server =
    address === undefined
      ? undefined
      : await serveMetrics(address, {
          text: () => metrics.text(),
          unhealthy: () => (isWell ? undefined : "The policy's file is broken: the one before it is in use."),
        });
  sayLoaded(log, snapshot);
  settings.tell(inUse(snapshot, dryRun));
  const reload = async (): Promise<void> => {
    sink.reopen();
    try {
      const next = await load(settings);
      gate.replacePolicy(next);
      isWell = true;
      metrics.reloaded("ok");
      sayLoaded(log, next);
      settings.tell(inUse(next, dryRun));
    } catch (thrown) {
      isWell = false;
      metrics.reloaded("failed");
      sayRejected(log, gate.snapshot, thrown, settings.tell);
    }
  };
  let reloading = Promise.resolve();
  return {
    gate,
    metrics,
    reload: () => (reloading = reloading.then(reload)),
    close: async () => {
      lookups.close();
      server?.close();
      server?.closeAllConnections();
      await sink.flushed();
    },
  };
}

/** The program that runs, with all that it loads. */
const OWN_FILES = [resolve(import.meta.dirname, "../.."), process.execPath];

async function load({
  policyFile,
  upstream,
  dryRun,
  tell,
  stateDir = DEFAULT_STATE_DIR,
}: GateSettings): Promise<PolicySnapshot> {
  const { policy, strategies, broken } = await loadPolicy(policyFile);
  for (const { file, error } of broken) tell(`the strategy ${file} is not used: ${error.message}`);
  const sinceMs = await policySince(
    stateDir,
    { name: policy.name, isEnforced: policy.mode === "enforce" && !dryRun },
    Date.now(),
  );
  const { strategies: source } = policy;
  const guardPaths = [
    policyFile,
    stateDir,
    ...OWN_FILES,
    ...(source === undefined ? [] : [resolve(dirname(policyFile), source.folder)]),
  ];
  return {
    policy,
    strategies,
    sinceMs,
    enginePaths: [resolve(upstream)],
    guardPaths: guardPaths.map((path) => resolve(path)),
  };
}

function logTarget(file: string | undefined): number | string {
  if (file === undefined) return process.stderr.fd;
  return file === "-" ? process.stdout.fd : file;
}

function sayLoaded(log: DecisionLog, { policy, strategies, sinceMs }: PolicySnapshot): void {
  log.event("policy-loaded", {
    "petrify.policy": policy.name,
    "petrify.mode": policy.mode,
    "petrify.strategies": strategies.length,
    ...(sinceMs !== NOT_YET && { "petrify.policy_since": new Date(sinceMs).toISOString() }),
  });
}

/** `the policy host (enforce, strategies: 3) is in use.`: for the operator's terminal. */
function inUse({ policy, strategies }: PolicySnapshot, dryRun: boolean): string {
  const mode = dryRun ? "dry run" : policy.mode;
  return `the policy ${policy.name} (${mode}, strategies: ${strategies.length}) is in use.`;
}

function sayRejected(
  log: DecisionLog,
  { policy }: PolicySnapshot,
  thrown: unknown,
  tell: (line: string) => void,
): void {
  const [code, message] =
    thrown instanceof PetrifyError ? [thrown.code, thrown.message] : ["E_INTERNAL", "It could not be read."];
  log.event("policy-rejected", { "petrify.policy": policy.name, "error.code": code, "error.message": message });
  tell(`the policy ${policy.name} stays, as its file cannot be used: ${message}`);
}

function nextExpirySeconds({ policy }: PolicySnapshot, nowMs: number): number | undefined {
  const coming = policy.exemptions.map(({ untilMs }) => untilMs).filter((untilMs) => untilMs > nowMs);
  return coming.length === 0 ? undefined : Math.min(...coming) / 1000;
}
