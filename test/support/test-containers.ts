import { busyboxTar, dockerHttp, dockerJson } from "./docker-http.ts";

/** Containers of a busybox image on a test's engine. */
export class TestContainers {
  readonly #socketPath: string;
  readonly #made: string[] = [];

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async importBusybox(busybox: string): Promise<void> {
    const path = "/images/create?fromSrc=-&repo=petrify-busybox&tag=test";
    const { status, text } = await dockerHttp(this.#socketPath, "POST", path, busyboxTar(busybox));
    if (status !== 200) throw new Error(text);
  }

  async create(
    command: readonly string[],
    hostConfig: Readonly<Record<string, unknown>> = {},
    config: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const { Id: id } = await dockerJson<{ Id: string }>(this.#socketPath, "POST", "/containers/create", {
      Image: "petrify-busybox:test",
      Cmd: command,
      HostConfig: { NetworkMode: "none", ...hostConfig },
      ...config,
    });
    this.#made.push(id);
    return id;
  }

  async start(id: string): Promise<void> {
    await dockerJson(this.#socketPath, "POST", `/containers/${id}/start`);
  }

  /** Exit code. */
  async wait(id: string): Promise<number> {
    const { StatusCode } = await dockerJson<{ StatusCode: number }>(this.#socketPath, "POST", `/containers/${id}/wait`);
    return StatusCode;
  }

  async exec(id: string, command: readonly string[]): Promise<void> {
    const { Id } = await dockerJson<{ Id: string }>(this.#socketPath, "POST", `/containers/${id}/exec`, {
      Cmd: command,
      AttachStdout: true,
    });
    // Answers when the program has ended.
    await dockerHttp(this.#socketPath, "POST", `/exec/${Id}/start`, JSON.stringify({ Detach: false }));
  }

  async remove(): Promise<void> {
    for (const id of this.#made.splice(0))
      await dockerHttp(this.#socketPath, "DELETE", `/containers/${id}?force=1&v=1`);
  }
}
