import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CliResult } from "./cli.ts";
import { type PrivateEngine, startAuthorizedEngine } from "./private-engine.ts";
import { type RunningPetrify, startPetrify } from "./running-petrify.ts";

/** `petrify guard authz` as a process of its own. */
export interface AuthzPlugin {
  readonly pid: number;
  readonly socketPath: string;
  readonly policyFile: string;
  readonly logFile: string;
  says(text: string): Promise<boolean>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<CliResult>;
}

export interface AuthzOptions {
  /** The engine's own socket. */
  readonly upstream: string;
  /** For its socket, policy, log and state; is made. */
  readonly folder: string;
  readonly policy: string;
}

/** Resolves when it listens; rejects with what it said when it ended before. */
export async function startAuthzPlugin({ upstream, folder, policy }: AuthzOptions): Promise<AuthzPlugin> {
  mkdirSync(folder, { recursive: true });
  const [socketPath = "", policyFile = "", logFile = ""] = ["petrify.sock", "policy.yaml", "log"].map((name) =>
    join(folder, name),
  );
  writeFileSync(policyFile, policy);
  const files = [
    "--socket",
    socketPath,
    "--policy",
    policyFile,
    "--log",
    logFile,
    "--state-dir",
    join(folder, "state"),
  ];
  const child: RunningPetrify = startPetrify(["guard", "authz", "--upstream", upstream, ...files]);
  if (!(await child.says("the authorization plugin listens on")))
    throw new Error(`petrify guard authz ended: ${(await child.ended).stderr}`);
  return {
    pid: child.pid,
    socketPath,
    policyFile,
    logFile,
    says: (text) => child.says(text),
    kill: (signal) => child.kill(signal),
    stop: () => {
      child.kill("SIGTERM");
      return child.ended;
    },
  };
}

/** dockerd that asks the plugin, which looks at this very dockerd: so one plugin answers while it starts, and the one after it stays. */
export async function startAuthorizedDocker(
  folder: string,
  policy: string,
): Promise<{ readonly engine: PrivateEngine; readonly plugin: AuthzPlugin }> {
  const first = await startAuthzPlugin({ upstream: join(folder, "not-yet.sock"), folder, policy });
  const engine = await startAuthorizedEngine(first.socketPath);
  await first.stop();
  return { engine, plugin: await startAuthzPlugin({ upstream: engine.socketPath, folder, policy }) };
}
