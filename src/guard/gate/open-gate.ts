import { decide } from "../../policy/decide.ts";
import { PetrifyError } from "../../model/errors.ts";
import { DecisionLog, type Lines } from "../observe/decision-log.ts";
import { Metrics } from "../observe/metrics.ts";
import { Observers } from "../observe/observers.ts";
import { EngineLookups } from "./engine-lookups.ts";
import { loadPolicy } from "./load-policy.ts";
import { PolicyGate, type PolicySnapshot } from "./policy-gate.ts";
import { policySince } from "./policy-since.ts";
import { TRANSLATORS } from "./translators.ts";

export interface OpenGateOptions {
  readonly policyFile: string;
  /** Socket of the engine that is asked what calls are about. */
  readonly upstreamPath: string;
  readonly stateDir: string;
  /** For the log: `docker-socket`, `docker-authz`. */
  readonly point: string;
  readonly dryRun: boolean;
  readonly log: Lines;
}

/** A gate with what belongs to it: its policy's file, its log and its metrics. */
export interface OpenGate {
  readonly gate: PolicyGate;
  readonly metrics: Metrics;
  /**
   * Reads the policy anew for calls that begin from then on. A broken file keeps the old policy, which the log and the metrics say;
   * returned is what is wrong. One at a time.
   */
  reload(): Promise<PetrifyError | undefined>;
  close(): void;
}

/** Throws E_POLICY_INVALID, E_STRATEGY_INVALID, E_IO, E_DISK_FULL. */
export async function openGate(options: OpenGateOptions): Promise<OpenGate> {
  const metrics = new Metrics();
  const log = new DecisionLog(options.log, options.point);
  const lookups = new EngineLookups(options.upstreamPath);
  const snapshot = await load(options);
  const gate = new PolicyGate({
    snapshot,
    lookups,
    translators: TRANSLATORS,
    decide,
    observer: new Observers(log, metrics),
    dryRun: options.dryRun,
  });
  metrics.gauge("next_exemption_expiry_timestamp_seconds", "When the next exemption of the policy ends.", () =>
    nextExpirySeconds(gate.snapshot, Date.now()),
  );
  sayLoaded(log, snapshot);
  let reloading = Promise.resolve<PetrifyError | undefined>(undefined);
  const reload = async (): Promise<PetrifyError | undefined> => {
    try {
      const next = await load(options);
      gate.replacePolicy(next);
      metrics.reloaded("ok");
      sayLoaded(log, next);
      return undefined;
    } catch (thrown) {
      const error =
        thrown instanceof PetrifyError
          ? thrown
          : new PetrifyError("E_INTERNAL", "The policy could not be loaded.", { cause: thrown });
      metrics.reloaded("failed");
      log.event("policy-rejected", {
        "petrify.policy": gate.snapshot.policy.name,
        "error.code": error.code,
        "error.message": error.message,
      });
      return error;
    }
  };
  return {
    gate,
    metrics,
    reload: () => (reloading = reloading.then(reload)),
    close: () => lookups.close(),
  };
}

async function load({ policyFile, stateDir }: OpenGateOptions): Promise<PolicySnapshot> {
  const loaded = await loadPolicy(policyFile);
  return { ...loaded, sinceMs: await policySince(stateDir, loaded.policy.name, Date.now()) };
}

function sayLoaded(log: DecisionLog, { policy, strategies, sinceMs }: PolicySnapshot): void {
  log.event("policy-loaded", {
    "petrify.policy": policy.name,
    "petrify.mode": policy.mode,
    "petrify.strategies": strategies.length,
    "petrify.policy_since": new Date(sinceMs).toISOString(),
  });
}

function nextExpirySeconds({ policy }: PolicySnapshot, nowMs: number): number | undefined {
  const coming = policy.exemptions.map(({ untilMs }) => untilMs).filter((untilMs) => untilMs > nowMs);
  return coming.length === 0 ? undefined : Math.min(...coming) / 1000;
}
