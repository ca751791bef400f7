import { PetrifyError } from "../../model/errors.ts";

/** Certificates of a TLS connection, as PEM text. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** False accepts any server certificate: `SkipTLSVerify` of a context. */
  readonly verify: boolean;
}

/** Where a Docker API is served. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls?: TlsMaterial }
  | {
      readonly kind: "ssh";
      readonly host: string;
      readonly user?: string;
      readonly port?: number;
      /** Socket on the remote host, when it is not that of its `docker` command. */
      readonly socketPath?: string;
    };

// Docker's own defaults: moby api/types/client DefaultHTTPPort and DefaultTLSHTTPPort.
const PLAIN_PORT = 2375;
const TLS_PORT = 2376;

// These become arguments of ssh and words for the remote shell: letters that neither can take for an option or for syntax.
const SSH_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const SSH_ADDRESS = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|[0-9A-Fa-f:.]+)$/;
const SSH_SOCKET = /^(?:\/[A-Za-z0-9_.-]+)+$/;

/**
 * The endpoint that the text of `--host` or DOCKER_HOST names: `unix:///path`, `tcp://host:port`, `ssh://user@host:port`.
 * `tls` makes a tcp endpoint a TLS one. Throws E_USAGE.
 */
export function parseEndpoint(text: string, tls?: TlsMaterial): Endpoint {
  const [, scheme = "", rest = ""] = /^([a-z]+):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === "unix") {
    if (!rest.startsWith("/") || rest.includes("\0")) throw wrong(text, "the path of the socket must be absolute");
    return { kind: "unix", path: rest };
  }
  if (scheme === "tcp" || scheme === "http" || scheme === "https")
    return tcpEndpoint(text, rest, tls ?? (scheme === "https" ? { verify: true } : undefined));
  if (scheme === "ssh") return sshEndpoint(text);
  throw wrong(text, "its scheme must be unix, tcp or ssh");
}

/** The text form, without secrets: what `parseEndpoint` reads. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === "unix") return `unix://${endpoint.path}`;
  if (endpoint.kind === "tcp") return `tcp://${bracketed(endpoint.host)}:${endpoint.port}`;
  const user = endpoint.user === undefined ? "" : `${endpoint.user}@`;
  const port = endpoint.port === undefined ? "" : `:${endpoint.port}`;
  return `ssh://${user}${bracketed(endpoint.host)}${port}${endpoint.socketPath ?? ""}`;
}

function tcpEndpoint(text: string, rest: string, tls: TlsMaterial | undefined): Endpoint {
  const url = parseUrl(text, `http://${rest}`);
  if (url.username !== "" || (url.pathname !== "/" && url.pathname !== "") || url.search !== "" || url.hash !== "")
    throw wrong(text, "it must be host:port and nothing else");
  // The URL parser drops a port that is the scheme's default, 80.
  const port =
    url.port !== "" ? Number(url.port) : /:80\/?$/.test(rest) ? 80 : tls === undefined ? PLAIN_PORT : TLS_PORT;
  const host = unbracketed(url.hostname);
  return tls === undefined ? { kind: "tcp", host, port } : { kind: "tcp", host, port, tls };
}

function sshEndpoint(text: string): Endpoint {
  const url = parseUrl(text, text);
  if (url.password !== "") throw wrong(text, "a password in it would be seen by every process of this host");
  if (url.search !== "" || url.hash !== "") throw wrong(text, "it must be user@host:port");
  const user = decodeURIComponent(url.username);
  const host = unbracketed(url.hostname);
  if (user !== "" && !SSH_NAME.test(user)) throw wrong(text, "the user has characters that are not allowed");
  if (!SSH_ADDRESS.test(host)) throw wrong(text, "the host has characters that are not allowed");
  const socketPath = url.pathname === "" || url.pathname === "/" ? undefined : url.pathname;
  if (socketPath !== undefined && !SSH_SOCKET.test(socketPath))
    throw wrong(text, "the path of the remote socket has characters that are not allowed");
  return {
    kind: "ssh",
    host,
    ...(user !== "" && { user }),
    ...(url.port !== "" && { port: Number(url.port) }),
    ...(socketPath !== undefined && { socketPath }),
  };
}

function parseUrl(text: string, url: string): URL {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.hostname === "") throw wrong(text, "it names no host");
  return parsed;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function unbracketed(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

function wrong(text: string, why: string): PetrifyError {
  return new PetrifyError("E_USAGE", `'${text}' is not the address of an engine: ${why}.`, {
    hint: "Write it like unix:///var/run/docker.sock, tcp://build-host:2376 or ssh://user@build-host.",
  });
}
