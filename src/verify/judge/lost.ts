import { dirname } from "node:path/posix";
import type { PathRecord, PhaseOutcome } from "../../model/profile.ts";
import { quoteForTerminal } from "../../model/quote.ts";
import type { MountEntry, Strategy } from "../../model/strategy.ts";
import type { Regression } from "../../model/verdict.ts";
import { denies } from "../../strategy/denies.ts";
import { isRefused } from "../../strategy/kinds.ts";
import { persistence } from "../../strategy/needs.ts";
import { isWithin } from "../../strategy/paths.ts";
import { coverOf } from "./operations.ts";
import { PathIndex } from "./path-index.ts";
import { processes } from "./wording.ts";

export interface JudgedPersistence {
  readonly regressions: readonly Regression[];
  readonly caveats: readonly string[];
}

/** Data that the baseline read back after a restart and the replaced container of this run did not find. */
export function judgePersistence(
  run: { readonly records: readonly PathRecord[]; readonly phases: readonly PhaseOutcome[] },
  baseline: readonly PathRecord[],
  strategy: Strategy,
): JudgedPersistence {
  const expected = baseline.filter((record) => isData(record, strategy));
  if (expected.length === 0) return { regressions: [], caveats: [] };
  if (!run.phases.some(({ phase }) => phase === "replace"))
    return { regressions: [], caveats: ["no container was replaced, so it is not known whether data persists"] };
  const found = run.records.filter((record) => record.readBack);
  const index = new PathIndex(found);
  const lost = expected.filter(({ path }) => {
    const cover = coverOf(strategy, path);
    // What a volume holds is kept; which files of it are read depends on chance (a vacuum, a cache).
    if (cover !== undefined && outlives(cover)) return !found.some((record) => isWithin(record.path, cover.path));
    return index.overlapping(path).length === 0;
  });
  const byPlace = Map.groupBy(lost, ({ path }) => coverOf(strategy, path)?.path ?? dirname(path));
  return { regressions: [...byPlace].map(([place, records]) => lostAt(place, records, strategy)), caveats: [] };
}

function isData(record: PathRecord, strategy: Strategy): boolean {
  if (!record.readBack || persistence({ record }) !== "readBack") return false;
  return !strategy.entries
    .filter(isRefused)
    .some((entry) => record.done.some((operation) => denies(entry, operation, record.path)));
}

function lostAt(place: string, records: readonly PathRecord[], strategy: Strategy): Regression {
  const [first] = records as [PathRecord];
  const others = records.length > 1 ? ` and ${records.length - 1} more below ${quoteForTerminal(place)}` : "";
  const cover = coverOf(strategy, first.path);
  const [process] = first.by;
  return {
    kind: "lost",
    message: `${processes(first.by)} did not find its ${quoteForTerminal(first.path)}${others} again after the container was replaced`,
    fix: lostFix(place, cover, first),
    path: first.path,
    ...(process === undefined ? {} : { process }),
  };
}

/** Whether what is written there is found again by the container that replaces this one. */
function outlives({ kind }: MountEntry): boolean {
  return kind === "volume" || kind === "bind";
}

function lostFix(place: string, cover: MountEntry | undefined, { path }: PathRecord): string {
  if (cover === undefined) return `Add a volume on ${quoteForTerminal(place)}.`;
  if (!outlives(cover)) return `Make the mount on ${quoteForTerminal(place)} a volume.`;
  const renamed = path.includes("*") ? ", or give --hostname if names there follow the host's" : "";
  return `Nothing on the ${cover.kind} on ${quoteForTerminal(place)} was read: let the test read what it stored before the replacement${renamed}.`;
}
