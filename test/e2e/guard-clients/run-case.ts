import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CommandCase } from "./commands.ts";
import { normalised } from "./normalise.ts";

/** Through which socket, under which name. */
export interface Way {
  readonly name: string;
  readonly socketPath: string;
  /** Environment of the shell: where `docker` is found. */
  readonly env: Readonly<Record<string, string>>;
  /** A folder of its own. */
  readonly folder: string;
  readonly image: string;
}

/** What a shell printed, line by line, each with the stream it came from: `$ `, `1 `, `2 `, `= ` for the exit code. */
export type Transcript = readonly string[];

/** Runs all lines of a case; what is left of it goes with the engine's socket, not through `way`. */
export async function transcript(
  way: Way,
  { lines, normalise = [] }: CommandCase,
  number: number,
): Promise<Transcript> {
  const own = `cmp-${way.name}-${number}`;
  const folder = join(way.folder, own);
  mkdirSync(folder, { recursive: true });
  const env = {
    ...way.env,
    DOCKER_HOST: `unix://${way.socketPath}`,
    DOCKER_CONFIG: folder,
    // For `script`, which asks for nothing else of it.
    SHELL: "/bin/sh",
    TERM: "dumb",
    PWD: folder,
    n: own,
    image: way.image,
    other: `${own}-other:1`,
  };
  const result: string[] = [];
  try {
    await shell(`docker tag ${way.image} ${env.other}`, { cwd: folder, env });
    for (const line of lines) {
      const { stdout, stderr, exitCode } = await shell(line, { cwd: folder, env });
      result.push(`$ ${line}`, ...marked("1 ", stdout), ...marked("2 ", stderr), `= ${exitCode}`);
    }
    await shell(`docker rmi ${env.other}`, { cwd: folder, env });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const replaced = [
    [way.socketPath, "SOCKET"],
    [folder, "FOLDER"],
    [own, "NAME"],
  ] as const;
  return normalised(result.join("\n"), replaced, normalise).split("\n");
}

function marked(mark: string, text: string): readonly string[] {
  return text === ""
    ? []
    : text
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => mark + line);
}

interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | string;
}

async function shell(
  line: string,
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<ShellResult> {
  // Killed, not waited for: a command that hangs must fail by its name.
  const child = spawn("sh", ["-c", line], {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  return { stdout, stderr, exitCode: child.signalCode ?? child.exitCode ?? -1 };
}
