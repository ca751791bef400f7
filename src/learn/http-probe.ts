import http from "node:http";
import https from "node:https";

/** How far the probe goes on one port. */
const MOST_PAGES = 64;
const MOST_BYTES_A_PAGE = 2 ** 20;
const ANSWER_TIMEOUT_MS = 5_000;
const WHOLE_TIMEOUT_MS = 20_000;
/** Links that a stranger should not follow, even on a container of its own. */
const UNSAFE_LINK = /log-?out|sign-?out|delete|remove|shutdown|reset|drop|uninstall/i;
const LINK = /\b(?:href|src|action)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;
/** From here on an answer says that the server failed (RFC 9110, 15.6). */
const SERVER_ERROR = 500;

export interface ProbeAnswer {
  /** `/`, `/login?next=x`. */
  readonly path: string;
  readonly status: number;
}

/** What one port gave: nothing when it does not speak HTTP. */
export interface Probed {
  readonly answers: readonly ProbeAnswer[];
  /** Each page was answered, and none by a server's error. */
  readonly succeeded: boolean;
}

/** GETs `/` and what its pages link to on the same port, by HTTP or else HTTPS; bounded in pages, bytes and time. Never throws. */
export async function probeHttp(host: string, port: number): Promise<Probed> {
  const deadline = AbortSignal.timeout(WHOLE_TIMEOUT_MS);
  const get = (scheme: Scheme, path: string): Promise<Page | undefined> =>
    page(scheme, { host, port, path }, AbortSignal.any([deadline, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]));
  let scheme: Scheme = "http";
  let first = await get(scheme, "/");
  // A TLS server answers plain HTTP with an error in plain text (nginx: 400) or not at all.
  if (first === undefined || first.status === 400) {
    const secure = await get("https", "/");
    if (secure !== undefined) [scheme, first] = ["https", secure];
  }
  if (first === undefined) return { answers: [], succeeded: false };
  const base = `${scheme}://${host}:${port}`;
  const answers: ProbeAnswer[] = [{ path: "/", status: first.status }];
  const known = new Set(["/"]);
  const waiting = linksOf(first, base, "/");
  let succeeded = first.status < SERVER_ERROR;
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (known.has(path) || answers.length >= MOST_PAGES || deadline.aborted) continue;
    known.add(path);
    const found = await get(scheme, path);
    succeeded &&= found !== undefined && found.status < SERVER_ERROR;
    if (found === undefined) continue;
    answers.push({ path, status: found.status });
    waiting.push(...linksOf(found, base, path));
  }
  return { answers, succeeded };
}

type Scheme = "http" | "https";

interface Page {
  readonly status: number;
  readonly location: string | undefined;
  readonly html: string;
}

/** Undefined when no HTTP answer came. */
function page(
  scheme: Scheme,
  target: { readonly host: string; readonly port: number; readonly path: string },
  signal: AbortSignal,
): Promise<Page | undefined> {
  const { promise, resolve } = Promise.withResolvers<Page | undefined>();
  const options = {
    ...target,
    signal,
    agent: false,
    headers: { "user-agent": "petrify-probe", accept: "text/html,*/*" },
  };
  const answered = (response: http.IncomingMessage): void => {
    const { statusCode = 0, headers } = response;
    const isHtml = headers["content-type"]?.includes("html") === true;
    const chunks: Buffer[] = [];
    let bytes = 0;
    const done = (): void =>
      resolve({ status: statusCode, location: headers.location, html: Buffer.concat(chunks).toString("utf8") });
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (isHtml) chunks.push(chunk);
      if (bytes > MOST_BYTES_A_PAGE) response.destroy();
    });
    // An endless page has been answered, too.
    response.on("close", done).on("error", done);
  };
  const request =
    scheme === "http"
      ? http.get(options, answered)
      : // The container's own certificate is nobody's business here: nothing is sent that could be stolen.
        https.get({ ...options, rejectUnauthorized: false }, answered);
  request.on("error", () => resolve(undefined)).on("close", () => resolve(undefined));
  return promise;
}

/** Paths on the same port that a page links or leads to, each once, in the page's order. */
function linksOf({ html, location }: Page, base: string, path: string): string[] {
  const texts = [...html.matchAll(LINK)].map(([, double, single, bare]) => double ?? single ?? bare ?? "");
  if (location !== undefined) texts.unshift(location);
  const links = new Set<string>();
  for (const text of texts) {
    const url = URL.parse(text.replaceAll("&amp;", "&"), base + path);
    if (url?.origin === new URL(base).origin && !UNSAFE_LINK.test(url.pathname + url.search))
      links.add(url.pathname + url.search);
  }
  return [...links];
}
