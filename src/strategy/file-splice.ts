import { isScalar, type Scalar, type YAMLSeq } from "yaml";
import { yamlScalar } from "./yaml-text.ts";
import { compareText } from "./paths.ts";

/** Where and how one more text goes into a list of a file: in order, in the list's own layout, after what the list holds. */
export function insertion(text: string, list: YAMLSeq | undefined, digest: string): { offset: number; added: string } {
  const value = yamlScalar(digest);
  const start = list?.range?.[0] ?? 0;
  if (list?.flow === true) return { offset: start + 1, added: list.items.length === 0 ? value : `${value}, ` };
  const items = list?.items.filter((item): item is Scalar => isScalar(item)) ?? [];
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const indent = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const next = items.find((item) => compareText(String(item.value), digest) > 0);
  if (next !== undefined)
    return { offset: text.lastIndexOf("-", (next.range?.[0] ?? 0) - 1), added: `- ${value}${newline}${indent}` };
  const end = items.at(-1)?.range?.[1] ?? start;
  const [rest = ""] = /^[^\r\n]*/.exec(text.slice(end)) ?? [];
  return { offset: end + rest.length, added: `${newline}${indent}- ${value}` };
}
