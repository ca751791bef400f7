import { isMap, isSeq } from "yaml";
import { listLines, mapLines, type YamlMap } from "./yaml-text.ts";
import { PetrifyError } from "../model/errors.ts";
import type { Strategy } from "../model/strategy.ts";
import { describe, issuesOf } from "./file-issues.ts";
import { fromFile, toFile } from "./file-model.ts";
import { contradictions } from "./file-rules.ts";
import { strategyFile } from "./file-schema.ts";
import { insertion } from "./file-splice.ts";
import { offsetOf, readYaml } from "./file-yaml.ts";
import { compareText } from "./paths.ts";

/** The strategy as a YAML file to be reviewed, edited and committed. The same strategy gives the same bytes; `parseStrategy` reads it back. */
export function formatStrategy(strategy: Strategy): string {
  const { apiVersion, kind, name, fits, readOnlyPaths, entries, ...rest } = toFile(strategy);
  return [
    `# Where ${name} may write while its root file system is read-only, and why. Made to be reviewed, edited and committed.`,
    "# The fields are described in Petrify's docs/reference/strategy.md.",
    ...section({ apiVersion, kind, name, fits }),
    "",
    ...(readOnlyPaths === undefined ? [] : [...section({ readOnlyPaths }), ""]),
    ...(entries.length === 0 ? ["entries: []"] : ["entries:"]),
    ...entries.flatMap((entry, index) => [...(index === 0 ? [] : [""]), ...listLines([plain(entry)], "  ")]),
    ...Object.entries(rest).flatMap((field) => ["", ...section(Object.fromEntries([field]))]),
    "",
  ].join("\n");
}

/** The strategy in a file's text; `fileName` is for messages. Throws E_STRATEGY_INVALID with line, column and what is wrong there. */
export function parseStrategy(text: string, fileName: string): Strategy {
  const { document, place } = readYaml(text, fileName);
  const result = strategyFile.safeParse(document.toJS());
  const [issue] = result.success ? contradictions(result.data) : issuesOf(result.error, document);
  if (issue !== undefined) throw place(offsetOf(document, issue), describe(issue));
  if (!result.success) throw place(0, "it is not a strategy");
  return fromFile(result.data);
}

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

function section(fields: object): readonly string[] {
  return mapLines(plain(fields));
}

/** What is undefined is left out. */
function plain(value: object): YamlMap {
  return JSON.parse(JSON.stringify(value)) as YamlMap;
}
