import { setTimeout as sleep } from "node:timers/promises";
import { PetrifyError } from "../../model/errors.ts";
import type { LogStream } from "../../model/strategy.ts";
import type { Attached, ContainerHandle, ContainerSpec, ContainerState, ExecOptions, ExecResult } from "../engine.ts";
import type { ApiRequest, DockerApi } from "./api.ts";
import { attachContainer } from "./attach.ts";
import { execInContainer } from "./exec.ts";
import { refusal } from "./failures.ts";
import { removeVolumes } from "./podman/create.ts";
import type { QuirkName } from "./quirks.ts";
import { forcedRemoval } from "./forced-removal.ts";
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

/** What of its engine a container minds. */
export interface ContainerTraits {
  readonly isLocal: boolean;
  readonly quirks: ReadonlySet<QuirkName>;
  /** Volumes that were made for this container alone, and stand for something else. */
  readonly ownVolumes: readonly string[];
}

/** One container of a Docker API. */
export class DockerContainer implements ContainerHandle {
  readonly id: string;
  readonly name: string;
  readonly #api: DockerApi;
  readonly #spec: ContainerSpec;
  readonly #traits: ContainerTraits;
  #isStarted = false;
  /** Asked for before the start. */
  #armed: Promise<ArmedWait> | undefined;
  /** Of the last start, when someone was waiting before it. */
  #exit: Promise<number> | undefined;

  constructor(api: DockerApi, id: string, spec: ContainerSpec, traits: ContainerTraits) {
    this.#api = api;
    this.id = id;
    this.name = spec.name;
    this.#spec = spec;
    this.#traits = traits;
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
    const request = this.#request(`signal ${name} to`, "POST", "/kill");
    const ended = this.#traits.quirks.has("endedSignalIs500") ? [500] : [];
    const { status, message } = await this.#api.send({
      ...request,
      query: { signal: name },
      accept: [404, 409, ...ended],
    });
    if (status === 500 && !/container state improper/.test(message)) throw refusal(request.action, status, message);
  }

  async state(): Promise<ContainerState> {
    return stateOf(await this.#inspect(), this.#traits.isLocal);
  }

  async wait(): Promise<number> {
    if (this.#exit !== undefined) return this.#exit;
    // Before the start "not running" is true already.
    const armed = this.#isStarted ? await this.#armWait("not-running") : await this.#armBeforeStart();
    return armed.exitCode;
  }

  async remove(): Promise<void> {
    const request = {
      ...this.#request("remove", "DELETE", ""),
      ...forcedRemoval(this.id, this.#traits.quirks),
      timeoutMs: 600_000,
    };
    for (let tries = 0; tries < REMOVE_TRIES; tries++) {
      // 409: its own auto-removal is under way. 500: a mount of a process that has just ended is still busy.
      const isLast = tries === REMOVE_TRIES - 1;
      const { status } = await this.#api.send({ ...request, accept: isLast ? [404] : [404, 409, 500] });
      if (status < 300 || status === 404) break;
      await sleep(100);
    }
    await removeVolumes(this.#api, this.#traits.ownVolumes);
  }

  async logs(tailLines: number, stream?: LogStream): Promise<string> {
    const action = `read the log of ${this.name}`;
    const response = await this.#api.open({
      ...this.#request("read the log of", "GET", "/logs"),
      query: {
        stdout: stream === "stderr" ? "0" : "1",
        stderr: stream === "stdout" ? "0" : "1",
        tail: String(tailLines),
      },
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
    return execInContainer(this.#api, this.id, command, options, this.#traits.isLocal);
  }

  async attach(options: { readonly stdin: boolean; readonly tty: boolean }): Promise<Attached> {
    try {
      return await attachContainer(this.#api, this.id, options);
    } catch (error) {
      const said =
        error instanceof PetrifyError ? /preparing container \S+ for attach: (.*)/s.exec(error.message) : null;
      if (said === null || !this.#traits.quirks.has("attachPrepares")) throw error;
      throw startFailure("started", this.name, said[1] ?? "");
    }
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#api.send({
      ...this.#request("resize", "POST", "/resize"),
      query: { w: String(columns), h: String(rows) },
    });
  }

  async volumes(): Promise<readonly { readonly name: string; readonly target: string; readonly anonymous: boolean }[]> {
    const { Mounts } = await this.#inspect();
    const own = new Set(this.#traits.ownVolumes);
    return Mounts.filter((mount) => mount.Type === "volume" && !own.has(mount.Name)).map(({ Name, Destination }) => ({
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
    const isRemoved = this.#spec.autoRemove && !this.#traits.quirks.has("removedWaitIsZero");
    return (this.#armed ??= this.#armWait(isRemoved ? "removed" : "next-exit"));
  }

  /** Returns when the engine is waiting, which is when the head of its answer has come. */
  async #armWait(condition: "not-running" | "next-exit" | "removed"): Promise<ArmedWait> {
    const response = await this.#api.open({
      ...this.#request("wait for", "POST", "/wait"),
      query: { condition, ...(this.#traits.quirks.has("waitPolls") && { interval: "20ms" }) },
      timeoutMs: Infinity,
    });
    const ended = this.#api.parse(response, `wait for ${this.name}`, waitAnswer).then((answer) => answer.StatusCode);
    const exitCode =
      this.#spec.autoRemove && condition === "next-exit"
        ? ended.then(async (code) => {
            await this.#untilGone();
            return code;
          })
        : ended;
    exitCode.catch(() => undefined);
    return { exitCode, cancel: (failure) => void response.destroy(failure) };
  }

  async #untilGone(): Promise<void> {
    for (let tries = 0; tries < REMOVE_TRIES; tries++) {
      const { status } = await this.#api.send({ ...this.#request("inspect", "GET", "/json"), accept: [404, 500] });
      // 500: it goes in this very moment.
      if (status >= 400) break;
      await sleep(20);
    }
    await removeVolumes(this.#api, this.#traits.ownVolumes);
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
    // One that Podman has prepared for whoever attached has a process already, which is still the runtime's.
    pid: isLocal && Status !== "created" ? Pid : 0,
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
