import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decide } from "../../policy/decide.ts";
import { isBuildahStep, logOf, parseRuntimeCall } from "./arguments.ts";
import { Bundle } from "./bundle.ts";
import { type EngineRecord, parseDockerRecord } from "./engine-record.ts";
import { judgeSpec } from "./judge-spec.ts";
import { loadPolicy } from "./load-policy.ts";
import { formatSpec, parseSpec } from "./parse-spec.ts";
import { capabilitiesUpTo } from "./privileged.ts";
import { parseSettings, type WrapperSettings } from "./settings.ts";

/**
 * `node main.ts SETTINGS ARGUMENTS OF THE RUNTIME`: judges what is to be created and changes its config.json. Ends with 0 when the
 * runtime may go on; else with 1, and one sentence where the engine looks for it: whatever goes wrong, no container starts.
 */
async function main([settingsFile = "", ...args]: readonly string[]): Promise<void> {
  const sentence = await refusalOf(settingsFile, args).catch(
    (error: unknown) => `no container starts: ${error instanceof Error ? error.message : String(error)}`,
  );
  if (sentence === undefined) return;
  tell(`petrify: ${sentence}`, args);
  process.exitCode = 1;
}

async function refusalOf(settingsFile: string, args: readonly string[]): Promise<string | undefined> {
  const call = parseRuntimeCall(args);
  if (call === undefined) return undefined;
  if (call === "unreadable") return "the runtime was called in a way that is not known, so nothing is created.";
  const settings = parseSettings(readFileSync(settingsFile, "utf8"));
  const policy = await loadPolicy(settings.policyFile, settings.cacheDir);
  using bundle = new Bundle(call.bundle ?? ".");
  const spec = parseSpec(bundle.readSpec());
  const record = recordOf(settings, call.id ?? "");
  const judgement = judgeSpec(spec, policy, {
    hostCapabilities: capabilitiesUpTo(Number(readFileSync("/proc/sys/kernel/cap_last_cap", "utf8"))),
    engine: settings.engine,
    ...(record !== undefined && { record }),
    buildStep: record?.likeBuildStep === true || (settings.engine === "podman" && isBuildahStep(call)),
    nowMs: Date.now(),
    policySinceMs: settings.sinceMs,
    decide,
  });
  if (judgement.kind === "change") bundle.writeSpec(formatSpec(judgement.spec));
  return judgement.kind === "refuse" ? judgement.sentence : undefined;
}

function recordOf({ engine, dockerRoot }: WrapperSettings, id: string): EngineRecord | undefined {
  if (engine !== "docker" || dockerRoot === undefined || !/^[0-9a-f]{64}$/.test(id)) return undefined;
  const folder = join(dockerRoot, "containers", id);
  try {
    const [config = "", hostConfig = ""] = ["config.v2.json", "hostconfig.json"].map((name) =>
      readFileSync(join(folder, name), "utf8"),
    );
    return parseDockerRecord(id, config, hostConfig);
  } catch {
    return undefined;
  }
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

await main(process.argv.slice(2));
