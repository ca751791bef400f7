import { connect } from "node:net";
import type { Answer, ApiCall, ApiTarget, Gate, Plan, Refusal } from "../api-call.ts";
import type { Caller } from "../../policy/request.ts";
import { fieldValue } from "../http/fields.ts";
import { HttpRefusal } from "../http/http-refusal.ts";
import type { RequestHead } from "../http/request-head.ts";
import { parseTarget } from "../http/target.ts";
import { checkCall } from "./check-call.ts";
import { Exchange, type Forwarded } from "./exchange.ts";
import type { ProxyLimits } from "./limits.ts";
import { readBody, readRequestHead } from "./read-request.ts";
import { refusalMessage } from "./refusal-message.ts";
import { Wire } from "./wire.ts";

export interface ConnectionSettings {
  /** Path of the engine's own socket. */
  readonly upstream: string;
  readonly gate: Gate;
  readonly limits: ProxyLimits;
}

/** What `start` of dockerd takes for no body (moby api/server/router/container, postContainersStart): some clients send `{}`. */
const MAX_NO_BODY_BYTES = 16;
/** `t`: dockerode repeats the query of stop and restart there, and no engine reads it. */
const NO_BODY = /^\s*(?:\{\s*(?:"t"\s*:\s*\d{1,6}\s*)?\}|null)?\s*$/;
const INTERNAL: Refusal = {
  status: 500,
  message: "petrify guard could not judge this call, and so did not let it through; its log says why.",
};

/** One client, and the one connection to the engine that is its own. */
export class Connection {
  readonly #settings: ConnectionSettings;
  readonly #client: Wire;
  readonly caller: Caller;
  #upstream: Wire | undefined;
  /** The engine has answered on this connection before. */
  #upstreamUsed = false;
  #idle = true;
  #draining = false;
  readonly #onFailure: (error: unknown) => void;

  constructor(settings: ConnectionSettings, client: Wire, caller: Caller, onFailure: (error: unknown) => void) {
    this.#settings = settings;
    this.#client = client;
    this.caller = caller;
    this.#onFailure = onFailure;
  }

  /** Between two requests. */
  get idle(): boolean {
    return this.#idle;
  }

  /** No further request: closes now or after the answer that is under way. */
  drain(): void {
    this.#draining = true;
    if (this.#idle) this.destroy();
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream?.destroy();
  }

  /** Serves the client to its end. Never rejects. */
  async run(): Promise<void> {
    try {
      let firstMs: number | undefined = this.#settings.limits.headMs;
      while (await this.#serveOne(firstMs)) {
        firstMs = undefined;
        this.#idle = true;
        if (this.#draining) break;
      }
      this.#upstream?.destroy();
      await this.#linger();
    } catch (error) {
      this.#onFailure(error);
    } finally {
      this.destroy();
    }
  }

  /** Tells whether another request may follow. */
  async #serveOne(firstMs: number | undefined): Promise<boolean> {
    let head: RequestHead | undefined;
    let target: ApiTarget | undefined;
    try {
      head = await readRequestHead(this.#client, {
        ...(firstMs !== undefined && { firstMs }),
        ...this.#settings.limits,
      });
      if (head === undefined) return false;
      this.#idle = false;
      target = parseTarget(head.target);
      return await this.#serve(head, target);
    } catch (error) {
      if (!(error instanceof HttpRefusal)) throw error;
      return this.#refuse({ status: error.status, message: error.message }, head, target, true);
    }
  }

  async #serve(head: RequestHead, target: ApiTarget): Promise<boolean> {
    const contentType = fieldValue(head.fields, "content-type")?.split(";")[0]?.trim().toLowerCase();
    const call: ApiCall = {
      method: head.method,
      target,
      caller: this.caller,
      ...(contentType !== undefined && { contentType }),
    };
    const plan = this.#plan(call);
    if (plan.kind === "refuse") return this.#refuse(plan.refusal, head, target, hasBody(head));
    checkCall(head, call, plan);
    if (plan.kind === "stream") return this.#forward({ head, target, hijack: false, warnings: [] });
    // While it is judged.
    this.#openUpstream();
    const maxBytes = "maxBytes" in plan ? plan.maxBytes : MAX_NO_BODY_BYTES;
    const { bodyMs } = this.#settings.limits;
    const read = plan.kind === "judgeHead" ? undefined : await readBody(this.#client, head, { maxBytes, bodyMs });
    if (read === undefined && plan.kind !== "judgeHead") return false;
    const body = plan.kind === "judgeWithoutBody" ? withoutBody(read) : read;
    const answer = await this.#judge(call, plan.kind === "judgeWithoutBody" ? undefined : body);
    // Nothing is made for somebody who will never hear of it.
    if (this.#client.ended) return false;
    if (answer.kind === "refuse")
      return this.#refuse(answer.refusal, head, target, plan.kind === "judgeHead" && hasBody(head));
    const replaced = answer.body ?? body;
    return this.#forward({
      head,
      target: answer.target ?? target,
      ...(replaced !== undefined && { body: replaced }),
      hijack: plan.kind === "hijack",
      warnings: answer.warnings,
    });
  }

  #plan(call: ApiCall): Plan {
    try {
      return this.#settings.gate.plan(call);
    } catch (error) {
      this.#onFailure(error);
      return { kind: "refuse", refusal: INTERNAL };
    }
  }

  async #judge(call: ApiCall, body: Buffer | undefined): Promise<Answer> {
    try {
      return await this.#settings.gate.judge(call, body);
    } catch (error) {
      this.#onFailure(error);
      return { kind: "refuse", refusal: INTERNAL };
    }
  }

  async #forward(forwarded: Forwarded): Promise<boolean> {
    if (!forwarded.hijack && this.#client.hasBytes && (forwarded.body !== undefined || !hasBody(forwarded.head)))
      throw new HttpRefusal(400, "A request came before the one before it was answered.");
    const upstream = this.#openUpstream();
    // Bytes that nothing asked for: whose answer would they be?
    if (upstream.hasBytes || (upstream.ended && this.#upstreamUsed)) return false;
    if (upstream.ended) return this.#tellNoAnswer(upstream, forwarded);
    const exchange = new Exchange(this.#client, upstream, forwarded, () => this.#draining);
    try {
      const outcome = await exchange.run();
      if (outcome === "noAnswer") return this.#tellNoAnswer(upstream, forwarded);
      this.#upstreamUsed = true;
      return outcome === "keep";
    } catch (error) {
      upstream.destroy();
      if (!(error instanceof HttpRefusal)) throw error;
      if (!exchange.answerBegun) throw error;
      this.#client.destroy();
      return false;
    }
  }

  #openUpstream(): Wire {
    if (this.#upstream !== undefined && (this.#upstreamUsed || !this.#upstream.ended)) return this.#upstream;
    const upstream = new Wire(connect({ path: this.#settings.upstream, allowHalfOpen: true }));
    for (const event of ["end", "close"] as const)
      upstream.socket.on(event, () => {
        if (this.#idle) this.destroy();
      });
    this.#upstream = upstream;
    return upstream;
  }

  /** A client repeats by itself what a kept connection swallowed; the first time it must be told. */
  #tellNoAnswer(upstream: Wire, { head, target }: Forwarded): boolean {
    const code = upstream.error?.code;
    const { upstream: path } = this.#settings;
    if (this.#upstreamUsed && code === undefined) return false;
    const message =
      upstream.error?.syscall === "connect"
        ? `The engine behind petrify guard does not answer at ${path} (${code}). Is it running?`
        : "The engine behind petrify guard closed the connection before it answered; whether it has done what it was asked is not known.";
    return this.#refuse({ status: 502, message }, head, target, true);
  }

  /** Tells whether the connection is still clean. */
  #refuse(refusal: Refusal, head: RequestHead | undefined, target: ApiTarget | undefined, unclean = false): boolean {
    const close = unclean || head === undefined || head.close || this.#draining || this.#client.hasBytes;
    const call = { method: head?.method ?? "GET", libpod: target?.libpod ?? false };
    void this.#client.write(refusalMessage(refusal, call, close));
    return !close;
  }

  /** Reads away what the client still sends: closed in the face of it, it would not come to read its answer. */
  async #linger(): Promise<void> {
    const discarded = (async () => {
      while ((await this.#client.read()) !== undefined);
    })();
    await this.#client.finish();
    const timer = setTimeout(() => this.#client.destroy(), this.#settings.limits.lingerMs);
    await discarded;
    clearTimeout(timer);
  }
}

function hasBody({ framing }: RequestHead): boolean {
  return framing.kind === "chunked" || (framing.kind === "length" && framing.bytes > 0);
}

function withoutBody(body: Buffer | undefined): Buffer {
  if (body !== undefined && !NO_BODY.test(body.toString("latin1")))
    throw new HttpRefusal(400, "This call has no body.");
  return Buffer.alloc(0);
}
