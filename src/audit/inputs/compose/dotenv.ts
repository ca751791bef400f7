import { type Variables, interpolate } from "./interpolate.ts";

/** `NAME=value` or `NAME: value`, also behind `export`; a quoted value may have several lines. */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+)?([\w.[\]-]+)[ \t]*[=:][ \t]*(?:'((?:\\'|[^'])*)'|"((?:\\[^]|[^"\\])*)"|([^\r\n]*))/gm;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", $: "$$" };

/** Variables of a `.env` file as Compose reads it; later ones may use earlier ones, and those of `known`. */
export function parseDotenv(text: string, known: Variables = new Map()): Variables {
  const variables = new Map(known);
  for (const [, name = "", single, double, plain = ""] of text.replace(/^\uFEFF/, "").matchAll(ASSIGNMENT)) {
    if (known.has(name)) continue;
    const raw = double?.replaceAll(/\\([nrt$"\\])/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
    const template = raw ?? plain.replace(/(?:^|\s)#.*$/, "").trimEnd();
    const value = single === undefined ? interpolate(template, variables) : { text: single, known: true, own: true };
    // One that needs what is not known here is not known either.
    if (value.known) variables.set(name, value.text);
    else variables.delete(name);
  }
  return variables;
}
