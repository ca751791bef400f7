import { SEVERITIES } from "../../model/finding.ts";
import { type Content, markup, path } from "../../report/html.ts";
import { table } from "../../report/table.ts";
import type { AuditedContainer } from "../container.ts";
import { placeName } from "../first.ts";
import type { AuditReport } from "../report.ts";
import { where } from "./html-first.ts";

const MOST_ROWS = 1_000;

/** Container by container, the worst first. */
export function workloadsPanel({ containers, findings, accepted }: AuditReport): Content {
  const lived = Map.groupBy(accepted, ({ finding }) => keyOf(finding));
  const found = new Map(
    [...Map.groupBy(findings, keyOf)].map(([key, own]) => [
      key,
      {
        counts: SEVERITIES.map((severity) => own.filter((one) => one.severity === severity).length),
        rules: [...new Set(own.map(({ rule }) => rule))],
      },
    ]),
  );
  const rows = containers
    .map((container) => ({
      container,
      ...(found.get(keyOf(container)) ?? { counts: SEVERITIES.map(() => 0), rules: [] }),
      lived: lived.get(keyOf(container))?.length ?? 0,
    }))
    .toSorted((a, b) => a.counts.map((count, index) => (b.counts[index] ?? 0) - count).find((by) => by !== 0) ?? 0);
  const rest = rows.length - MOST_ROWS;
  return [
    table(
      "Every container that was audited",
      [
        { title: "Workload" },
        { title: "Where" },
        { title: "Image" },
        ...[...SEVERITIES, "accepted"].map((title) => ({ title, align: "right" }) as const),
        { title: "Rules" },
      ],
      rows.slice(0, MOST_ROWS).map(({ container, rules, counts, lived: acceptedCount }) => ({
        cells: [
          placeName(container),
          where(container.source.name, container.at),
          path(container.settings.image?.value ?? ""),
          ...counts,
          acceptedCount,
          rules.length === 0
            ? markup`<span class="good">✓ nothing found</span>`
            : rules.flatMap((rule, index) => [index > 0 && ", ", markup`<a href="#rule-${rule}">${rule}</a>`]),
        ],
      })),
    ),
    rest > 0 && markup`<p>and ${rest} more; the JSON form has all</p>`,
  ];
}

function keyOf(one: Pick<AuditedContainer, "source" | "workload" | "container">): string {
  return JSON.stringify([one.source.name, one.workload, one.container ?? ""]);
}
