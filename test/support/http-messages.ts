import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import type { ApiTarget } from "../../src/guard/api-call.ts";
import { bodyReader } from "../../src/guard/http/body-reader.ts";
import { HeadReader } from "../../src/guard/http/head-reader.ts";
import { HttpRefusal } from "../../src/guard/http/http-refusal.ts";
import { parseRequestHead, type RequestHead } from "../../src/guard/http/request-head.ts";
import { parseTarget } from "../../src/guard/http/target.ts";

export type Reading =
  | {
      readonly kind: "request";
      readonly head: RequestHead;
      readonly target: ApiTarget;
      readonly body: string;
      readonly rest: string;
    }
  | { readonly kind: "refused"; readonly status: number; readonly sentence: string }
  | { readonly kind: "incomplete" };

/** How guard reads the beginning of a connection. */
export function guardReading(pieces: readonly Buffer[]): Reading {
  try {
    return read(pieces);
  } catch (error) {
    if (!(error instanceof HttpRefusal)) throw error;
    return { kind: "refused", status: error.status, sentence: error.message };
  }
}

function read(pieces: readonly Buffer[]): Reading {
  const reader = new HeadReader();
  const queue = [...pieces];
  let complete: ReturnType<HeadReader["read"]>;
  while (complete === undefined) {
    const piece = queue.shift();
    if (piece === undefined) return { kind: "incomplete" };
    complete = reader.read(piece);
  }
  const head = parseRequestHead(complete.head);
  const target = parseTarget(head.target);
  const bodies = bodyReader(head.framing);
  const body: Buffer[] = [];
  const rest: Buffer[] = [];
  for (const piece of [complete.rest, ...queue]) {
    if (bodies.done) {
      rest.push(piece);
      continue;
    }
    const found = bodies.read(piece);
    body.push(...found.payload);
    if (found.rest !== undefined) rest.push(found.rest);
  }
  if (!bodies.done) return { kind: "incomplete" };
  return { kind: "request", head, target, body: latin1(body), rest: latin1(rest) };
}

export interface NodeReading {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** The requests that Node's own parser (llhttp) finds in the bytes of a connection, before the first that is wrong. */
export async function nodeReadings(bytes: Buffer): Promise<readonly NodeReading[]> {
  const readings: Promise<NodeReading>[] = [];
  const server = createServer({ requireHostHeader: false, joinDuplicateHeaders: false }, (request, response) => {
    readings.push(reading(request));
    response.end();
  });
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    response.writeContinue();
    server.emit("request", request, response);
  });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const connection = new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => done(),
    final: (done) => done(),
  });
  connection.on("close", resolve).on("error", () => resolve());
  server.on("clientError", () => connection.destroy());
  server.emit("connection", connection);
  connection.push(bytes);
  connection.push(null);
  await Promise.race([closed, new Promise((done) => setTimeout(done, 50))]);
  connection.destroy();
  const settled = await Promise.allSettled(readings);
  return settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

async function reading(request: IncomingMessage): Promise<NodeReading> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  if (!request.complete) throw new Error("cut off");
  return { method: request.method ?? "", url: request.url ?? "", rawHeaders: request.rawHeaders, body: latin1(pieces) };
}

function latin1(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces).toString("latin1");
}
