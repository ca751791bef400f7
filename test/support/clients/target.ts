import { request, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** What Petrify tells a test command of the workload, by environment variables. */
export interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `first`: a fresh container. `restart`, `replace`: what the first one stored must be there. */
  readonly phase: "first" | "restart" | "replace";
}

export function target(): Target {
  const phase = variable("PETRIFY_PHASE");
  if (phase !== "first" && phase !== "restart" && phase !== "replace") throw new Error(`no such phase: ${phase}`);
  return {
    name: variable("PETRIFY_NAME"),
    // Absent where the workload has no port.
    host: process.env["PETRIFY_HOST"] ?? "",
    port: Number(process.env["PETRIFY_PORT"] ?? 0),
    phase,
  };
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: this is run by petrify learn, or by hand with it`);
  return value;
}

const READY_TIMEOUT_MS = 15_000;
const RETRY_MS = 100;

/** Repeats an attempt until it succeeds; throws its last error when the workload had its time. */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
    }
    await delay(RETRY_MS);
  }
}

/** An open TCP connection to the workload. */
export function dial({ host, port }: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

/** Where a port of the container is reached: `80`, or `53_UDP`. */
export function portOf(port: number | `${number}_UDP`): number {
  return Number(variable(`PETRIFY_PORT_${port}`));
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export function http(options: RequestOptions, body?: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ ...options, agent: false, timeout: READY_TIMEOUT_MS }, (response: IncomingMessage) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.once("error", reject);
    });
    call.once("timeout", () => call.destroy(new Error("no answer in time")));
    call.once("error", reject);
    call.end(body);
  });
}

/** Sends the container's first process a signal, through the engine that DOCKER_HOST names. */
export async function signalContainer({ name }: Target, signal: string): Promise<void> {
  const engine = new URL(variable("DOCKER_HOST"));
  const address =
    engine.protocol === "unix:" ? { socketPath: engine.pathname } : { host: engine.hostname, port: engine.port };
  const answer = await http({ ...address, method: "POST", path: `/containers/${name}/kill?signal=${signal}` });
  if (answer.status !== 204) throw new Error(`the engine did not send ${signal}: ${answer.body}`);
}

/** Throws unless both are the same. */
export function expectSame(what: string, got: unknown, wanted: unknown): void {
  if (got !== wanted) throw new Error(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`);
}

/** Runs a test to its end; the exit code says whether it passed. */
export async function main(test: (target: Target) => Promise<void>): Promise<void> {
  try {
    await test(target());
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
