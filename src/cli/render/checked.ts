import type { Checked } from "../../check/check.ts";
import type { NewWrite } from "../../check/new-writes.ts";
import { quoteForTerminal } from "../../model/quote.ts";
import { hang } from "./hang.ts";
import { PLAIN, type Style } from "./style.ts";
import { renderVerdict } from "./verdict.ts";

/** What a check found, and on what. */
export type ToldCheck = Omit<Checked, "learned"> & { readonly strategyFile: string; readonly image: string };

/** More than these would push the verdict off the first screen. */
const MOST_LINES = 12;

/** A check as text: what is new first, then the verdict, then what may be left over. */
export function renderChecked(
  told: ToldCheck,
  { width, style = PLAIN }: { readonly width: number; readonly style?: Style },
): string {
  const sections = [
    headline(told, style),
    ...told.newWrites
      .slice(0, MOST_LINES)
      .map((write) => hang(style("red", "new write: "), newWriteText(write), width)),
    told.newWrites.length > MOST_LINES ? `and ${told.newWrites.length - MOST_LINES} more (--json has all)\n` : "",
    told.newWrites.length === 0 ? "" : hang("", howToAccept(told), width),
    renderVerdict(told.verdict, { width, style }),
    ...told.unused.map((path) => hang("note: ", `nothing was written to ${path} in this run`, width)),
    ...told.incomplete.map((reason) => hang("INCOMPLETE: ", reason, width)),
  ];
  return sections.filter((section) => section !== "").join("");
}

/** `/app/.cache by node (tmpfs /app/.cache)`. */
export function newWriteText({ path, by, learned }: NewWrite): string {
  const who = by.map((file) => file.slice(file.lastIndexOf("/") + 1)).join(", ");
  const made = learned === undefined ? "" : ` (learning anew gives: ${learned.kind} ${learned.path})`;
  return `${path} by ${who === "" ? "an unknown process" : who}${made}`;
}

export function howToAccept({ image, strategyFile }: ToldCheck): string {
  return `If that is meant to be: petrify learn ${image} with the same flags and test, and commit the new ${strategyFile}.`;
}

function headline({ outcome, image, strategyFile, newWrites }: ToldCheck, style: Style): string {
  const names = `${quoteForTerminal(image)} against ${quoteForTerminal(strategyFile)}`;
  if (outcome === "passed") return `${style("green", "check passed")}: ${names}\n`;
  const count =
    newWrites.length === 0 ? "" : `: ${newWrites.length} new ${newWrites.length === 1 ? "write" : "writes"}`;
  return `${style("red", "check failed")}: ${names}${count}\n`;
}
