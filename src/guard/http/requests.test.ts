import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guardReading, type NodeReading, nodeReadings } from "../../../test/support/http-messages.ts";
import { engineHead } from "../docker-proxy/upstream-messages.ts";
import type { RequestHead } from "./request-head.ts";
import { framed } from "./write-message.ts";

const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/);
const value = fc.stringMatching(/^[!-~]([ -~\x80-\xff]{0,12}[!-~])?$/);
const part = fc.oneof(
  fc.constantFrom(
    "containers",
    "json",
    "create",
    "images",
    "v1.41",
    "libpod",
    "x%3Ay",
    "%41",
    "a.b",
    "..",
    "%2e",
    "a%2Fb",
  ),
  fc.stringMatching(/^[A-Za-z0-9._~-]{1,6}$/),
);
const target = fc
  .tuple(fc.array(part, { maxLength: 4 }), fc.option(fc.stringMatching(/^[a-z0-9=&%+;A-F]{0,10}$/)))
  .map(([parts, query]) => `/${parts.join("/")}${query === null ? "" : `?${query}`}`);
const body = fc.string({ unit: "grapheme-ascii", maxLength: 20 });

function chunks(text: string, cut: number): string {
  const pieces = [text.slice(0, cut), text.slice(cut)].filter((piece) => piece !== "");
  return `${pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("")}0\r\n\r\n`;
}

const oddField = fc.constantFrom(
  "Content-Length: 3",
  "Content-Length: +3",
  "Content-Length:0",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: identity",
  "Transfer-Encoding : chunked",
  " folded",
  "Connection: close",
  "Connection: keep-alive, Content-Length",
  "Upgrade: tcp",
  "Expect: 100-continue",
  "Host: other",
  "Trailer: X",
);

/** Most are plain requests; some fields are odd. */
const request = fc
  .record({
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "HEAD", "post", "TRACE"),
    target,
    version: fc.constantFrom("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2"),
    fields: fc.array(fc.tuple(token, value), { maxLength: 4 }),
    odd: fc.array(oddField, { maxLength: 1 }),
    body,
    framing: fc.constantFrom("none", "length", "chunked"),
    cut: fc.nat(20),
    after: fc.constantFrom("", "", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"),
  })
  .map(({ method, target: path, version, fields, odd, body: text, framing, cut, after }) => {
    const framingField =
      framing === "none"
        ? []
        : [framing === "length" ? `Content-Length: ${text.length}` : "Transfer-Encoding: chunked"];
    const lines = ["Host: docker", ...fields.map(([name, said]) => `${name}: ${said}`), ...framingField, ...odd];
    const content = framing === "none" ? "" : framing === "length" ? text : chunks(text, cut);
    return `${method} ${path} ${version}\r\n${lines.join("\r\n")}\r\n\r\n${content}${after}`;
  });

const mutation = fc.tuple(
  fc.nat(),
  fc.constantFrom("insert", "replace", "delete", "double"),
  fc.constantFrom("\r", "\n", "\r\n", " ", "\t", ":", "\0", ";", "0", "a", "%", "/", "\x0b", "\x80", ","),
);

function mutated(text: string, mutations: readonly (readonly [number, string, string])[]): Buffer {
  let bytes = text;
  for (const [where, how, what] of mutations) {
    const at = where % (bytes.length + 1);
    const [before, after] = [bytes.slice(0, at), bytes.slice(at)];
    if (how === "insert") bytes = before + what + after;
    else if (how === "replace") bytes = before + what + after.slice(1);
    else if (how === "delete") bytes = before + after.slice(1);
    else bytes = before + after.slice(0, 1) + after;
  }
  return Buffer.from(bytes, "latin1");
}

const anyBytes = fc
  .tuple(request, fc.array(mutation, { maxLength: 2 }))
  .map(([text, mutations]) => mutated(text, mutations));

/** Guard passes on no field that Node does not see as guard does. */
function comparable({ method, url, body: content, rawHeaders }: NodeReading, head: RequestHead): object {
  const seen = new Set(rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : [])));
  return { method, url, body: content, missing: head.fields.filter(([name, said]) => !seen.has(`${name}: ${said}`)) };
}

function piecesOf(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe("requests", () => {
  test("every way in which the bytes arrive gives the same reading", () => {
    fc.assert(
      fc.property(anyBytes, fc.array(fc.nat(), { maxLength: 6 }), (bytes, cuts) => {
        const whole = guardReading([bytes]);
        expect(guardReading(piecesOf(bytes, cuts))).toEqual(whole);
        expect(guardReading(piecesOf(bytes, [...bytes.keys()]))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  test("what is let through Node reads as guard does, and what is forwarded as exactly that one request", async () => {
    let accepted = 0;
    let agreed = 0;
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        const reading = guardReading([bytes]);
        if (reading.kind !== "request") return;
        accepted++;
        const { head } = reading;
        const [original] = await nodeReadings(bytes);
        if (original !== undefined) agreed++;
        const own = { method: head.method, url: head.target, body: reading.body, missing: [] };
        expect(original === undefined ? own : comparable(original, head)).toEqual(own);
        const content = Buffer.from(reading.body, "latin1");
        const written = [
          engineHead(head, reading.target, head.framing, { upgrade: true, continue: head.expectsContinue }),
          ...framed(head.framing, [content], true),
        ];
        const forwarded = Buffer.concat(written);
        const again = guardReading([forwarded]);
        expect(again).toMatchObject({ kind: "request", target: reading.target, body: reading.body, rest: "" });
        const engines = await nodeReadings(forwarded);
        expect(engines).toHaveLength(1);
        expect(engines[0]).toMatchObject({ method: head.method, body: reading.body });
        expect(engines[0]?.rawHeaders.slice(0, 2 + 2 * head.fields.length)).toEqual([
          "Host",
          "docker",
          ...head.fields.flat(),
        ]);
      }),
      { numRuns: 1_000 },
    );
    expect(accepted).toBeGreaterThan(20);
    expect(agreed).toBeGreaterThan(20);
  });
});
