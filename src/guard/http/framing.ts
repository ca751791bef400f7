import { type Field, fieldValue } from "./fields.ts";
import { malformed } from "./http-refusal.ts";

/** How the end of a body is known. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  /** Of responses. */
  | { readonly kind: "untilClose" };

const LENGTH = /^(?:0|[1-9][0-9]{0,14})$/;

/** What Content-Length and Transfer-Encoding say; undefined when neither is there. Throws HttpRefusal. */
export function declaredFraming(fields: readonly Field[], version: "1.0" | "1.1"): Framing | undefined {
  const length = fieldValue(fields, "content-length");
  const encoding = fieldValue(fields, "transfer-encoding");
  if (encoding !== undefined) {
    if (length !== undefined) throw malformed("Content-Length and Transfer-Encoding stand together.");
    if (version === "1.0") throw malformed("Transfer-Encoding stands in a message of HTTP/1.0.");
    if (encoding !== "chunked") throw malformed("Transfer-Encoding is something else than `chunked`.");
    return { kind: "chunked" };
  }
  if (length === undefined) return undefined;
  if (!LENGTH.test(length)) throw malformed("Content-Length is no plain number.");
  return { kind: "length", bytes: Number(length) };
}
