import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { CliResult } from "./cli.ts";
import { dockerHttp } from "./docker-http.ts";
import { startPetrify } from "./running-petrify.ts";

export interface GuardOptions {
  /** Of the engine behind it. */
  readonly upstream: string;
  /** For socket and policy file; is made. A second guard in the same folder takes the first one's place. */
  readonly folder: string;
  /** Text of the policy file. */
  readonly policy: string;
}

/** `petrify guard --docker-socket` as a process of its own, in front of an engine. */
export interface Guard {
  readonly pid: number;
  readonly socketPath: string;
  readonly policyFile: string;
  readonly ended: Promise<CliResult>;
  /** Resolves with true once standard error has a line that holds `text`, with false when the guard ended without it. */
  says(text: string): Promise<boolean>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<CliResult>;
}

const RETRY_MS = 25;

/** Resolves when it answers; rejects with what it said when it ended before. */
export async function startGuard({ upstream, folder, policy }: GuardOptions): Promise<Guard> {
  mkdirSync(folder, { recursive: true });
  const socketPath = join(folder, "docker.sock");
  const policyFile = join(folder, "policy.yaml");
  writeFileSync(policyFile, policy);
  const stateDir = join(folder, "state");
  const files = ["--docker-socket", socketPath, "--policy", policyFile, "--state-dir", stateDir];
  const child = startPetrify(["guard", "--upstream", upstream, ...files]);
  const early = child.ended.then(({ stderr }) => new Error(`petrify guard ended: ${stderr}`));
  for (;;) {
    if (await answers(socketPath)) break;
    const failure = await Promise.race([early, delay(RETRY_MS)]);
    if (failure !== undefined) throw failure;
  }
  return {
    pid: child.pid,
    socketPath,
    policyFile,
    ended: child.ended,
    says: (text) => child.says(text),
    kill: (signal) => child.kill(signal),
    stop: () => {
      child.kill("SIGTERM");
      return child.ended;
    },
  };
}

async function answers(socketPath: string): Promise<boolean> {
  try {
    return (await dockerHttp(socketPath, "GET", "/_ping")).status === 200;
  } catch {
    return false;
  }
}
