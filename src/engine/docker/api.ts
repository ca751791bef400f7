import http, { type IncomingMessage } from "node:http";
import type { Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import { PetrifyError } from "../../model/errors.ts";
import { EngineAgent } from "./agent.ts";
import { JSON_LIMIT_BYTES, parseJson, readBody } from "./body.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { connectionFailure, malformed, refusal } from "./failures.ts";
import { errorAnswer } from "./schemas.ts";
import { sentence } from "./text.ts";

/** Time in which an engine must begin to answer a question; what creates, copies or waits names its own. */
const ANSWER_TIMEOUT_MS = 120_000;

/** How often a question is asked about what goes away meanwhile. */
const FIND_ATTEMPTS = 10;

export interface ApiRequest {
  /** What is being done, for error messages: `inspect the image nginx`. */
  readonly action: string;
  readonly method: "GET" | "HEAD" | "POST" | "DELETE" | "PUT";
  /** Without version; every variable part passed through `encodeURIComponent`. */
  readonly path: string;
  /** API version to name instead of the one in use. */
  readonly version?: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly json?: unknown;
  readonly body?: Readable;
  readonly headers?: Readonly<Record<string, string>>;
  /** Until the answer begins, and as long again until it is whole; `Infinity` waits for as long as the connection lives. */
  readonly timeoutMs?: number;
  /** Statuses beside 2xx that the caller judges itself. */
  readonly accept?: readonly number[];
}

/** A connection that the engine gave up HTTP on. */
export interface Hijacked {
  readonly input: NodeJS.WritableStream;
  readonly output: Readable;
  close(): void;
}

/**
 * Requests to one Docker API. Nothing that comes back is believed: sizes are limited, and `json` parses with the given schema.
 * Throws E_ENGINE_UNREACHABLE, E_ENGINE_LOST, E_ENGINE_API.
 */
export class DockerApi {
  readonly host: string;
  readonly #endpoint: Endpoint;
  readonly #agent: EngineAgent;
  readonly #open = new Set<Duplex>();
  #version: string | undefined;
  #hasAnswered = false;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.#agent = new EngineAgent(endpoint, true);
    this.host = formatEndpoint(endpoint);
  }

  /** Puts this API version in front of every path from now on. */
  useVersion(version: string): void {
    this.#version = version;
  }

  /** The answer's JSON. */
  async json<T>(request: ApiRequest, schema: z.ZodType<T>): Promise<T> {
    return this.parse(await this.open(request), request.action, schema, limitOf(request));
  }

  /** As `json`; undefined when the answer is that it is not there. */
  async find<T>(request: ApiRequest, schema: z.ZodType<T>, attempts = FIND_ATTEMPTS): Promise<T | undefined> {
    const response = await this.open({ ...request, accept: [404, 500] });
    const status = response.statusCode ?? 0;
    if (status < 400) return this.parse(response, request.action, schema, limitOf(request));
    const message = errorMessage(await this.#whole(response, request.action, limitOf(request)));
    // The quirk goneIs500.
    if (status === 404 || message.endsWith(": no such container")) return undefined;
    // Podman looks at a process while it ends (`read /proc/PID/cgroup`): a moment later it knows that it has.
    if (message.endsWith(": no such process") && attempts > 1) return this.find(request, schema, attempts - 1);
    throw refusal(request.action, status, message);
  }

  /** The JSON of an answer that `open` gave, however long it takes unless a limit is given. */
  async parse<T>(
    response: IncomingMessage,
    action: string,
    schema: z.ZodType<T>,
    limitMs: number = Infinity,
  ): Promise<T> {
    const parsed = schema.safeParse(parseJson(await this.#whole(response, action, limitMs), action));
    if (!parsed.success) throw malformed(action, z.prettifyError(parsed.error), parsed.error);
    return parsed.data;
  }

  /** Status and error message of a request whose answer's content does not matter. */
  async send(request: ApiRequest): Promise<{ readonly status: number; readonly message: string }> {
    const response = await this.open(request);
    const body = await this.#whole(response, request.action, limitOf(request));
    const status = response.statusCode ?? 0;
    return { status, message: status >= 400 ? errorMessage(body) : "" };
  }

  /** Status and body stream of the answer. */
  async open(request: ApiRequest): Promise<IncomingMessage> {
    const response = await this.#retried(request);
    const status = response.statusCode ?? 0;
    if ((status >= 200 && status < 300) || request.accept?.includes(status) === true) return response;
    throw refusal(request.action, status, errorMessage(await this.#whole(response, request.action, limitOf(request))));
  }

  /** Sends the request and takes the connection over: both the 101 of an upgrade and the older plain 200. */
  async hijack(request: ApiRequest): Promise<Hijacked> {
    const answer = await this.#exchange(request, this.#freshConnection(), {
      connection: "Upgrade",
      upgrade: "tcp",
    });
    if ("socket" in answer) {
      const { socket } = answer;
      this.#track(socket);
      return { input: socket, output: socket, close: () => void socket.destroy() };
    }
    const { response } = answer;
    const status = response.statusCode ?? 0;
    if (status !== 200)
      throw refusal(
        request.action,
        status,
        errorMessage(await this.#whole(response, request.action, limitOf(request))),
      );
    const { socket } = response;
    this.#track(socket);
    return { input: socket, output: response, close: () => void response.destroy() };
  }

  /** Turns a failed stream of an answer into what it means. */
  lost(cause: unknown): PetrifyError {
    return connectionFailure(cause, this.host, this.#hasAnswered);
  }

  close(): void {
    this.#agent.destroy();
    for (const socket of this.#open) socket.destroy();
  }

  /** An engine that begins to answer and then hangs has not answered. */
  async #whole(response: IncomingMessage, action: string, limitMs: number): Promise<string> {
    const timer = after(limitMs, () => response.destroy(timedOut(limitMs)));
    try {
      return (await readBody(response, action, JSON_LIMIT_BYTES)).toString();
    } catch (error) {
      throw this.lost(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A pooled connection may have been closed by the other side just now: what changes nothing is asked once more. */
  async #retried(request: ApiRequest): Promise<IncomingMessage> {
    try {
      return this.#expectResponse(await this.#exchange(request, this.#agent), request);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      if (request.method !== "GET" && request.method !== "HEAD") throw this.lost(error.cause);
      return this.#expectResponse(await this.#exchange(request, this.#freshConnection()), request);
    }
  }

  #freshConnection(): EngineAgent {
    return new EngineAgent(this.#endpoint, false);
  }

  #expectResponse(answer: Answer, request: ApiRequest): IncomingMessage {
    if ("response" in answer) return answer.response;
    answer.socket.destroy();
    throw malformed(request.action, "it switches protocols without being asked");
  }

  #exchange(
    request: ApiRequest,
    agent: EngineAgent,
    extraHeaders: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const version = request.version ?? this.#version;
    const json = request.json === undefined ? undefined : Buffer.from(JSON.stringify(request.json));
    const call = http.request({
      agent,
      method: request.method,
      path: `${version === undefined ? "" : `/v${version}`}${request.path}${formatQuery(request.query)}`,
      headers: {
        host: this.#endpoint.kind === "tcp" ? this.host.slice("tcp://".length) : "docker",
        "user-agent": "petrify",
        ...(json !== undefined && { "content-type": "application/json", "content-length": String(json.length) }),
        ...request.headers,
        ...extraHeaders,
      },
    });
    const limitMs = limitOf(request);
    return new Promise<Answer>((resolve, reject) => {
      let settled = false;
      const timer = after(limitMs, () => call.destroy(timedOut(limitMs)));
      const settle = (answer: Answer): void => {
        settled = true;
        clearTimeout(timer);
        this.#hasAnswered = true;
        resolve(answer);
      };
      call.on("response", (response) => settle({ response }));
      call.on("upgrade", (_response, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        settle({ socket });
      });
      call.on("error", (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        // After the answer began, its own stream reports what happens.
        if (settled) return;
        const unreadable = request.body?.errored ?? null;
        const isStale = call.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
        if (unreadable !== null) reject(unreadableSource(request.action, unreadable));
        else reject(isStale ? new StaleConnection(error) : this.lost(error));
      });
      if (request.body === undefined) {
        call.end(json);
        return;
      }
      // The engine may answer and close before it has read everything: the answer counts, not the rest.
      pipeline(request.body, call).catch((error: unknown) => {
        if (!settled) call.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }

  #track(socket: Duplex): void {
    // It may break between two readers; whoever reads next is told.
    socket.on("error", () => undefined);
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
  }
}

type Answer = { readonly response: IncomingMessage } | { readonly socket: Duplex };

class StaleConnection extends Error {
  constructor(cause: Error) {
    super("the pooled connection was closed", { cause });
  }
}

function limitOf({ timeoutMs = ANSWER_TIMEOUT_MS }: ApiRequest): number {
  return timeoutMs;
}

function after(limitMs: number, act: () => void): NodeJS.Timeout | undefined {
  return Number.isFinite(limitMs) ? setTimeout(act, limitMs) : undefined;
}

function timedOut(limitMs: number): Error {
  return Object.assign(new Error(`no answer within ${Math.round(limitMs / 1000)} s`), { code: "ETIMEDOUT" });
}

function unreadableSource(action: string, cause: Error): PetrifyError {
  if (cause instanceof PetrifyError) return cause;
  return new PetrifyError("E_IO", sentence(`What was to be sent cannot be read (${action}): ${cause.message}`), {
    cause,
  });
}

function formatQuery(query: ApiRequest["query"]): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const each of typeof value === "string" ? [value] : (value ?? [])) search.append(name, each);
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

function errorMessage(body: string): string {
  try {
    return errorAnswer.parse(JSON.parse(body)).message;
  } catch {
    return body;
  }
}
