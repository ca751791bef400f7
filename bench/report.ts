import { renderTable } from "../src/cli/render/table.ts";

/** One claim: a number, what it is compared with, and their ratio, all measured in the same run. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly baseline: number;
  /** What must hold for the claim to hold, e.g. `>= 0.95`; absent where nothing was promised. */
  readonly budget?: string;
  readonly note?: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A table on standard output, or with `--json` one object. */
export function printFigures(title: string, figures: readonly Figure[]): void {
  if (process.argv.includes("--json")) {
    process.stdout.write(
      `${JSON.stringify({ title, figures: figures.map((f) => ({ ...f, ratio: f.value / f.baseline })) })}\n`,
    );
    return;
  }
  const columns = [
    { title },
    { title: "value", align: "right" },
    { title: "baseline", align: "right" },
    { title: "ratio", align: "right" },
    { title: "budget" },
    { title: "note" },
  ] as const;
  const rows = figures.map(({ name, unit, value, baseline, budget, note }) => [
    name,
    `${shortened(value)} ${unit}`,
    `${shortened(baseline)} ${unit}`,
    (value / baseline).toFixed(3),
    budget ?? "",
    note ?? "",
  ]);
  process.stdout.write(renderTable(columns, rows, { width: 140 }));
}

function shortened(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
