import { endToEnd, type Field, fieldValue, listedIn, parseFields } from "./fields.ts";
import { declaredFraming, type Framing } from "./framing.ts";
import { headLines } from "./head-reader.ts";
import { HttpRefusal, malformed } from "./http-refusal.ts";

export interface RequestHead {
  readonly method: string;
  /** As it came, in origin form. */
  readonly target: string;
  readonly version: "1.0" | "1.1";
  /** Those that are passed on; the rest is in the other properties. */
  readonly fields: readonly Field[];
  readonly framing: Extract<Framing, { readonly kind: "none" | "length" | "chunked" }>;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** `tcp`, `h2c`, `websocket`. */
  readonly upgrade?: string;
  /** The connection ends after the answer. */
  readonly close: boolean;
}

/** All that the APIs of Docker and Podman use, and OPTIONS for their CORS. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const WITHOUT_BODY = new Set(["GET", "HEAD", "OPTIONS"]);
const CONNECTION_OPTIONS = new Set(["close", "keep-alive", "upgrade", "te", "http2-settings"]);

/**
 * A request's head, which ends with its empty line. Throws HttpRefusal for whatever two readers could take for different things; what
 * it gives back is what is written upstream, so that the engine cannot read another request.
 */
export function parseRequestHead(head: Buffer): RequestHead {
  const [line, ...fieldLines] = headLines(head);
  const { method, target, version } = requestLine(line);
  const fields = parseFields(fieldLines);
  const host = fieldValue(fields, "host");
  if (host === undefined && version === "1.1") throw malformed("The field host is missing.");
  if (host !== undefined && !/^[\w.:%[\]/@-]*$/.test(host)) throw malformed("The field host is no host.");
  const connection = listedIn(fields, "connection");
  const foreign = connection.find((option) => !CONNECTION_OPTIONS.has(option));
  if (foreign !== undefined)
    throw malformed("The field connection has an option other than close, keep-alive and upgrade.");
  const framing = declaredFraming(fields, version) ?? { kind: "none" };
  if (framing.kind === "untilClose") throw malformed("The body has no end.");
  if (WITHOUT_BODY.has(method) && (framing.kind === "chunked" || (framing.kind === "length" && framing.bytes > 0)))
    throw malformed(`A ${method} has no body.`);
  const upgrade = upgradeOf(fields, connection, version);
  return {
    method,
    target,
    version,
    fields: endToEnd(fields),
    framing,
    expectsContinue: expectsContinue(fields, version),
    ...(upgrade !== undefined && { upgrade }),
    close: version === "1.0" || connection.includes("close"),
  };
}

function requestLine(line: string): Pick<RequestHead, "method" | "target" | "version"> {
  if (line === "PRI * HTTP/2.0") throw new HttpRefusal(505, "HTTP/2 is not spoken here; use HTTP/1.1.");
  const parts = line.split(" ");
  const [method = "", target = "", protocol = ""] = parts;
  if (parts.length !== 3 || method === "" || target === "") throw malformed("The first line is no request.");
  if (protocol !== "HTTP/1.1" && protocol !== "HTTP/1.0") {
    if (/^HTTP\/[0-9.]+$/.test(protocol)) throw new HttpRefusal(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
    throw malformed("The first line is no request.");
  }
  if (!METHODS.has(method)) throw new HttpRefusal(405, "The method is none of the engine's API.");
  if (/^[a-z][a-z0-9+.-]*:/i.test(target))
    throw malformed("The request names a whole URL where only a path can stand: this is no forward proxy.");
  if (!target.startsWith("/")) throw malformed("The request has no path.");
  return { method, target, version: protocol === "HTTP/1.1" ? "1.1" : "1.0" };
}

function expectsContinue(fields: readonly Field[], version: "1.0" | "1.1"): boolean {
  const expect = fieldValue(fields, "expect");
  if (expect === undefined) return false;
  if (expect.toLowerCase() !== "100-continue" || version === "1.0")
    throw new HttpRefusal(417, "Nothing but `Expect: 100-continue` can be expected.");
  return true;
}

/** HttpClient of Apache asks for TLS at each request, and goes on without when it is not answered. */
const IGNORED_UPGRADE = /^tls\/1\.[0-3](?:, ?tls\/1\.[0-3])*$/;

function upgradeOf(
  fields: readonly Field[],
  connection: readonly string[],
  version: "1.0" | "1.1",
): string | undefined {
  const upgrade = fieldValue(fields, "upgrade")?.toLowerCase();
  if (upgrade === undefined || IGNORED_UPGRADE.test(upgrade)) return undefined;
  if (!/^[a-z0-9]+$/.test(upgrade)) throw malformed("The field upgrade names more than one plain protocol.");
  if (version === "1.0") throw malformed("HTTP/1.0 knows no upgrade.");
  if (!connection.includes("upgrade")) throw malformed("The field upgrade is there without `Connection: Upgrade`.");
  return upgrade;
}
