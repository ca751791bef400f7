import { appendFileSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Policy } from "../../model/policy.ts";
import { decide } from "../../policy/decide.ts";
import { isBuildahStep, logOf, parseRuntimeCall, type RuntimeCall } from "./arguments.ts";
import { Bundle } from "./bundle.ts";
import { type EngineRecord, parseDockerRecord } from "./engine-record.ts";
import { judgeSpec, type SpecJudgement } from "./judge-spec.ts";
import { loadPolicy } from "./load-policy.ts";
import { logDecision, logFailure } from "./log-decision.ts";
import { formatSpec, parseSpec } from "./parse-spec.ts";
import { capabilitiesUpTo } from "./privileged.ts";
import { parseSettings, type WrapperSettings } from "./settings.ts";
import { SpecError } from "./spec.ts";

/**
 * `node main.ts SETTINGS ARGUMENTS OF THE RUNTIME`: judges what is to be created and changes its config.json. Ends with 0 when the
 * runtime may go on; else with 1, and one sentence where the engine looks for it: whatever goes wrong, no container starts.
 */
async function main([settingsFile = "", ...args]: readonly string[]): Promise<void> {
  // Also when this is never heard of again.
  process.exitCode = 1;
  const sentence = await refusalOf(settingsFile, args).catch((error: unknown) => `no container starts: ${text(error)}`);
  if (sentence === undefined) process.exitCode = 0;
  else tell(`petrify: ${sentence}`, args);
}

async function refusalOf(settingsFile: string, args: readonly string[]): Promise<string | undefined> {
  const call = parseRuntimeCall(args);
  if (call === undefined) return undefined;
  const settings = parseSettings(readFileSync(settingsFile, "utf8"));
  const policy = await loadPolicy(settings.policyFile, settings.cacheDir);
  const containerId = call === "unreadable" ? "" : (call.id ?? "");
  const logged = { policy, containerId, logFile: settings.logFile };
  try {
    if (call === "unreadable")
      throw new SpecError("the runtime was called in a way that is not known, so nothing is created.");
    const judgement = judgeBundle(call, settings, policy);
    logDecision(judgement, logged);
    return judgement.kind === "refuse" && policy.mode === "enforce" ? judgement.sentence : undefined;
  } catch (error) {
    logFailure(error, logged);
    if (policy.mode === "enforce") throw error;
    return undefined;
  }
}

function judgeBundle(call: RuntimeCall, settings: WrapperSettings, policy: Policy): SpecJudgement {
  const { engine, sinceMs, enginePaths = [] } = settings;
  using bundle = new Bundle(call.bundle ?? ".");
  const ownDirectory = ownDirectoryOf(settings, call.id ?? "");
  const record = ownDirectory === undefined ? undefined : recordOf(ownDirectory);
  const judgement = judgeSpec(parseSpec(bundle.readSpec()), policy, {
    hostCapabilities: capabilitiesUpTo(Number(readFileSync("/proc/sys/kernel/cap_last_cap", "utf8"))),
    engine,
    ...(record !== undefined && { record }),
    ...(ownDirectory !== undefined && { ownDirectory }),
    buildStep: record?.likeBuildStep === true || (engine === "podman" && isBuildahStep(call)),
    nowMs: Date.now(),
    policySinceMs: sinceMs,
    enginePaths,
    decide,
  });
  if (judgement.kind === "change" && policy.mode === "enforce") bundle.writeSpec(formatSpec(judgement.spec));
  return judgement;
}

/** dockerd's directory of a container, below which only root writes. */
function ownDirectoryOf({ engine, dockerRoot }: WrapperSettings, id: string): string | undefined {
  const isDockers = engine === "docker" && dockerRoot !== undefined && /^[0-9a-f]{64}$/.test(id);
  return isDockers ? join(dockerRoot, "containers", id) : undefined;
}

function recordOf(folder: string): EngineRecord | undefined {
  try {
    const [config = "", hostConfig = ""] = ["config.v2.json", "hostconfig.json"].map((name) =>
      readFileSync(join(folder, name), "utf8"),
    );
    return parseDockerRecord(basename(folder), config, hostConfig);
  } catch {
    return undefined;
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** conmon shows standard error; containerd's shim reads the last error of the log, which the runtime writes in this form. */
function tell(sentence: string, args: readonly string[]): void {
  process.stderr.write(`${sentence}\n`);
  const { log, logFormat } = logOf(args);
  if (log === undefined) return;
  const line =
    logFormat === "json" ? JSON.stringify({ level: "error", msg: sentence, time: new Date().toISOString() }) : sentence;
  try {
    appendFileSync(log, `${line}\n`);
  } catch {
    // It was told on standard error.
  }
}

// Not awaited: what is shipped is CommonJS, which starts in half the time.
void main(process.argv.slice(2));
