import type { ApiTarget } from "../api-call.ts";
import { type BodyReader, bodyReader } from "../http/body-reader.ts";
import type { Framing } from "../http/framing.ts";
import { HeadReader } from "../http/head-reader.ts";
import { HttpRefusal } from "../http/http-refusal.ts";
import type { RequestHead } from "../http/request-head.ts";
import { parseResponseHead, type ResponseHead } from "../http/response-head.ts";
import { framed } from "../http/write-message.ts";
import { splice } from "./splice.ts";
import { clientFraming, clientHead, engineHead, hijackedHead } from "./upstream-messages.ts";
import { MAX_WARNED_BYTES, withWarnings } from "./warnings.ts";
import type { Wire } from "./wire.ts";

const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");

/** What goes to the engine. */
export interface Forwarded {
  readonly head: RequestHead;
  readonly target: ApiTarget;
  /** Absent: copied from the client as it comes. */
  readonly body?: Buffer;
  /** The answer may open a stream that carries anything both ways. */
  readonly hijack: boolean;
  readonly warnings: readonly string[];
}

/** `keep`: both connections are clean for the next request. `noAnswer`: the engine closed before it said anything. */
export type Outcome = "keep" | "close" | "noAnswer";

/** One request and its answer, between two connections that are clean. */
export class Exchange {
  readonly #client: Wire;
  readonly #upstream: Wire;
  readonly #forwarded: Forwarded;
  readonly #mustClose: () => boolean;
  #requestSent = false;
  #answerBegun = false;
  #over = false;
  #failure: HttpRefusal | undefined;

  constructor(client: Wire, upstream: Wire, forwarded: Forwarded, mustClose: () => boolean) {
    this.#client = client;
    this.#upstream = upstream;
    this.#forwarded = forwarded;
    this.#mustClose = mustClose;
  }

  /** Whether a refusal can still be told. */
  get answerBegun(): boolean {
    return this.#answerBegun;
  }

  /** Throws HttpRefusal for what either side got wrong. */
  async run(): Promise<Outcome> {
    const sending = this.#send();
    try {
      const outcome = await this.#relay();
      if (this.#failure !== undefined && !this.#answerBegun) throw this.#failure;
      return outcome;
    } finally {
      this.#over = true;
      void sending;
    }
  }

  /** Never rejects. */
  async #send(): Promise<void> {
    const { head, target, body, hijack } = this.#forwarded;
    const framing: Framing = body === undefined ? head.framing : bodyFraming(head.framing, body);
    const asks = { upgrade: hijack, continue: body === undefined && head.expectsContinue };
    const first = engineHead(head, target, framing, asks);
    const wait = this.#upstream.write(body === undefined || body.length === 0 ? [first] : [first, body]);
    this.#requestSent = body !== undefined || framing.kind === "none";
    await wait;
    if (!this.#requestSent) await this.#copyBody(framing);
    if (this.#requestSent) await this.#watch();
  }

  async #copyBody(framing: Framing): Promise<void> {
    const reader = bodyReader(framing);
    this.#requestSent = reader.done;
    while (!reader.done) {
      await this.#client.ready();
      if (this.#over) return;
      if (!this.#client.hasBytes) return this.#abort();
      try {
        const payload = payloadHere(this.#client, reader);
        const wait = this.#upstream.write(framed(framing, payload, reader.done));
        // The engine may answer before the last piece is seen to have left.
        this.#requestSent = reader.done;
        if (wait !== undefined) await wait;
      } catch (error) {
        if (!(error instanceof HttpRefusal)) throw error;
        this.#failure = error;
        this.#upstream.destroy();
        return;
      }
    }
  }

  /** Until the answer is complete: the client may go, and must send nothing but what belongs to a hijacked stream. */
  async #watch(): Promise<void> {
    await this.#client.ready();
    if (this.#over || this.#forwarded.hijack) return;
    if (this.#client.hasBytes) this.#abort();
    // As the engine would see it: it ends what it does for a client that has gone (`events`, `logs -f`).
    else this.#upstream.end();
  }

  #abort(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  async #relay(): Promise<Outcome> {
    for (;;) {
      const response = await this.#responseHead();
      if (response === undefined) return this.#client.closed ? "close" : "noAnswer";
      const { head, body, hijack } = this.#forwarded;
      if (response.status === 101 || (hijack && response.status === 200 && response.framing.kind === "untilClose")) {
        if (!hijack || (response.status === 101 && head.upgrade === undefined))
          throw new HttpRefusal(502, "The engine changed the protocol where nothing asked for it.");
        this.#answerBegun = true;
        void this.#client.write([hijackedHead(response)]);
        await splice(this.#client, this.#upstream);
        return "close";
      }
      if (response.status >= 200) return await this.#relayAnswer(response);
      if (response.status === 100 && body === undefined && head.expectsContinue) void this.#client.write([CONTINUE]);
    }
  }

  async #responseHead(): Promise<ResponseHead | undefined> {
    const reader = new HeadReader();
    for (;;) {
      const bytes = await this.#upstream.read();
      if (bytes === undefined) return undefined;
      const head = trusting(() => {
        const complete = reader.read(bytes);
        if (complete !== undefined) this.#upstream.unread(complete.rest);
        return complete && parseResponseHead(complete.head, this.#forwarded.head.method);
      });
      if (head !== undefined) return head;
    }
  }

  async #relayAnswer(response: ResponseHead): Promise<Outcome> {
    const warned = await this.#warned(response);
    if (warned !== undefined) return warned;
    const framing = clientFraming(response.framing, this.#forwarded.head.version);
    const close = this.#closesAfter(framing);
    const reader = bodyReader(response.framing);
    let pieces: readonly Buffer[] = [clientHead(response, framing, close)];
    this.#answerBegun = true;
    // The client may send its next request as soon as it has read the end.
    this.#over = reader.done && this.#requestSent;
    while (!reader.done) {
      const isHere = this.#upstream.hasBytes;
      if (!isHere && this.#upstream.ended) {
        await this.#client.write(pieces);
        if (response.framing.kind !== "untilClose") this.#client.destroy();
        return "close";
      }
      if (!isHere) {
        const wait = this.#client.write(pieces);
        pieces = [];
        if (wait !== undefined) await wait;
        await this.#upstream.ready();
      } else {
        const payload = trusting(() => payloadHere(this.#upstream, reader));
        pieces = [...pieces, ...framed(framing, payload, reader.done)];
        if (reader.done) this.#over = this.#requestSent;
        const wait = this.#client.write(pieces);
        pieces = [];
        if (wait !== undefined) await wait;
      }
      if (this.#client.closed) return "close";
    }
    void this.#client.write(pieces);
    return close || !this.#requestSent || this.#upstream.hasBytes ? "close" : "keep";
  }

  /** The answer to a create call with the warnings added; undefined when this is none. */
  async #warned(response: ResponseHead): Promise<Outcome | undefined> {
    const { warnings } = this.#forwarded;
    const { framing } = response;
    if (warnings.length === 0 || response.status !== 201) return undefined;
    if (framing.kind !== "length" || framing.bytes > MAX_WARNED_BYTES) return undefined;
    const reader = bodyReader(framing);
    const pieces: Buffer[] = [];
    while (!reader.done) {
      const bytes = await this.#upstream.read();
      if (bytes === undefined) return "noAnswer";
      const { payload, rest } = trusting(() => reader.read(bytes));
      if (rest !== undefined) this.#upstream.unread(rest);
      pieces.push(...payload);
    }
    const said = Buffer.concat(pieces);
    const body = withWarnings(said, warnings) ?? said;
    const length: Framing = { kind: "length", bytes: body.length };
    const close = this.#closesAfter(length);
    this.#answerBegun = true;
    this.#over = this.#requestSent;
    void this.#client.write([clientHead(response, length, close), body]);
    return close || !this.#requestSent || this.#upstream.hasBytes ? "close" : "keep";
  }

  #closesAfter(framing: Framing): boolean {
    // What a client sent early for a stream that did not come about is no request.
    const { head, hijack } = this.#forwarded;
    return framing.kind === "untilClose" || hijack || head.close || this.#mustClose();
  }
}

/** The payload of all that is here; what is behind its end stays. Throws HttpRefusal. */
function payloadHere(wire: Wire, reader: BodyReader): readonly Buffer[] {
  const payload: Buffer[] = [];
  const pieces = wire.takeAll();
  let next = 0;
  for (let piece = pieces[next++]; piece !== undefined; piece = pieces[next++]) {
    const read = reader.read(piece);
    payload.push(...read.payload);
    if (!reader.done) continue;
    for (const behind of pieces.slice(next).toReversed()) wire.unread(behind);
    if (read.rest !== undefined) wire.unread(read.rest);
    break;
  }
  return payload;
}

/** What is wrong with an answer is not the client's fault. */
function trusting<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HttpRefusal)) throw error;
    throw new HttpRefusal(502, `The engine gave an answer that cannot be read: ${error.message}`);
  }
}

/** A call without a body stays one, unless it was given one. */
function bodyFraming(framing: Framing, body: Buffer): Framing {
  return framing.kind === "none" && body.length === 0 ? framing : { kind: "length", bytes: body.length };
}
