import { endToEnd, type Field, fieldValue, parseFields } from "./fields.ts";
import { declaredFraming, type Framing } from "./framing.ts";
import { headLines } from "./head-reader.ts";
import { malformed } from "./http-refusal.ts";

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** Those that are passed on. */
  readonly fields: readonly Field[];
  /** Of the body that follows; for a HEAD `none`, whatever is declared. */
  readonly framing: Framing;
  /** As declared: for a HEAD it tells what a GET would give. */
  readonly contentLength?: string;
  readonly upgrade?: string;
}

/** The answer to a request with this method. Throws HttpRefusal. */
export function parseResponseHead(head: Buffer, method: string): ResponseHead {
  const [line, ...fieldLines] = headLines(head);
  const [, minor, code, reason = ""] = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: (.*))?$/.exec(line) ?? [];
  if (code === undefined) throw malformed("The engine's answer has no status.");
  const status = Number(code);
  const fields = parseFields(fieldLines);
  const declared = declaredFraming(fields, minor === "0" ? "1.0" : "1.1");
  const contentLength = fieldValue(fields, "content-length");
  const upgrade = fieldValue(fields, "upgrade");
  return {
    status,
    reason,
    fields: endToEnd(fields),
    framing: hasBody(status, method) ? (declared ?? { kind: "untilClose" }) : { kind: "none" },
    ...(contentLength !== undefined && { contentLength }),
    ...(upgrade !== undefined && { upgrade }),
  };
}

/** RFC 9112, 6.3. */
function hasBody(status: number, method: string): boolean {
  return method !== "HEAD" && status >= 200 && status !== 204 && status !== 304;
}
