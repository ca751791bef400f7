import { Agent, request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import net from "node:net";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the user's environment names for a connection, as curl and Go read it: `https_proxy` for tunnels,
 * `http_proxy` for plain requests, none for what `no_proxy` lists (`*`, addresses, names with all names below them).
 */
export function proxyFor(scheme: "http" | "https", host: string, environment: Environment): URL | undefined {
  const named = environment[`${scheme}_proxy`] || environment[`${scheme.toUpperCase()}_PROXY`];
  if (named === undefined || named === "" || isExcepted(host, environment)) return undefined;
  return URL.parse(named.includes("://") ? named : `http://${named}`) ?? undefined;
}

function isExcepted(host: string, environment: Environment): boolean {
  const list = (environment["no_proxy"] || environment["NO_PROXY"] || "").split(",").map((entry) => entry.trim());
  return list.some((entry) => {
    const name = entry
      .replace(/^\*?\./, "")
      .replace(/:\d+$/, "")
      .toLowerCase();
    if (entry === "*") return true;
    return name !== "" && (host === name || host.endsWith(`.${name}`));
  });
}

/** A registry that does not answer in this time is not there. */
const CONNECT_TIMEOUT_MS = 30_000;

/** A connection to `host:port` from this host, through the user's proxy if there is one. Rejects with the reason. */
export function openTunnel(host: string, port: number, environment: Environment): Promise<net.Socket> {
  const proxy = proxyFor("https", host, environment);
  return proxy === undefined ? connect(host, port) : connectThrough(proxy, host, port);
}

/** Sends a plain request on, through the user's proxy if there is one. Rejects with the reason. */
export function sendOn(
  incoming: IncomingMessage,
  url: URL,
  headers: OutgoingHttpHeaders,
  environment: Environment,
): Promise<IncomingMessage> {
  const proxy = proxyFor("http", unbracketed(url.hostname), environment);
  const to = proxy ?? url;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = request({
    host: unbracketed(to.hostname),
    port: to.port === "" ? 80 : Number(to.port),
    method: incoming.method,
    path: proxy === undefined ? url.pathname + url.search : url.href,
    headers: { ...headers, host: url.host, ...(proxy !== undefined && proxyAuthorization(proxy)) },
    agent: new Agent({ keepAlive: false }),
    timeout: CONNECT_TIMEOUT_MS,
  });
  outgoing.on("response", resolve).on("error", reject);
  outgoing.on("timeout", () => outgoing.destroy(new Error("it does not answer")));
  incoming.pipe(outgoing);
  return promise;
}

function connect(host: string, port: number): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>();
  const socket = net.connect({ host, port, allowHalfOpen: true, noDelay: true, timeout: CONNECT_TIMEOUT_MS });
  socket.once("connect", () => {
    socket.setTimeout(0);
    resolve(socket);
  });
  socket.once("timeout", () => socket.destroy(new Error("it does not answer")));
  socket.once("error", reject);
  return promise;
}

function connectThrough(proxy: URL, host: string, port: number): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>();
  const authority = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
  const outgoing = request({
    host: unbracketed(proxy.hostname),
    port: proxy.port === "" ? 80 : Number(proxy.port),
    method: "CONNECT",
    path: authority,
    headers: { host: authority, ...proxyAuthorization(proxy) },
    agent: false,
    timeout: CONNECT_TIMEOUT_MS,
  });
  outgoing.on("connect", (response, socket, head) => {
    socket.setTimeout(0);
    if (response.statusCode !== 200) {
      socket.destroy();
      return reject(new Error(`the proxy ${proxy.host} answered ${response.statusCode}`));
    }
    socket.unshift(head);
    resolve(socket);
  });
  outgoing.on("timeout", () => outgoing.destroy(new Error(`the proxy ${proxy.host} does not answer`)));
  outgoing.on("error", reject);
  outgoing.end();
  return promise;
}

function proxyAuthorization(proxy: URL): OutgoingHttpHeaders {
  if (proxy.username === "") return {};
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}
export function unbracketed(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}
