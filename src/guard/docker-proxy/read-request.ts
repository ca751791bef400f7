import { bodyReader } from "../http/body-reader.ts";
import { HeadReader } from "../http/head-reader.ts";
import { HttpRefusal } from "../http/http-refusal.ts";
import { parseRequestHead, type RequestHead } from "../http/request-head.ts";
import type { Wire } from "./wire.ts";

const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");

/**
 * The next request's head; undefined when the client has gone. Throws HttpRefusal. `firstMs` bounds the wait for the first byte, and
 * `headMs` the time from there on.
 */
export async function readRequestHead(
  client: Wire,
  timeouts: { readonly firstMs?: number; readonly headMs: number },
): Promise<RequestHead | undefined> {
  const reader = new HeadReader();
  let deadline = timeouts.firstMs === undefined ? undefined : new Deadline(client, timeouts.firstMs);
  try {
    for (;;) {
      const bytes = await client.read();
      if (deadline?.passed === true && reader.begun) throw late();
      if (bytes === undefined) return undefined;
      const complete = reader.read(bytes);
      if (complete !== undefined) {
        client.unread(complete.rest);
        return parseRequestHead(complete.head);
      }
      deadline ??= new Deadline(client, timeouts.headMs);
    }
  } finally {
    deadline?.clear();
  }
}

/** The whole body, of at most `maxBytes`; undefined when the client has gone before its end. Throws HttpRefusal. */
export async function readBody(
  client: Wire,
  head: RequestHead,
  { maxBytes, bodyMs }: { readonly maxBytes: number; readonly bodyMs: number },
): Promise<Buffer | undefined> {
  const { framing } = head;
  const tooLarge = (): HttpRefusal =>
    new HttpRefusal(413, `The body is longer than the ${maxBytes} bytes that this call may have.`);
  if (framing.kind === "length" && framing.bytes > maxBytes) throw tooLarge();
  const reader = bodyReader(framing);
  if (reader.done) return Buffer.alloc(0);
  if (head.expectsContinue && !client.hasBytes) void client.write([CONTINUE]);
  const deadline = new Deadline(client, bodyMs);
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    while (!reader.done) {
      const bytes = await client.read();
      if (deadline.passed) throw late();
      if (bytes === undefined) return undefined;
      const { payload, rest } = reader.read(bytes);
      for (const piece of payload) length += piece.length;
      if (length > maxBytes) throw tooLarge();
      pieces.push(...payload);
      if (rest !== undefined) client.unread(rest);
    }
    return Buffer.concat(pieces);
  } finally {
    deadline.clear();
  }
}

/** Wakes a reader that waits too long. */
class Deadline {
  #passed = false;
  readonly #timer: NodeJS.Timeout;
  constructor(client: Wire, timeoutMs: number) {
    this.#timer = setTimeout(() => {
      this.#passed = true;
      client.interrupt();
    }, timeoutMs);
  }
  get passed(): boolean {
    return this.#passed;
  }
  clear(): void {
    clearTimeout(this.#timer);
  }
}

function late(): HttpRefusal {
  return new HttpRefusal(408, "The request did not arrive in time.");
}
