import { renderTable } from "../../src/cli/render/table.ts";

/** One claim: a number, what it is compared with, and their ratio, all measured in the same run. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly baseline: number;
  /** Default: value / baseline. Of measurements in pairs the median of the pairs' ratios, which a drift of the machine changes less. */
  readonly ratio?: number;
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
      `${JSON.stringify({ title, figures: figures.map((figure) => ({ ...figure, ratio: ratioOf(figure) })) })}\n`,
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
  const rows = figures.map((figure) => [
    figure.name,
    `${shortened(figure.value)} ${figure.unit}`,
    `${shortened(figure.baseline)} ${figure.unit}`,
    ratioOf(figure).toFixed(3),
    figure.budget ?? "",
    figure.note ?? "",
  ]);
  process.stdout.write(renderTable(columns, rows, { width: 140 }));
}

function ratioOf({ value, baseline, ratio }: Figure): number {
  return ratio ?? value / baseline;
}

function shortened(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
