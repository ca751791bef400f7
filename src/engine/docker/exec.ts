import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { PetrifyError } from "../../model/errors.ts";
import type { ExecOptions, ExecResult } from "../engine.ts";
import type { DockerApi } from "./api.ts";
import { execAnswer, execCreateAnswer } from "./schemas.ts";
import { collectText, splitStreams } from "./streams.ts";

const OUTPUT_LIMIT_BYTES = 16 * 2 ** 20;
/** What timeout(1) ends with. */
const TIMED_OUT_CODE = 124;
/** The output ends a moment before the engine knows the exit code. */
const EXIT_CODE_TRIES = 200;

/** Runs `command` in a running container; after `timeoutMs` it is killed where that is possible, and the code is 124. */
export async function execInContainer(
  api: DockerApi,
  containerId: string,
  command: readonly string[],
  options: ExecOptions,
  isLocal: boolean,
): Promise<ExecResult> {
  const action = `run ${command[0] ?? ""} in the container`;
  const { Id: id } = await api.json(
    {
      action,
      method: "POST",
      path: `/containers/${containerId}/exec`,
      json: {
        AttachStdout: true,
        AttachStderr: true,
        Cmd: command,
        ...(options.user !== undefined && { User: options.user }),
        ...(options.env !== undefined && { Env: options.env }),
      },
    },
    execCreateAnswer,
  );
  const connection = await api.hijack({
    action,
    method: "POST",
    path: `/exec/${id}/start`,
    json: { Detach: false, Tty: false },
  });
  const { stdout, stderr, closed } = splitStreams(connection.output, false, action, (cause) => api.lost(cause));
  const text = Promise.all([collectText(stdout, OUTPUT_LIMIT_BYTES), collectText(stderr, OUTPUT_LIMIT_BYTES)]);

  const timeout = new AbortController();
  const { timeoutMs } = options;
  const timedOut =
    timeoutMs === undefined
      ? new Promise<never>(() => undefined)
      : sleep(timeoutMs, "timed out" as const, { signal: timeout.signal }).catch(
          () => new Promise<never>(() => undefined),
        );
  try {
    const outcome = await Promise.race([closed, timedOut]);
    if (outcome !== "timed out") {
      const [out, err] = await text;
      return { exitCode: await exitCodeOf(api, id, action), stdout: out, stderr: err };
    }
    if (isLocal) await killExec(api, id, containerId, action);
    connection.close();
    const [out, err] = await text;
    const seconds = (timeoutMs ?? 0) / 1000;
    return { exitCode: TIMED_OUT_CODE, stdout: out, stderr: `${err}petrify: no end within ${seconds} s\n` };
  } finally {
    timeout.abort();
    connection.close();
  }
}

async function exitCodeOf(api: DockerApi, id: string, action: string): Promise<number> {
  for (let tries = 0; tries < EXIT_CODE_TRIES; tries++) {
    const { Running, ExitCode } = await api.json({ action, method: "GET", path: `/exec/${id}/json` }, execAnswer);
    if (!Running && typeof ExitCode === "number") return ExitCode;
    await sleep(20);
  }
  throw new PetrifyError("E_ENGINE_API", `The engine does not tell how the command ended (${action}).`);
}

/** The API cannot end an exec, so its processes are killed from here, each after its children were found. */
async function killExec(api: DockerApi, id: string, containerId: string, action: string): Promise<void> {
  const { Running, Pid } = await api.json({ action, method: "GET", path: `/exec/${id}/json` }, execAnswer);
  if (!Running || Pid <= 1) return;
  // The engine's word alone must not choose what root kills here: the kernel confirms that it is a process of the container.
  const cgroup = await readFile(`/proc/${Pid}/cgroup`, "utf8").catch(() => "");
  if (!cgroup.includes(containerId)) return;
  killTree(Pid);
}

/** Stopped first, so that it cannot make new children while the old ones are looked up. */
function killTree(pid: number): void {
  send(pid, "SIGSTOP");
  for (const child of childrenOf(pid)) killTree(child);
  send(pid, "SIGKILL");
}

function childrenOf(pid: number): readonly number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const lists = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8"));
    return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  } catch {
    return [];
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
