import { HttpRefusal, malformed } from "./http-refusal.ts";

/** Name as it came, and value without the white space around it; each byte one character (Latin-1). */
export type Field = readonly [name: string, value: string];

const MAX_FIELDS = 200;
/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Twice, two readers may take different ones. */
const ONCE = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "content-type",
  "content-encoding",
  "expect",
  "upgrade",
  "authorization",
  "x-registry-auth",
  "x-registry-config",
]);

/** Fields of a head. Throws HttpRefusal: no white space before the colon, no folded line, a name that is a token. */
export function parseFields(lines: readonly string[]): readonly Field[] {
  if (lines.length > MAX_FIELDS) throw new HttpRefusal(431, `The head has more than ${MAX_FIELDS} fields.`);
  const seen = new Set<string>();
  return lines.map((line) => {
    if (line.startsWith(" ") || line.startsWith("\t")) throw malformed("The head has a folded line.");
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    if (!TOKEN.test(name)) throw malformed("The head has a line that is no field.");
    const lower = name.toLowerCase();
    if (ONCE.has(lower) && seen.has(lower)) throw malformed(`The field ${lower} is there twice.`);
    seen.add(lower);
    return [name, trimBlanks(line.slice(colon + 1))];
  });
}

/** The value of a field, its name in lower case; of several the first. */
export function fieldValue(fields: readonly Field[], name: string): string | undefined {
  return fields.find(([other]) => other.length === name.length && other.toLowerCase() === name)?.[1];
}

/** The elements of a list field, from all its lines, in lower case. */
export function listedIn(fields: readonly Field[], name: string): readonly string[] {
  return fields
    .filter(([other]) => other.toLowerCase() === name)
    .flatMap(([, value]) => value.split(","))
    .map((element) => trimBlanks(element).toLowerCase())
    .filter((element) => element !== "");
}

/** What concerns only one connection (RFC 9110, 7.6.1), and what is written anew. */
const OF_ONE_CONNECTION = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "content-length",
  "upgrade",
  "http2-settings",
  "expect",
  "host",
]);

/** The fields that are passed on; framing, connection and host are written anew. */
export function endToEnd(fields: readonly Field[]): readonly Field[] {
  return fields.filter(([name]) => !OF_ONE_CONNECTION.has(name.toLowerCase()));
}

/** RFC 9110, 5.6.3: blank and tab; `trim` would take more. */
function trimBlanks(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}
