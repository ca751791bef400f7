import type { ContainerAtRisk } from "../../learn/learned.ts";
import { formatApproximateSize } from "../../model/units.ts";
import { type TableOptions, renderTable } from "./table.ts";

/** What a container's replacement would lose: a line for each item, a total, and what is lost and made anew. */
export function renderAtRisk(
  { container, items, passing }: ContainerAtRisk,
  options: TableOptions & { readonly nowMs: number },
): string {
  const also = passing.map(({ what, files, sizeBytes }) => `${what} (${amount(files, sizeBytes)})`).join(", ");
  const alsoLost = also === "" ? "" : `Lost as well, and no data: ${also}.\n`;
  if (items.length === 0) return `No data at risk: ${container} has none in a layer of its own.\n${alsoLost}`;
  const rows = items.map(({ path, sizeBytes, files, changedAtMs, by }) => [
    path,
    formatApproximateSize(sizeBytes),
    String(files),
    changedAtMs === undefined ? "" : formatAge(options.nowMs - changedAtMs),
    by.map((exe) => exe.slice(exe.lastIndexOf("/") + 1)).join(", "),
  ]);
  const total = amount(
    items.reduce((sum, { files }) => sum + files, 0),
    items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  );
  const table = renderTable(
    [
      { title: "data at risk" },
      { title: "size", align: "right" },
      { title: "files", align: "right" },
      { title: "changed", align: "right" },
      { title: "written by" },
    ],
    rows,
    options,
  );
  return `${table}Total ${total}: lost when ${container} is replaced.\n${alsoLost}`;
}

function amount(files: number, sizeBytes: number): string {
  return `${formatApproximateSize(sizeBytes)} in ${files} file${files === 1 ? "" : "s"}`;
}

const AGES: readonly (readonly [unit: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** `3 min ago`; the largest unit that fits. */
function formatAge(ageMs: number): string {
  const [unit, ms] = AGES.find(([, unitMs]) => ageMs >= unitMs) ?? ["s", 1_000];
  return `${Math.max(0, Math.floor(ageMs / ms))} ${unit} ago`;
}
