import type { Readable } from "node:stream";
import { malformed } from "./failures.ts";

/** `docker inspect` of the largest real containers and images is below 1 MiB. */
export const JSON_LIMIT_BYTES = 16 * 2 ** 20;
/** A line of progress names one layer; registries put error pages of some kilobytes into one. */
const LINE_LIMIT_BYTES = 2 ** 20;
/** Ten layers that report ten times a second fill this in three hours. */
const LINES_LIMIT_BYTES = 256 * 2 ** 20;

/** The whole body; E_ENGINE_API when it is longer than `limitBytes`. */
export async function readBody(stream: Readable, action: string, limitBytes = JSON_LIMIT_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) throw malformed(action, `it is longer than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The lines of a body however it is cut into chunks, without empty ones; E_ENGINE_API when one line or all are too long. */
export async function* readLines(stream: AsyncIterable<Buffer>, action: string): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let lineBytes = 0;
  let totalBytes = 0;
  for await (const chunk of stream) {
    totalBytes += chunk.length;
    if (totalBytes > LINES_LIMIT_BYTES) throw malformed(action, `it does not end after ${LINES_LIMIT_BYTES} bytes`);
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString().trim();
      if (line !== "") yield line;
      parts = [];
      lineBytes = 0;
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
    lineBytes += chunk.length - start;
    if (lineBytes > LINE_LIMIT_BYTES) throw malformed(action, `a line is longer than ${LINE_LIMIT_BYTES} bytes`);
  }
  const rest = Buffer.concat(parts).toString().trim();
  if (rest !== "") yield rest;
}

/** The value of JSON text; E_ENGINE_API when it is none. */
export function parseJson(text: string, action: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(action, "it is no JSON", error);
  }
}
