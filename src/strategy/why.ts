import { basename } from "node:path/posix";
import type { PathRecord } from "../model/profile.ts";
import type { Need } from "./needs.ts";
import { compareText } from "./paths.ts";
import { isPassing } from "./rules/classes.ts";

const NAMED = 2;
const NAME_LENGTH = 60;
/** Rank of a directory: what is in it says more. */
const DIRECTORY = 4;

/** The programs behind some records and what they do: "nginx writes", "mv, sh and others write". Busiest first, at most two by name. */
export function whoWrites(records: readonly PathRecord[]): string {
  const names = Map.groupBy(
    records.flatMap((record) => record.by.map((exe) => basename(exe))),
    (name) => name,
  );
  const busiest = [...names].toSorted(([a, as], [b, bs]) => bs.length - as.length || compareText(a, b));
  return `${listed(
    busiest.map(([name]) => name),
    "the application",
  )} ${names.size > 1 ? "write" : "writes"}`;
}

/** What is written below `directory`, most telling first, at most two by name. */
export function what(needs: readonly Need[], directory: string): string {
  const inside = needs
    .filter(({ record }) => record.path !== directory)
    .map((need) => ({
      path: need.record.path,
      rank: rank(need),
      isPattern: need.record.path.includes("*"),
      depth: need.record.path.split("/").length,
    }))
    .toSorted(
      (a, b) =>
        a.rank - b.rank ||
        Number(a.isPattern) - Number(b.isPattern) ||
        a.depth - b.depth ||
        compareText(a.path, b.path),
    );
  const names = inside
    .slice(0, NAMED + 1)
    .map(({ path, rank: last }) => relative(path, directory) + (last === DIRECTORY ? "/" : ""));
  return listed(names, needs.length === 0 ? "files" : "the directory itself");
}

/** Data before what passes, and of that sockets and pid files before other names, directories last. */
function rank({ record: { path, type }, keep }: Need): number {
  if (type === "dir") return DIRECTORY;
  if (keep !== undefined) return keep === "assumed" || keep === "alike" ? 1 : 0;
  return isPassing(path, type) ? 2 : 3;
}

function relative(path: string, directory: string): string {
  const name = path.slice(directory === "/" ? 1 : directory.length + 1);
  return name.length > NAME_LENGTH ? name.slice(0, NAME_LENGTH) + "…" : name;
}

/** At most two by name: a reason has to fit into a sentence, however many there are. */
export function listed(names: readonly string[], none: string): string {
  const [first, second] = names;
  if (first === undefined) return none;
  if (second === undefined) return first;
  return names.length > NAMED ? `${first}, ${second} and others` : `${first} and ${second}`;
}
