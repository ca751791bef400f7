import { isMap, isScalar, isSeq, type Scalar, type YAMLSeq } from "yaml";
import { yamlScalar } from "../export/yaml-text.ts";
import { PetrifyError } from "../model/errors.ts";
import { formatStrategy } from "./file.ts";
import { parseStrategy, readYaml } from "./parse.ts";
import { compareText } from "./paths.ts";

/**
 * The text of a strategy file with one more image in `verifiedOn`; every other byte stays, comments and hand-made layout included.
 * The same text when the image is there already. Throws E_STRATEGY_INVALID.
 */
export function addVerifiedDigest(text: string, digest: string, fileName = "strategy file"): string {
  const before = parseStrategy(text, fileName);
  if (before.verifiedOn.includes(digest)) return text;
  const { document } = readYaml(text, fileName);
  const list = isMap(document.contents) ? document.contents.get("verifiedOn", true) : undefined;
  const { offset, added } = insertion(text, isSeq(list) ? list : undefined, digest);
  const result = text.slice(0, offset) + added + text.slice(offset);
  const wanted = { ...before, verifiedOn: [...before.verifiedOn, digest].toSorted(compareText) };
  if (formatOf(result, fileName) !== formatStrategy(wanted))
    throw new PetrifyError(
      "E_STRATEGY_INVALID",
      `${fileName}: verifiedOn is written in a way that cannot be extended.`,
      {
        hint: `Add ${digest} to verifiedOn by hand.`,
      },
    );
  return result;
}

/** Undefined when the splice broke the file. */
function formatOf(text: string, fileName: string): string | undefined {
  try {
    return formatStrategy(parseStrategy(text, fileName));
  } catch (error) {
    if (error instanceof PetrifyError) return undefined;
    throw error;
  }
}

function insertion(text: string, list: YAMLSeq | undefined, digest: string): { offset: number; added: string } {
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
