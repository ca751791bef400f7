import { setTimeout as sleep } from "node:timers/promises";
import type { PetrifyError } from "../../model/errors.ts";
import type { Attached, ContainerHandle, ContainerSpec, ContainerState, ExecOptions, ExecResult } from "../engine.ts";
import type { ApiRequest, DockerApi } from "./api.ts";
import { attachContainer } from "./attach.ts";
import { execInContainer } from "./exec.ts";
import { startFailure } from "./start-failures.ts";
import { type ContainerAnswer, containerAnswer, waitAnswer } from "./schemas.ts";
import { collectLog } from "./streams.ts";

const LOG_LIMIT_BYTES = 4 * 2 ** 20;
const REMOVE_TRIES = 100;

interface ArmedWait {
  readonly exitCode: Promise<number>;
  /** For a container that could not be started. */
  cancel(failure: PetrifyError): void;
}

/** One container of a Docker API. */
export class DockerContainer implements ContainerHandle {
  readonly id: string;
  readonly name: string;
  readonly #api: DockerApi;
  readonly #spec: ContainerSpec;
  readonly #isLocal: boolean;
  #isStarted = false;
  /** Asked for before the start. */
  #armed: Promise<ArmedWait> | undefined;
  /** Of the last start, when someone was waiting before it. */
  #exit: Promise<number> | undefined;

  constructor(api: DockerApi, id: string, spec: ContainerSpec, isLocal: boolean) {
    this.#api = api;
    this.id = id;
    this.name = spec.name;
    this.#spec = spec;
    this.#isLocal = isLocal;
  }

  async start(): Promise<void> {
    // A container that removes itself takes its exit code along: someone must be waiting before it starts, and until
    // it is gone, as docker run does: its name must be free for the next one.
    const armed = await (this.#spec.autoRemove ? this.#armBeforeStart() : this.#armed);
    const { status, message } = await this.#api.send({
      ...this.#request("start", "POST", "/start"),
      timeoutMs: 600_000,
      accept: [304, 400, 404, 409, 500],
    });
    this.#armed = undefined;
    if (status >= 400) {
      const failure = startFailure("started", this.name, message);
      armed?.cancel(failure);
      throw failure;
    }
    this.#isStarted = true;
    this.#exit = armed?.exitCode;
  }

  async stop(timeoutSeconds?: number): Promise<void> {
    const seconds = timeoutSeconds ?? this.#spec.workload.stopTimeoutSeconds ?? 10;
    await this.#api.send({
      ...this.#request("stop", "POST", "/stop"),
      query: { t: String(seconds) },
      timeoutMs: seconds * 1000 + 120_000,
      accept: [304, 404],
    });
  }

  async signal(name: string): Promise<void> {
    await this.#api.send({
      ...this.#request(`signal ${name} to`, "POST", "/kill"),
      query: { signal: name },
      accept: [404, 409],
    });
  }

  async state(): Promise<ContainerState> {
    return stateOf(await this.#inspect(), this.#isLocal);
  }

  async wait(): Promise<number> {
    if (this.#exit !== undefined) return this.#exit;
    // Before the start "not running" is true already.
    const armed = this.#isStarted ? await this.#armWait("not-running") : await this.#armBeforeStart();
    return armed.exitCode;
  }

  async remove(): Promise<void> {
    const request = { ...this.#request("remove", "DELETE", ""), query: { force: "1", v: "1" }, timeoutMs: 600_000 };
    for (let tries = 0; tries < REMOVE_TRIES; tries++) {
      // 409: its own auto-removal is under way. 500: a mount of a process that has just ended is still busy.
      const isLast = tries === REMOVE_TRIES - 1;
      const { status } = await this.#api.send({ ...request, accept: isLast ? [404] : [404, 409, 500] });
      if (status < 300 || status === 404) return;
      await sleep(100);
    }
  }

  async logs(tailLines: number): Promise<string> {
    const action = `read the log of ${this.name}`;
    const response = await this.#api.open({
      ...this.#request("read the log of", "GET", "/logs"),
      query: { stdout: "1", stderr: "1", tail: String(tailLines) },
      // The log driver cannot be read back, or nothing has been logged.
      accept: [404, 409, 500, 501],
    });
    if (response.statusCode !== 200) {
      response.resume();
      return "";
    }
    return collectLog(response, this.#spec.workload.tty, action, LOG_LIMIT_BYTES).catch((error: unknown) => {
      throw this.#api.lost(error);
    });
  }

  exec(command: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return execInContainer(this.#api, this.id, command, options, this.#isLocal);
  }

  attach(options: { readonly stdin: boolean; readonly tty: boolean }): Promise<Attached> {
    return attachContainer(this.#api, this.id, options);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#api.send({
      ...this.#request("resize", "POST", "/resize"),
      query: { w: String(columns), h: String(rows) },
    });
  }

  async volumes(): Promise<readonly { readonly name: string; readonly target: string; readonly anonymous: boolean }[]> {
    const { Mounts } = await this.#inspect();
    return Mounts.filter((mount) => mount.Type === "volume").map(({ Name, Destination }) => ({
      name: Name,
      target: Destination,
      // Engines name a volume that nobody named by 64 random hex digits.
      anonymous: /^[0-9a-f]{64}$/.test(Name),
    }));
  }

  #inspect(): Promise<ContainerAnswer> {
    return this.#api.json(this.#request("inspect", "GET", "/json"), containerAnswer);
  }

  #armBeforeStart(): Promise<ArmedWait> {
    return (this.#armed ??= this.#armWait(this.#spec.autoRemove ? "removed" : "next-exit"));
  }

  /** Returns when the engine is waiting, which is when the head of its answer has come. */
  async #armWait(condition: "not-running" | "next-exit" | "removed"): Promise<ArmedWait> {
    const response = await this.#api.open({
      ...this.#request("wait for", "POST", "/wait"),
      query: { condition },
      timeoutMs: Infinity,
    });
    const exitCode = this.#api.parse(response, `wait for ${this.name}`, waitAnswer).then((answer) => answer.StatusCode);
    exitCode.catch(() => undefined);
    return { exitCode, cancel: (failure) => void response.destroy(failure) };
  }

  #request(verb: string, method: ApiRequest["method"], path: string): ApiRequest {
    return { action: `${verb} ${this.name}`, method, path: `/containers/${this.id}${path}` };
  }
}

/** The state that an inspection tells. */
export function stateOf(
  { State, NetworkSettings }: Pick<ContainerAnswer, "State" | "NetworkSettings">,
  isLocal: boolean,
): ContainerState {
  const { Status, Pid, ExitCode, OOMKilled, Error: error, Health } = State;
  const networks = Object.values(NetworkSettings?.Networks ?? {});
  return {
    status: Status,
    pid: isLocal ? Pid : 0,
    exitCode: ExitCode,
    oomKilled: OOMKilled,
    error,
    health: healthOf(Health?.Status ?? ""),
    ipAddress: networks.find(({ IPAddress }) => IPAddress !== "")?.IPAddress ?? "",
  };
}

function healthOf(text: string): ContainerState["health"] {
  return text === "starting" || text === "healthy" || text === "unhealthy" ? text : "none";
}
