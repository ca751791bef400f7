import { isWithin } from "../learn/fold/rules.ts";
import type { FoldTableRow } from "../learn/fold/fold.ts";
import type { PathRecord } from "../model/profile.ts";
import type { Strategy, StrategyEntry } from "../model/strategy.ts";
import { denies } from "../strategy/denies.ts";
import { compareText } from "../strategy/paths.ts";
import type { Kind } from "./kinds.ts";
import { isMount, isRefused } from "../strategy/kinds.ts";
import type { ReportedWorkload } from "./report.ts";

/** A record with the exact figures of its run, when there was one. */
export interface Seen {
  /** Unique in the page; the anchor of its row. */
  readonly id: string;
  readonly record: PathRecord;
  readonly figures?: FoldTableRow;
}

/** A place that a decision is about, with all that was seen there. */
export interface Place {
  /** Unique in the page; its anchor. */
  readonly id: string;
  readonly kind: Kind;
  readonly path: string;
  /** Absent for paths that no entry covers. */
  readonly entry?: StrategyEntry;
  readonly seen: readonly Seen[];
}

/** Every entry of the strategy with the records it decides about, then what no entry covers, one place a mount. */
export function placesOf(
  workload: Pick<ReportedWorkload, "strategy" | "profile" | "table">,
  id: string,
): readonly Place[] {
  const { strategy, profile, table } = workload;
  const figuresAt = figuresByPath(table);
  const recordsOf = new Map<StrategyEntry | string, PathRecord[]>(strategy.entries.map((entry) => [entry, []]));
  for (const record of profile.records) {
    const key = entryFor(strategy, record) ?? record.mount;
    const known = recordsOf.get(key);
    if (known === undefined) recordsOf.set(key, [record]);
    else known.push(record);
  }
  return [...recordsOf]
    .map(([key, records]) =>
      typeof key === "string" ? { path: key, records } : { path: key.path, entry: key, records },
    )
    .toSorted((a, b) => Number(a.entry === undefined) - Number(b.entry === undefined) || compareText(a.path, b.path))
    .map(({ records, ...rest }, index) => ({
      ...rest,
      id: `${id}-p${index}`,
      kind: rest.entry?.kind ?? "none",
      seen: records.map((record, at) => withFigures(`${id}-p${index}-r${at}`, record, figuresAt.get(record.path))),
    }));
}

/** Of several runs the sums, and the moment of the first that tried it. */
function figuresByPath(table: readonly FoldTableRow[]): ReadonlyMap<string, FoldTableRow> {
  const found = new Map<string, FoldTableRow>();
  for (const row of table) {
    const before = found.get(row.path);
    found.set(row.path, before === undefined ? row : sum(before, row));
  }
  return found;
}

function sum(a: FoldTableRow, b: FoldTableRow): FoldTableRow {
  const processes = Map.groupBy([...a.processes, ...b.processes], ({ name }) => name);
  return {
    ...b,
    ...a,
    events: a.events + b.events,
    bytes: a.bytes + b.bytes,
    processes: [...processes].map(([name, all]) => ({
      name,
      events: all.reduce((total, one) => total + one.events, 0),
    })),
  };
}

function withFigures(id: string, record: PathRecord, figures: FoldTableRow | undefined): Seen {
  return figures === undefined ? { id, record } : { id, record, figures };
}

/** The mount around a path decides; where there is none, what stays refused. */
function entryFor({ entries }: Strategy, record: PathRecord): StrategyEntry | undefined {
  const around = entries.filter((entry) => isMount(entry) && isWithin(record.path, entry.path));
  const operations = [...record.done, ...record.failed.map(({ operation }) => operation)];
  return (
    around.toSorted((a, b) => b.path.length - a.path.length)[0] ??
    entries.filter(isRefused).find((entry) => operations.some((operation) => denies(entry, operation, record.path)))
  );
}
