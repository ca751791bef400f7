import type { Baked } from "../../bake/bake.ts";
import type { BakeItem } from "../../bake/plan/types.ts";
import { formatMode } from "../../model/units.ts";
import { hang } from "./hang.ts";
import { PLAIN, type Style } from "./style.ts";
import { renderTable } from "./table.ts";
import { renderVerdict } from "./verdict.ts";

export type ToldBake = Baked & { readonly image: string; readonly tag: string; readonly folder: string };

/** More than these would push the result off the screen. */
const MOST_LEFT_OUT = 20;

/** What was baked, what was left out and why, and what it is worth. */
export function renderBaked(
  told: ToldBake,
  { width, style = PLAIN }: { readonly width: number; readonly style?: Style },
): string {
  const { items, leftOut } = told.bake;
  const sections = [
    items.length === 0
      ? ""
      : renderTable(
          [{ title: "baked" }, { title: "what" }, { title: "why" }],
          items.map((item) => [item.path, describe(item), item.why]),
          { width, style },
        ),
    ...(leftOut.length === 0 ? [] : [style("bold", "Left out:\n") + leftOut.slice(0, MOST_LEFT_OUT).map(({ path, reason }) => hang("- ", `${path}: ${reason}`, width)).join("")]), // prettier-ignore
    leftOut.length > MOST_LEFT_OUT ? `and ${leftOut.length - MOST_LEFT_OUT} more (--json has all)\n` : "",
    comparison(told),
    told.verdict === undefined ? "" : renderVerdict(told.verdict, { width, style }),
    hang("", conclusion(told), width, ""),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

function describe(item: BakeItem): string {
  return item.what === "file" || item.what === "directory"
    ? `${item.what} ${formatMode(item.mode)} ${item.uid}:${item.gid}`
    : `link to ${item.target}`;
}

function comparison({ before, after }: ToldBake): string {
  if (after === undefined) return "";
  const rows: readonly (readonly [string, keyof typeof before])[] = [
    ["writable mounts", "writableMounts"],
    ["paths written on them", "writablePaths"],
    ["denied writes", "deniedWrites"],
  ];
  return rows.map(([name, key]) => `${`${name}:`.padEnd(23)}${before[key]} before, ${after[key]} after\n`).join("");
}

function conclusion({ outcome, image, tag, folder, strategyFile }: ToldBake): string {
  return CONCLUSIONS[outcome]({ image, tag, folder, strategyFile: strategyFile ?? "" });
}

interface Names {
  readonly image: string;
  readonly tag: string;
  readonly folder: string;
  readonly strategyFile: string;
}

const CONCLUSIONS: Readonly<Record<Baked["outcome"], (names: Names) => string>> = {
  baked: ({ tag, folder, strategyFile }) =>
    `${tag} is built from ${folder}/Dockerfile, and works read-only. Next: petrify export ${strategyFile} --to compose`,
  planned: ({ folder }) => `Written: ${folder}/Dockerfile with its context. Nothing was built.`,
  nothing: ({ image }) =>
    `${image} has nothing to bake: no fresh start generates anything that may be part of an image and would spare a mount.`,
  needless: ({ image, folder }) =>
    `${image} needs no fewer mounts when it is baked: the new image is removed, and ${folder} kept for review.`,
  failed: ({ folder }) =>
    `The baked image does not work read-only: it is removed, and ${folder} kept for review. A program that ends when it may not write a file that is there already must learn to go on.`,
};

/** The result of `petrify bake --json`; its shape is in docs/reference/json.md. */
export function bakedJson({
  outcome,
  image,
  tag,
  folder,
  bake,
  before,
  after,
  verdict,
  strategyFile,
}: ToldBake): object {
  return {
    outcome,
    image,
    tag,
    folder,
    baked: bake.items.map((item) =>
      item.what === "file" ? { ...item, content: undefined, sizeBytes: item.content.length } : item,
    ),
    leftOut: bake.leftOut,
    before,
    ...(after === undefined ? {} : { after }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(strategyFile === undefined ? {} : { strategyFile }),
  };
}
