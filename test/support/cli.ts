import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** A file of an installed package, wherever it is installed. */
export function packageFile(name: string, path: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), path);
}

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the launcher of this checkout to its end. */
export function petrify(
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): CliResult {
  const result = spawnSync(join(ROOT, "bin/petrify"), args, {
    cwd: options.cwd,
    encoding: "utf8",
    // A command that hangs must fail its test, and by a name: vitest cannot interrupt a synchronous wait.
    timeout: 180_000,
    killSignal: "SIGKILL",
    env: { ...process.env, PETRIFY_NODE: process.execPath, ...options.env },
  });
  if (result.error !== undefined) throw result.error;
  return { exitCode: result.status, stdout: result.stdout, stderr: result.stderr };
}

export interface RunningScript {
  /** Resolves when stdout has shown `text`. */
  readonly shows: (text: string) => Promise<void>;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly ended: Promise<CliResult>;
}

/** Starts TypeScript source as a process of its own, so that it can get real signals. Imports are relative to the root. */
export function startScript(source: string): RunningScript {
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", source], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = once(child, "close").then(() => ({ exitCode: child.exitCode, stdout, stderr }));
  return {
    shows: async (text) => {
      while (!stdout.includes(text)) {
        if (child.exitCode !== null) throw new Error(`ended without showing '${text}': ${stdout}${stderr}`);
        await once(child.stdout, "data");
      }
    },
    signal: (name) => void child.kill(name),
    ended,
  };
}
