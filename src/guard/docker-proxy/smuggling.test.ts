import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GuardedSocket, guardedSocket } from "../../../test/support/guarded-socket.ts";

let guarded: GuardedSocket;
beforeAll(async () => {
  guarded = await guardedSocket();
});
afterAll(() => guarded[Symbol.asyncDispose]());

const HOST = "Host: docker\r\n";
const SECOND = `POST /containers/create HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\n{}`;
const post = (fields: string, body = ""): string => `POST /containers/create HTTP/1.1\r\n${HOST}${fields}\r\n${body}`;
const get = (fields: string, after = ""): string => `GET /_ping HTTP/1.1\r\n${HOST}${fields}\r\n${after}`;
const line = (first: string): string => `${first}\r\n${HOST}\r\n`;
const chunked = (body: string): string => post("Transfer-Encoding: chunked\r\n", body);

const ATTACKS: readonly (readonly [what: string, bytes: string, status: number])[] = [
  ["length and chunks", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${SECOND}`), 400],
  ["chunks and length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", `0\r\n\r\n${SECOND}`), 400],
  ["two lengths", post("Content-Length: 0\r\nContent-Length: 2\r\n", "{}"), 400],
  ["two equal lengths", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), 400],
  ["a list of lengths", post("Content-Length: 2, 2\r\n", "{}"), 400],
  ["a length with a sign", post("Content-Length: +2\r\n", "{}"), 400],
  ["a negative length", post("Content-Length: -1\r\n"), 400],
  ["a hexadecimal length", post("Content-Length: 0x2\r\n", "{}"), 400],
  ["a length with a blank in it", post("Content-Length: 1 0\r\n", "{}"), 400],
  ["a length with a leading zero", post("Content-Length: 02\r\n", "{}"), 400],
  ["an empty length", post("Content-Length:\r\n"), 400],
  ["a length beyond 2^53", post("Content-Length: 18446744073709551618\r\n", "{}"), 400],
  ["a length in other digits", post("Content-Length: \xb2\r\n", "{}"), 400],
  ["two encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400],
  ["encodings in a list", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400],
  ["identity", post("Transfer-Encoding: identity\r\n"), 400],
  ["chunked in other case", post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"), 400],
  ["chunked with something behind it", post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), 400],
  ["chunked with a vertical tab", post("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n"), 400],
  ["blank before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400],
  ["tab before the colon", post("Content-Length\t: 2\r\n", "{}"), 400],
  ["a folded line", post("X: a\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400],
  ["a folded length", post("Content-Length:\r\n 2\r\n", "{}"), 400],
  ["a folded line behind a tab", post("X: a\r\n\tb\r\n"), 400],
  ["a folded first field", `GET /_ping HTTP/1.1\r\n Host: docker\r\n\r\n`, 400],
  ["LF alone", "GET /_ping HTTP/1.1\nHost: docker\n\n", 400],
  ["LF alone in the fields", `GET /_ping HTTP/1.1\r\n${HOST}X: a\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ["CR alone", `GET /_ping HTTP/1.1\r\n${HOST}X: a\rContent-Length: 9\r\n\r\n`, 400],
  ["NUL in a value", get("X: a\0b\r\n"), 400],
  ["NUL in a name", get("X\0: a\r\n"), 400],
  ["a name that is no token", get("X(y): a\r\n"), 400],
  ["a name that is not ASCII", get("Content\u2010Length: 5\r\n".replace("\u2010", "\xad")), 400],
  ["a line without colon", get("X\r\n"), 400],
  ["an empty name", get(": a\r\n"), 400],
  ["an empty line first", `\r\n${get("")}`, 400],
  ["a blank first", ` ${get("")}`, 400],
  ["no host", "GET /_ping HTTP/1.1\r\n\r\n", 400],
  ["two hosts", get("Host: other\r\n"), 400],
  ["a chunk extension", chunked(`2;a=b\r\n{}\r\n0\r\n\r\n`), 400],
  ["a blank behind a chunk size", chunked("2 \r\n{}\r\n0\r\n\r\n"), 400],
  ["a chunk size in 0x", chunked("0x2\r\n{}\r\n0\r\n\r\n"), 400],
  ["a chunk size with a sign", chunked("+2\r\n{}\r\n0\r\n\r\n"), 400],
  ["a chunk size beyond 32 bits", chunked("100000002\r\n{}\r\n0\r\n\r\n"), 400],
  ["an empty chunk size", chunked("\r\n{}\r\n0\r\n\r\n"), 400],
  ["a chunk size that ends with LF", chunked("2\n{}\r\n0\r\n\r\n"), 400],
  ["a chunk that is longer than it says", chunked("2\r\n{}x\r\n0\r\n\r\n"), 400],
  ["trailers", chunked("2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n"), 400],
  ["a request behind a request", get("", SECOND), 400],
  ["a request behind a body", `${SECOND}${SECOND}`, 400],
  ["a request behind chunks", chunked(`2\r\n{}\r\n0\r\n\r\n${SECOND}`), 400],
  ["a request in the body of a GET", get("Content-Length: 10\r\n", SECOND), 400],
  ["chunks of a GET", get("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400],
  ["an absolute URL", line("GET http://docker/_ping HTTP/1.1"), 400],
  ["an absolute URL of a socket", line("POST unix:///containers/create HTTP/1.1"), 400],
  ["an authority", line("CONNECT docker:80 HTTP/1.1"), 405],
  ["an asterisk", line("OPTIONS * HTTP/1.1"), 400],
  ["a path without slash", line("GET _ping HTTP/1.1"), 400],
  ["a second blank", line("GET  /_ping HTTP/1.1"), 400],
  ["a tab for a blank", line("GET\t/_ping\tHTTP/1.1"), 400],
  ["a blank in the path", line("GET /a b HTTP/1.1"), 400],
  ["a blank at the end", line("GET /_ping HTTP/1.1 "), 400],
  ["no version", "GET /_ping\r\n\r\n", 400],
  ["HTTP/0.9", line("GET /_ping HTTP/0.9"), 505],
  ["HTTP/1.2", line("GET /_ping HTTP/1.2"), 505],
  ["HTTP/2 as a version", line("GET /_ping HTTP/2.0"), 505],
  ["HTTP/1.10", line("GET /_ping HTTP/1.10"), 505],
  ["http in lower case", line("GET /_ping http/1.1"), 400],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ["chunks in HTTP/1.0", `POST /build HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ["an upgrade in HTTP/1.0", `POST /session HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`, 400],
  ["a method in lower case", line("get /_ping HTTP/1.1"), 405],
  ["TRACE", line("TRACE /_ping HTTP/1.1"), 405],
  ["a made-up method", line("POST/ /_ping HTTP/1.1"), 405],
  ["an upgrade where none is", get("Connection: Upgrade\r\nUpgrade: foo\r\n", SECOND), 400],
  [
    "h2c where none is",
    get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
    400,
  ],
  [
    "an upgrade to anything of attach",
    `POST /containers/a/attach HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: foo\r\n\r\n`,
    400,
  ],
  ["several upgrades", `POST /session HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: h2c, tcp\r\n\r\n`, 400],
  ["two upgrades", `POST /session HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: tcp\r\n\r\n`, 400],
  ["an upgrade that Connection does not name", `POST /session HTTP/1.1\r\n${HOST}Upgrade: h2c\r\n\r\n`, 400],
  ["Connection that names a field", get("Connection: close, X-Registry-Auth\r\nX-Registry-Auth: e30\r\n"), 400],
  ["another expectation", post("Expect: 200-ok\r\nContent-Length: 2\r\n", "{}"), 417],
  [
    "a form that stands for the query",
    `POST /commit?container=a HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\ncontainer=b`,
    400,
  ],
  [
    "a form in parts",
    `POST /commit HTTP/1.1\r\n${HOST}Content-Type: Multipart/Form-Data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ["two types", post("Content-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n", "{}"), 400],
  ["an encoded body that is judged", post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}"), 400],
  ["a body that is too large", post("Content-Length: 1048577\r\n"), 413],
  ["a path with dots", line("POST /containers/x/../create HTTP/1.1"), 400],
  ["an empty part of the path", line("POST //containers/create HTTP/1.1"), 400],
  ["201 fields", get("A: b\r\n".repeat(201)), 431],
  ["a head of more than 64 KiB", get(`A: ${"b".repeat(65_536)}\r\n`), 431],
];

describe("refused with a sentence, and nothing reaches the engine", () => {
  test.each(ATTACKS)("%s", async (_what, bytes, status) => {
    for (const pieces of [[bytes], [bytes.slice(0, bytes.length >> 1), bytes.slice(bytes.length >> 1)]]) {
      const answer = await guarded.talk(...pieces);
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^\\r]+\\r\\n`));
      const { message } = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))) as { message: string };
      expect(message).toMatch(/^.{10,}\.$/);
      expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
    }
    expect(guarded.engine.received()).toBe("");
  });
});
