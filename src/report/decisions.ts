import { counted } from "../model/units.ts";
import type { Strategy } from "../model/strategy.ts";
import type { Verdict } from "../model/verdict.ts";
import { isSealed } from "../strategy/seal.ts";
import { evidenceTable } from "./evidence.ts";
import { type Content, type Html, markup, names, path } from "./html.ts";
import { entryFacts, kindBadge, KINDS } from "./kinds.ts";
import type { Place } from "./places.ts";
import { facts, table } from "./table.ts";

/** Evidence of more paths than this is folded up. */
const SHOWN_AT_ONCE = 8;

/** Each place with its decision, the reason, and the records behind it. */
export function decisions(places: readonly Place[], strategy: Strategy, verdict: Verdict | undefined): Html {
  const all = places.reduce((sum, { seen }) => sum + seen.length, 0);
  return markup`<p class="lead">
      ${introduction(strategy)} Each decision stands with the paths that were seen there: ${counted(all, "path")} in
      all.
    </p>
    <div class="search" hidden>
      <label>Show only paths and programs with <input type="search" autocomplete="off" spellcheck="false" /></label>
      <output></output>
    </div>
    ${places.map((place) => decision(place, strategy, verdict))} ${logs(strategy)} ${settings(strategy)}`;
}

/** They lie in places that stand before them. */
function logs({ logs: all = [] }: Strategy): Content {
  return (
    all.length > 0 &&
    table(
      "Log files that are links to the container's log",
      ["File", "Stream", "Why"].map((title) => ({ title })),
      all.map((log) => ({ cells: [path(log.path), log.stream, log.why] })),
    )
  );
}

/** Variables are no places: they stand behind them. */
function settings({ settings: all = [] }: Strategy): Content {
  return (
    all.length > 0 &&
    table(
      "Variables that save a write",
      ["Variable", "Concerns", "Why"].map((title) => ({ title })),
      all.map(({ name, value, paths, why }) => ({ cells: [path(`${name}=${value}`), names(paths), why] })),
    )
  );
}

function introduction({ readOnlyPaths }: Strategy): Content {
  return readOnlyPaths === undefined
    ? "The root file system is read-only; these are the exceptions, and what stays denied."
    : [
        "The root stays writable; read-only are ",
        readOnlyPaths.map((sealed, index) => [index > 0 && ", ", path(sealed)]),
        ".",
      ];
}

function decision(place: Place, strategy: Strategy, verdict: Verdict | undefined): Html {
  const { id, kind, entry, seen } = place;
  const tried = verdict?.minimal?.find((one) => one.path === place.path);
  return markup`<section class="decision k-${kind}" id="${id}" tabindex="-1" aria-labelledby="${id}-h">
    <h4 id="${id}-h">${path(place.path)} ${kindBadge(kind)}</h4>
    <p class="why">${entry?.why ?? uncovered(place, strategy)}</p>
    ${facts([
      ["Kind", KINDS[kind]],
      ...(entry === undefined ? [] : entryFacts(entry)),
      ...(tried === undefined
        ? []
        : [["Without it", `${tried.needed ? "fails" : "works"}: ${tried.evidence}`] as const]),
    ])}
    ${evidence(place, seen.length > SHOWN_AT_ONCE)}
  </section> `;
}

function evidence({ seen, path: below }: Place, isFolded: boolean): Html {
  if (seen.length === 0) return markup`<p class="nothing">Nothing was written here while it was observed.</p>`;
  const caption = `Evidence: ${counted(seen.length, "path")}`;
  if (!isFolded) return evidenceTable(caption, seen, below);
  return markup`<details>
    <summary>${caption}</summary>
    ${evidenceTable(markup`<span class="sr">${caption}</span>`, seen, below)}
  </details>`;
}

/** What becomes of paths for which the strategy has no entry. */
function uncovered({ path: mount, seen }: Place, strategy: Strategy): string {
  if (mount !== "/")
    return `On a mount of its own (${seen[0]?.record.mountType ?? "unknown"}), which the engine or the user makes: the strategy does not decide about it.`;
  return seen.every(({ record }) => isSealed(strategy, record.path))
    ? "The strategy has no entry for these paths: the read-only root denies every change to them."
    : "The strategy has no entry for these paths: where the root is read-only it denies every change, elsewhere it does not.";
}
