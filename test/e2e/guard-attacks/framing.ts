import { API, type Attack, call, raw, WRITABLE } from "./attack.ts";

const CREATE = `POST ${API}/containers/create`;
const LENGTH = WRITABLE.length;
const HEX = LENGTH.toString(16);
const JSON_TYPE = "Content-Type: application/json";
/** A whole create that follows as if it were a request of its own. */
const SMUGGLED = `${CREATE} HTTP/1.1\r\nHost: x\r\n${JSON_TYPE}\r\nContent-Length: ${LENGTH}\r\n\r\n${WRITABLE}`;
const BAD = /^HTTP\/1\.1 (?:4\d\d|501|505) /;

/** A create whose head has these lines instead of a plain length. */
function framed(headers: readonly string[], body = WRITABLE, start = `${CREATE} HTTP/1.1`): Buffer {
  return raw(start, "Host: docker", JSON_TYPE, ...headers, "", body);
}
/** Something harmless, with a create after it that one of two readers might see. */
function hidden(start: string, headers: readonly string[], before = ""): Buffer {
  return raw(start, "Host: docker", ...headers, "", before + SMUGGLED);
}

/** Games with where a request ends, and with who speaks which protocol. */
export const FRAMING: readonly Attack[] = [
  ["length and chunks", framed([`Content-Length: ${LENGTH}`, "Transfer-Encoding: chunked"], `0\r\n\r\n${SMUGGLED}`)],
  [
    "chunks and length",
    framed(["Transfer-Encoding: chunked", "Content-Length: 4"], `${HEX}\r\n${WRITABLE}\r\n0\r\n\r\n`),
  ],
  ["two equal lengths", framed([`Content-Length: ${LENGTH}`, `Content-Length: ${LENGTH}`])],
  ["two lengths", framed(["Content-Length: 0", `Content-Length: ${LENGTH}`])],
  ["a list of lengths", framed([`Content-Length: ${LENGTH}, ${LENGTH}`])],
  ["a signed length", framed([`Content-Length: +${LENGTH}`])],
  ["a hexadecimal length", framed([`Content-Length: 0x${HEX}`])],
  ["a negative length", framed(["Content-Length: -1"])],
  ["an endless length", framed(["Content-Length: 99999999999999999999"])],
  ["chunked among others", framed(["Transfer-Encoding: chunked, identity"], `0\r\n\r\n${SMUGGLED}`)],
  ["identity", framed(["Transfer-Encoding: identity", `Content-Length: ${LENGTH}`])],
  ["xchunked", framed(["Transfer-Encoding: xchunked"], SMUGGLED)],
  ["chunked twice", framed(["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], `0\r\n\r\n${SMUGGLED}`)],
  ["a vertical tab before chunked", framed(["Transfer-Encoding: \x0bchunked"], `0\r\n\r\n${SMUGGLED}`)],
  ["a folded header", framed(["Transfer-Encoding:", " chunked"], `0\r\n\r\n${SMUGGLED}`)],
  ["a space before the colon", framed(["Transfer-Encoding : chunked"], `0\r\n\r\n${SMUGGLED}`)],
  ["a header that begins with a space", framed([" Content-Length: 0", `Content-Length: ${LENGTH}`])],
  ["a bare line feed in a header", framed([`X: y\nContent-Length: ${LENGTH}`])],
  ["a bare carriage return in a header", framed([`X: y\rContent-Length: ${LENGTH}`])],
  ["a NUL in a header", framed([`X: \x00`, `Content-Length: ${LENGTH}`])],
  ["lines that end in line feeds", Buffer.from(SMUGGLED.replaceAll("\r\n", "\n"))],
  ["a header without a name", framed([": x", `Content-Length: ${LENGTH}`])],
  ["a header without a colon", framed(["Content-Length", `Content-Length: ${LENGTH}`])],
  ["a chunk with an extension", framed(["Transfer-Encoding: chunked"], `${HEX};x="\r\n"\r\n${WRITABLE}\r\n0\r\n\r\n`)],
  [
    "a chunk whose size overflows",
    framed(["Transfer-Encoding: chunked"], `ffffffffffffffff1\r\n${WRITABLE}\r\n0\r\n\r\n`),
  ],
  ["a chunk with a signed size", framed(["Transfer-Encoding: chunked"], `+${HEX}\r\n${WRITABLE}\r\n0\r\n\r\n`)],
  ["a chunk with a 0x size", framed(["Transfer-Encoding: chunked"], `0x${HEX}\r\n${WRITABLE}\r\n0\r\n\r\n`)],
  ["chunks that end in line feeds", framed(["Transfer-Encoding: chunked"], `${HEX}\n${WRITABLE}\n0\n\n`)],
  ["a chunk that is longer than it says", framed(["Transfer-Encoding: chunked"], `1\r\n${WRITABLE}\r\n0\r\n\r\n`)],
  ["an encoded body", framed([`Content-Length: ${LENGTH}`, "Content-Encoding: gzip"])],
  [
    "another method in a header",
    hidden("GET /_ping HTTP/1.1", ["Content-Length: 3", "X-HTTP-Method-Override: POST"], "abc"),
  ],
  ["a version of the future", framed([`Content-Length: ${LENGTH}`], WRITABLE, `${CREATE} HTTP/1.2`)],
  ["version 2 in words", framed([`Content-Length: ${LENGTH}`], WRITABLE, `${CREATE} HTTP/2.0`)],
  ["no version", Buffer.from(`${CREATE}\r\n\r\n`)],
  [
    "two spaces in the request line",
    framed([`Content-Length: ${LENGTH}`], WRITABLE, `POST  ${API}/containers/create HTTP/1.1`),
  ],
  [
    "a tab in the request line",
    framed([`Content-Length: ${LENGTH}`], WRITABLE, `POST\t${API}/containers/create HTTP/1.1`),
  ],
  ["a method in lower case", framed([`Content-Length: ${LENGTH}`], WRITABLE, `post ${API}/containers/create HTTP/1.1`)],
  ["the preface of HTTP/2", Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")],
  [
    "an upgrade to h2c",
    hidden("GET /_ping HTTP/1.1", [
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    ]),
  ],
  ["an upgrade to anything", hidden("GET /_ping HTTP/1.1", ["Connection: Upgrade", "Upgrade: foo"])],
  ["an expectation of another kind", framed([`Content-Length: ${LENGTH}`, "Expect: 200-ok"])],
]
  .map(([name, bytes]): Attack => ({ name: name as string, sends: [bytes as Buffer], refusal: BAD }))
  .concat([
    { name: "a create behind a read", sends: [hidden("GET /_ping HTTP/1.1", [])] },
    {
      name: "a create behind a read with a body",
      sends: [hidden("GET /_ping HTTP/1.1", [`Content-Length: ${SMUGGLED.length}`])],
    },
    { name: "a create that awaits 100", sends: [framed([`Content-Length: ${LENGTH}`, "Expect: 100-continue"])] },
    {
      name: "a create in pieces",
      sends: [framed(["Transfer-Encoding: chunked"], WRITABLE.replaceAll(/[^]/g, "1\r\n$&\r\n") + "0\r\n\r\n")],
    },
    {
      name: "a create that its connection's header would strip of its length",
      sends: [framed([`Content-Length: ${LENGTH}`, "Connection: close, content-length"])],
    },
    {
      name: "a create behind an attach that is refused",
      sends: [
        hidden(`POST ${API}/containers/nobody/attach?stream=1 HTTP/1.1`, [
          "Connection: Upgrade",
          "Upgrade: tcp",
          "Content-Length: 0",
        ]),
      ],
    },
    {
      name: "a create behind a session that is asked for with a wrong protocol",
      sends: [hidden(`POST ${API}/session HTTP/1.1`, ["Connection: Upgrade", "Upgrade: foo", "Content-Length: 0"])],
    },
    {
      name: "a create that ends before its body",
      sends: [call("POST", `${API}/containers/create`, undefined, [JSON_TYPE, `Content-Length: ${LENGTH + 5}`])],
    },
  ]);
