import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { PetrifyError } from "../../model/errors.ts";
import { identify, isAlive, type ProcessIdentity } from "../identity.ts";
import type { Layout } from "./layout.ts";
import type { UnpackedPackages } from "./packages.ts";
import type { EngineProgram } from "./program.ts";
import type { EngineState } from "./state.ts";
import { MARKER } from "./teardown.ts";

/** Spawns an engine in namespaces of its own; it is not ready yet. Throws E_EMBEDDED_START. */
export function spawnDaemon(
  program: EngineProgram,
  layout: Layout,
  packages: UnpackedPackages,
  proxy: EngineState["proxy"],
): ProcessIdentity {
  for (const directory of [layout.execDir, layout.dataDir]) mkdirSync(directory, { recursive: true, mode: 0o711 });
  const { script, args, env } = program.prepare(layout, packages, proxy);
  const log = openSync(layout.logFile, "w", 0o600);
  try {
    const daemon = spawn(
      "unshare",
      // slave: what the host mounts later is seen by containers that bind it; what the engine mounts, the host never sees.
      ["--mount", "--net", "--propagation", "slave", "--", "sh", "-c", script, "petrify-engine", ...args],
      {
        // A session of its own: Ctrl-C reaches every process of the terminal's group, and must not reach this one.
        detached: true,
        cwd: "/",
        stdio: ["ignore", log, log],
        // HOME: engines and git look for configuration there.
        env: { ...packages.env, HOME: layout.runDir, [MARKER]: layout.runDir, ...env },
      },
    );
    daemon.on("error", () => {});
    daemon.unref();
    const identity = daemon.pid === undefined ? undefined : identify(daemon.pid);
    if (identity === undefined) throw startError(layout, "unshare cannot be run");
    return identity;
  } finally {
    closeSync(log);
  }
}

/** Resolves when the engine answers. Throws E_EMBEDDED_START with what it logged. */
export async function untilReady(layout: Layout, daemon: ProcessIdentity): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(layout.socketPath))) {
    if (!isAlive(daemon)) throw startError(layout, "it ended at once");
    if (performance.now() > deadline) throw startError(layout, `it did not answer within ${START_TIMEOUT_MS / 1000} s`);
    await sleep(10);
  }
}
/** A busy disk makes the first start on an empty data directory slow; 0.2 s are usual. */
const START_TIMEOUT_MS = 60_000;

export function answers(socketPath: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const ping = request({ socketPath, path: "/_ping", timeout: 2000, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  ping.on("timeout", () => ping.destroy());
  ping.on("error", () => resolve(false));
  ping.end();
  return promise;
}

function startError(layout: Layout, what: string): PetrifyError {
  return new PetrifyError(
    "E_EMBEDDED_START",
    `The embedded engine did not start: ${lastError(layout.logFile) ?? what}.`,
    {
      hint: `See ${layout.logFile}; \`petrify doctor\` shows what this host lacks.`,
    },
  );
}

/** The last message of a log in logfmt, or its last line (unshare and sh write plain ones). */
function lastError(logFile: string): string | undefined {
  let lines: string[];
  try {
    lines = readFileSync(logFile, "utf8").trim().split("\n");
  } catch {
    return undefined;
  }
  const errors = lines.filter((line) => /level=(?:error|fatal)|^(?!time=)/.test(line) && line !== "");
  const last = errors.at(-1);
  const message = last === undefined ? undefined : (/msg="((?:[^"\\]|\\.)*)"/.exec(last)?.[1] ?? last);
  return message?.replaceAll('\\"', '"').replace(/\.$/, "");
}
