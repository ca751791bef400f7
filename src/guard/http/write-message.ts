import type { Field } from "./fields.ts";
import type { Framing } from "./framing.ts";

const LAST_CHUNK = Buffer.from("0\r\n\r\n");
const CRLF = Buffer.from("\r\n");

/** Bytes of a head in the one spelling that is written. */
export function headBytes(firstLine: string, fields: readonly Field[]): Buffer {
  let text = `${firstLine}\r\n`;
  for (const [name, value] of fields) text += `${name}: ${value}\r\n`;
  return Buffer.from(`${text}\r\n`, "latin1");
}

/** The field that declares the framing; none for a body that ends with the connection. */
export function framingFields(framing: Framing): readonly Field[] {
  if (framing.kind === "length") return [["Content-Length", String(framing.bytes)]];
  return framing.kind === "chunked" ? [["Transfer-Encoding", "chunked"]] : [];
}

/** What goes over the connection for this payload: for `chunked` one chunk. */
export function framed(framing: Framing, payload: readonly Buffer[], last: boolean): readonly Buffer[] {
  if (framing.kind !== "chunked") return payload;
  const size = payload.reduce((sum, { length }) => sum + length, 0);
  const chunk = size === 0 ? [] : [Buffer.from(`${size.toString(16)}\r\n`, "latin1"), ...payload, CRLF];
  return last ? [...chunk, LAST_CHUNK] : chunk;
}
