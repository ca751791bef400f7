import { Agent, request } from "node:http";

/** Calls over one connection that is kept. */
export class KeptClient {
  readonly #socketPath: string;
  readonly #agent: Agent;

  constructor(socketPath: string, maxSockets = 1) {
    this.#socketPath = socketPath;
    this.#agent = new Agent({ keepAlive: true, maxSockets });
  }

  /** The answer's text; throws it when the status is an error. */
  call(method: string, path: string, body?: string): Promise<string> {
    const headers =
      body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    request(
      { socketPath: this.#socketPath, path: `/v1.41${path}`, method, headers, agent: this.#agent },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        response.on("error", reject).on("end", () => {
          const { statusCode = 0 } = response;
          if (statusCode < 400) resolve(text);
          else reject(new Error(`${method} ${path}: ${statusCode} ${text}`));
        });
      },
    )
      .on("error", reject)
      .end(body);
    return promise;
  }

  async create(image: string, command: readonly string[], hostConfig: object = {}): Promise<string> {
    const body = { Image: image, Cmd: command, HostConfig: { NetworkMode: "none", ...hostConfig } };
    const { Id } = JSON.parse(await this.call("POST", "/containers/create", JSON.stringify(body))) as { Id: string };
    return Id;
  }

  close(): void {
    this.#agent.destroy();
  }
}
