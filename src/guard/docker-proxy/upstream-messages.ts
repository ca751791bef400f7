import type { ApiTarget } from "../api-call.ts";
import type { Field } from "../http/fields.ts";
import type { Framing } from "../http/framing.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { ResponseHead } from "../http/response-head.ts";
import { writeTarget } from "../http/target.ts";
import { framingFields, headBytes } from "../http/write-message.ts";

const NEVER_WITHOUT_LENGTH = new Set(["POST", "PUT", "PATCH"]);

/** The head that the engine gets, written from what was read and nothing else. */
export function engineHead(
  head: RequestHead,
  target: ApiTarget,
  framing: Framing,
  asks: { readonly upgrade: boolean; readonly continue: boolean },
): Buffer {
  const declared =
    framing.kind === "none" && NEVER_WITHOUT_LENGTH.has(head.method)
      ? framingFields({ kind: "length", bytes: 0 })
      : framingFields(framing);
  const upgrade: readonly Field[] =
    asks.upgrade && head.upgrade !== undefined
      ? [
          ["Connection", "Upgrade"],
          ["Upgrade", head.upgrade],
        ]
      : [];
  return headBytes(`${head.method} ${writeTarget(target)} HTTP/1.1`, [
    // Engines look at no host; clients write whatever their address gives.
    ["Host", "docker"],
    ...head.fields,
    ...declared,
    ...(asks.continue ? [["Expect", "100-continue"] as const] : []),
    ...upgrade,
  ]);
}

/** How the client gets the body: HTTP/1.0 knows no chunks. */
export function clientFraming(framing: Framing, version: "1.0" | "1.1"): Framing {
  return framing.kind === "chunked" && version === "1.0" ? { kind: "untilClose" } : framing;
}

/** The head that the client gets. `close`: the connection ends after the body. */
export function clientHead(response: ResponseHead, framing: Framing, close: boolean): Buffer {
  const declared: readonly Field[] =
    framing.kind === "none" && response.contentLength !== undefined && response.status !== 204
      ? [["Content-Length", response.contentLength]]
      : framingFields(framing);
  return headBytes(statusLine(response), [
    ...response.fields,
    ...declared,
    ...(close ? [["Connection", "close"] as const] : []),
  ]);
}

/** The head of a stream that carries whatever both ends want from here on. */
export function hijackedHead(response: ResponseHead): Buffer {
  const upgrade: readonly Field[] =
    response.status === 101
      ? [
          ["Connection", "Upgrade"],
          ["Upgrade", response.upgrade ?? "tcp"],
        ]
      : [];
  return headBytes(statusLine(response), [...response.fields, ...upgrade]);
}

function statusLine({ status, reason }: ResponseHead): string {
  return `HTTP/1.1 ${status} ${reason}`;
}
