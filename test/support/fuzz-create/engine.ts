import { Agent, request } from "node:http";
import { busyboxTar } from "../docker-http.ts";
import { HELPER, IMAGE } from "./fields.ts";
import type { Helper } from "./normal.ts";

interface HelperAnswer {
  readonly Id: string;
  readonly HostConfig: { readonly ReadonlyPaths: readonly string[]; readonly MaskedPaths: readonly string[] };
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** One connection kept alive for each call at a time. */
export class FuzzEngine {
  readonly #agent: Agent;
  readonly #socketPath: string;
  constructor(socketPath: string, calls: number) {
    this.#socketPath = socketPath;
    this.#agent = new Agent({ keepAlive: true, maxSockets: calls });
  }

  call(method: string, path: string, body?: Buffer, type = "application/json"): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const headers = body === undefined ? {} : { "content-type": type, "content-length": body.length };
    const call = request({ socketPath: this.#socketPath, agent: this.#agent, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end(body);
    return promise;
  }

  /** Makes a container of a body; its inspection, or the engine's refusal. The container is gone afterwards. */
  async create(path: string, body: Buffer): Promise<{ readonly inspect?: unknown; readonly refusal?: string }> {
    // Docker 26 ends the connection where it fails itself, as for a network whose settings are null.
    const made = await this.call("POST", path, body).catch((error: unknown) => ({ status: 0, text: String(error) }));
    if (made.status !== 201) return { refusal: `${made.status} ${made.text.trim()}` };
    const { Id } = JSON.parse(made.text) as { Id: string };
    const told = await this.call("GET", `/containers/${Id}/json`);
    await this.call("DELETE", `/containers/${Id}?force=1&v=1`);
    return { inspect: JSON.parse(told.text) };
  }

  async prepare(busybox: string): Promise<void> {
    const changes = ['CMD ["sleep","9"]', "ENV PATH=/bin IMAGE=1", "WORKDIR /tmp"].map(
      (one) => `&changes=${encodeURIComponent(one)}`,
    );
    const [repo, tag] = IMAGE.split(":");
    const query = `fromSrc=-&repo=${repo}&tag=${tag}${changes.join("")}`;
    await this.#must("POST", `/images/create?${query}`, busyboxTar(busybox), "application/x-tar");
    await this.call("DELETE", `/containers/${HELPER}?force=1&v=1`);
    const body = { Image: IMAGE, HostConfig: { Binds: ["v_from:/from"], NetworkMode: "none" } };
    await this.#must("POST", `/containers/create?name=${HELPER}`, Buffer.from(JSON.stringify(body)));
    // Others join its namespaces.
    await this.#must("POST", `/containers/${HELPER}/start`);
  }

  async helper(): Promise<Helper> {
    const { text } = await this.call("GET", `/containers/${HELPER}/json`);
    const { Id, HostConfig } = JSON.parse(text) as HelperAnswer;
    return { id: Id, readOnlyPaths: HostConfig.ReadonlyPaths, maskedPaths: HostConfig.MaskedPaths };
  }

  async end(): Promise<void> {
    await this.call("DELETE", `/containers/${HELPER}?force=1&v=1`);
    for (const volume of ["v_from", "v1", "v2", "v_3.x", "v9", "V"])
      await this.call("DELETE", `/volumes/${volume}?force=1`);
    this.#agent.destroy();
  }

  async #must(method: string, path: string, body?: Buffer, type?: string): Promise<void> {
    const { status, text } = await this.call(method, path, body, type);
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text}`);
  }
}
