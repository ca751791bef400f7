import type { LearnedRow } from "../../learn/summary.ts";
import type { EnvEntry, LogEntry, StrategyEntry } from "../../model/strategy.ts";
import { formatApproximateSize, formatMode, formatSize } from "../../model/units.ts";
import type { Format } from "./style.ts";
import { type Cell, type TableOptions, renderTable } from "./table.ts";

const KIND_FORMAT: Readonly<Record<LearnedRow["entry"]["kind"], Format>> = {
  tmpfs: "cyan",
  seeded: "cyan",
  scratch: "cyan",
  volume: "green",
  bind: "green",
  deny: "yellow",
  image: "red",
  log: "cyan",
  env: "cyan",
};

/** The table that `learn` ends with: path, who wrote, how much, kind chosen, why. */
export function renderStrategyTable(rows: readonly LearnedRow[], options: TableOptions): string {
  return renderTable(
    [
      { title: "path" },
      { title: "written by" },
      { title: "bytes", align: "right" },
      { title: "kind" },
      { title: "why" },
    ],
    rows.map(({ entry, by, writtenBytes }): readonly (Cell | string)[] => [
      entry.kind === "env" ? entry.paths.join(", ") : entry.path,
      writers(by),
      formatApproximateSize(writtenBytes),
      { text: describeKind(entry), format: KIND_FORMAT[entry.kind] },
      entry.why,
    ]),
    options,
  );
}

/** An entry's kind with what matters of it: `tmpfs 64MiB 1777`, `seeded 16MiB 0755`, `volume, seeded, exec`, `bind /srv, read-only`, `image`. */
function describeKind(entry: StrategyEntry | LogEntry | EnvEntry): string {
  switch (entry.kind) {
    case "tmpfs":
    case "seeded":
    case "scratch": {
      const owner = entry.uid === 0 && entry.gid === 0 ? "" : ` ${entry.uid}:${entry.gid}`;
      return `${entry.kind} ${formatSize(entry.sizeBytes)} ${formatMode(entry.mode)}${owner}${entry.exec ? " exec" : ""}`;
    }
    case "volume":
      return `volume${entry.driver === undefined ? "" : ` ${entry.driver}`}${entry.seeded ? ", seeded" : ""}${entry.exec ? ", exec" : ""}`;
    case "bind":
      return `bind ${entry.source}${entry.readOnly ? ", read-only" : ""}`;
    case "env":
      return `env ${entry.name}=${entry.value}`;
    case "log":
      return `log ${entry.stream}`;
    case "deny":
    case "image":
      break;
  }
  return entry.kind;
}

/** Names without their directories; those beyond the second are only counted. */
function writers(by: readonly string[]): string {
  const names = [...new Set(by.map((path) => path.slice(path.lastIndexOf("/") + 1)))];
  const shown = names.slice(0, 2).join(", ");
  return names.length > 2 ? `${shown} +${names.length - 2}` : shown;
}
