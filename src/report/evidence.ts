import type { PathRecord } from "../model/profile.ts";
import { formatApproximateSize, formatMode } from "../model/units.ts";
import { type Content, type Html, markup, names, path, size } from "./html.ts";
import type { Seen } from "./places.ts";
import { type Column, type Row, table } from "./table.ts";

/** What a record says about the life of what is there; the first that holds is told. */
const LIVES: readonly (readonly [holds: (record: PathRecord) => boolean, life: string])[] = [
  [({ regenerated }) => regenerated === true, "made again, alike, by a fresh start"],
  [({ readBack }) => readBack, "read back after a restart"],
  [({ renewed }) => renewed, "made anew at each start"],
  [({ survived }) => survived, "still there at the end"],
  [({ created, type }) => created && type !== "dir", "made and passing"],
  [({ created }) => created, "made"],
  [({ done }) => done.length > 0, "shipped, changed"],
];

/** One word for what became of what was written; empty when nothing was. */
export function lifeOf(record: PathRecord): string {
  return LIVES.find(([holds]) => holds(record))?.[1] ?? "";
}

/** The records of one place as a table. */
export function evidenceTable(caption: Content, seen: readonly Seen[], below: string): Html {
  const exact = seen.some(({ figures }) => figures !== undefined && figures.events > 0);
  const columns: readonly Column[] = [
    { title: "Path" },
    { title: "Operations" },
    { title: "By" },
    { title: "What is left" },
    ...(exact ? ([{ title: "Attempts", align: "right" }] as const) : []),
  ];
  return table(
    caption,
    columns,
    seen.map((one) => evidenceRow(one, below, exact)),
  );
}

function evidenceRow({ id, record, figures }: Seen, below: string, exact: boolean): Row {
  const { executed, movesTo } = record;
  const flags = [
    executed && markup`<strong class="flag">run as code</strong>`,
    movesTo.length > 0 && markup`<span class="flag">renamed to ${names(movesTo)}</span>`,
  ];
  return {
    id,
    search: [record.path, ...record.by].join(" "),
    cells: [
      [path(record.path, below), record.type === "file" ? "" : markup` <span class="type">${record.type}</span>`],
      [operations(record), flags],
      names(record.by, "nobody was seen"),
      [lifeOf(record), left(record)],
      ...(exact ? [attempts(figures)] : []),
    ],
  };
}

function left({ owner, sizeClassBytes }: PathRecord): Content {
  const known = [
    sizeClassBytes > 0 && `up to ${size(sizeClassBytes)}`,
    owner !== undefined && `${owner.uid}:${owner.gid} ${formatMode(owner.mode)}`,
  ].filter((fact) => fact !== false);
  return known.length > 0 && markup`<span class="more">${known.join(", ")}</span>`;
}

function attempts(figures: Seen["figures"]): Content {
  if (figures === undefined || figures.events === 0) return "";
  return [
    figures.events,
    figures.bytes > 0 && markup`<span class="more">${formatApproximateSize(figures.bytes)}</span>`,
  ];
}

function operations({ done, failed }: PathRecord): Content {
  return [
    done.join(", "),
    failed.map(({ operation, errno }) => markup` <span class="failed">failed: ${operation} ${errno}</span>`),
  ];
}
