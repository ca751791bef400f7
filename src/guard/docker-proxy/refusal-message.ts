import type { Refusal } from "../api-call.ts";
import { headBytes } from "../http/write-message.ts";

/** RFC 9110, 15. */
const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  417: "Expectation Failed",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

export interface RefusedCall {
  /** Of a HEAD the answer has no body. */
  readonly method: string;
  readonly libpod: boolean;
}

/** A refusal as an engine would say it, so that its clients show the sentence. */
export function refusalMessage({ status, message }: Refusal, call: RefusedCall, close: boolean): readonly Buffer[] {
  // `ErrorResponse` of moby's api/swagger.yaml; `ErrorModel` of podman's pkg/errorhandling.
  const content = call.libpod ? { cause: message, message, response: status } : { message };
  const body = Buffer.from(`${JSON.stringify(content)}\n`, "utf8");
  const head = headBytes(`HTTP/1.1 ${status} ${REASONS[status] ?? "Refused"}`, [
    ["Content-Type", "application/json"],
    ["Content-Length", String(body.length)],
    ...(close ? [["Connection", "close"] as const] : []),
  ]);
  return call.method === "HEAD" ? [head] : [head, body];
}
