import { renderTable } from "../src/cli/render/table.ts";
import { styleFor, widthOf } from "../src/cli/render/style.ts";
import type { Attempt } from "./attempt.ts";
import type { Comparison } from "./compare.ts";
import { isMount } from "../src/strategy/kinds.ts";

/** The result as people read it: per application one line for each way of running it. */
export function textReport(comparisons: readonly Comparison[], folder: string): string {
  const tables = comparisons.map((comparison) => {
    const { name, plainReadOnly, template, strategy, entries, eventsSeen, eventsLost, seconds } = comparison;
    const rows = [
      ["plain --read-only", result(plainReadOnly), reason(plainReadOnly)],
      ["CRI-O's template", result(template), reason(template)],
      ["learned strategy", result(strategy), reason(strategy) || mounts(entries)],
    ];
    const columns = [{ title: name }, { title: "result" }, { title: "reason, or where it may write" }];
    const table = renderTable(columns, rows, { width: widthOf(process.stdout), style: styleFor(process.stdout) });
    return `${table}${eventsSeen} write events seen, ${eventsLost} lost; ${seconds} s\n`;
  });
  return `${tables.join("\n")}\nStrategies, profiles and exports are in ${folder}/.\n`;
}

/** The result as programs read it; documented in docs/reference. */
export function jsonReport(comparisons: readonly Comparison[]): string {
  const workloads = comparisons.map((comparison) => ({
    name: comparison.name,
    plainReadOnly: result(comparison.plainReadOnly),
    template: result(comparison.template),
    strategy: result(comparison.strategy),
    mounts: comparison.entries.filter(isMount).length,
    eventsSeen: comparison.eventsSeen,
    eventsLost: comparison.eventsLost,
    seconds: comparison.seconds,
  }));
  return `${JSON.stringify({ workloads })}\n`;
}

function result(attempt: Attempt): "works" | "fails" {
  return attempt.works ? "works" : "fails";
}

function reason(attempt: Attempt): string {
  return attempt.works ? "" : attempt.reason;
}

function mounts(entries: Comparison["entries"]): string {
  return entries
    .filter(isMount)
    .map(({ kind, path }) => `${kind} ${path}`)
    .join(", ");
}
