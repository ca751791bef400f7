import type { Strategy } from "../model/strategy.ts";
import { listLines, mapLines, type YamlMap } from "../export/yaml-text.ts";
import { toFile } from "./file-model.ts";

/** The strategy as a YAML file to be reviewed, edited and committed. The same strategy gives the same bytes; `parseStrategy` reads it back. */
export function formatStrategy(strategy: Strategy): string {
  const { apiVersion, kind, name, fits, entries, ...rest } = toFile(strategy);
  return [
    `# Where ${name} may write while its root file system is read-only, and why. Made to be reviewed, edited and committed.`,
    "# The fields are described in Petrify's docs/reference/strategy.md.",
    ...section({ apiVersion, kind, name, fits }),
    "",
    ...(entries.length === 0 ? ["entries: []"] : ["entries:"]),
    ...entries.flatMap((entry, index) => [...(index === 0 ? [] : [""]), ...listLines([plain(entry)], "  ")]),
    ...Object.entries(rest).flatMap((field) => ["", ...section(Object.fromEntries([field]))]),
    "",
  ].join("\n");
}

function section(fields: object): readonly string[] {
  return mapLines(plain(fields));
}

/** What is undefined is left out. */
function plain(value: object): YamlMap {
  return JSON.parse(JSON.stringify(value)) as YamlMap;
}
