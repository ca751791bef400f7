import { malformed } from "./http-refusal.ts";
import { percentDecode, percentEncode } from "./percent.ts";

const PLAIN_IN_QUERY = /[A-Za-z0-9._~-]/;

/**
 * As Go's url.ParseQuery, which drops pairs that it cannot read: here they are refused, a semicolon among them. Throws HttpRefusal.
 */
export function parseQuery(query: string): readonly (readonly [string, string])[] {
  if (query.includes(";")) throw malformed("The query has a semicolon, which must be percent-encoded.");
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const [name, value] = equals === -1 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [decode(name), decode(value)];
    });
}

export function writeQuery(query: readonly (readonly [string, string])[]): string {
  return query
    .map(([name, value]) => `${percentEncode(name, PLAIN_IN_QUERY)}=${percentEncode(value, PLAIN_IN_QUERY)}`)
    .join("&");
}

function decode(text: string): string {
  const decoded = percentDecode(text.replaceAll("+", " "), "query");
  if (decoded.includes("\0")) throw malformed("The query has a NUL.");
  return decoded;
}
