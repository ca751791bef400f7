import { counted } from "../model/units.ts";
import type { RunGain } from "../learn/learned.ts";
import { compareMoments, type Moment } from "../learn/fold/moment.ts";
import { lifeOf } from "./evidence.ts";
import { type Html, markup, path } from "./html.ts";
import { kindBadge } from "./kinds.ts";
import { PHASES, phaseTable } from "./phases.ts";
import type { Place, Seen } from "./places.ts";
import type { ReportedWorkload } from "./report.ts";
import { duration, strips } from "./strips.ts";
import { table } from "./table.ts";

interface Beginning {
  readonly seen: Seen;
  readonly place: Place;
  readonly first: Moment;
}

/** The runs one after the other, what was first tried when in them, and what became of it. */
export function timeline(places: readonly Place[], { profile, runs, verdict }: ReportedWorkload): Html {
  const beginnings = places
    .flatMap((place) =>
      place.seen.flatMap((seen) =>
        seen.figures?.first === undefined ? [] : [{ seen, place, first: seen.figures.first }],
      ),
    )
    .toSorted((a, b) => compareMoments(a.first, b.first));
  const phases = profile.header.coverage.phases.map(({ phase }) => phase);
  const kinds = beginnings.map(({ place: { kind }, first }) => ({ kind, first }));
  return markup`${phaseTable("Runs that were learned from", profile.header.coverage.phases)}
    ${runs !== undefined && gains(runs)} ${verdict !== undefined && phaseTable("Runs under the strategy", verdict.phases)}
    <h4>What was first tried when</h4>
    ${beginnings.length === 0 ? NO_TIMES : [STRIPS_SAY, strips(phases, kinds), firstTable(beginnings)]}
    <h4>What became of it</h4>
    ${lives(places)}`;
}

/** How fast news ran out. */
function gains(runs: readonly RunGain[]): Html {
  return table(
    "What each repetition added; times below are those of the first that tried a path",
    [{ title: "Repetition" }, { title: "New paths", align: "right" }, { title: "Strategy" }],
    runs.map(({ newPaths, changedStrategy }, index) => ({
      cells: [index + 1, newPaths, changedStrategy ? "changed" : "nothing new"],
    })),
  );
}

const STRIPS_SAY = markup`<p class="lead">The taller a bar, the more paths were tried for the first time then.</p>`;
const NO_TIMES = markup`<p>
  Times are known only to the run itself: a profile holds none, so that learning twice gives the same. A report written
  by <code>petrify learn</code> or <code>petrify check</code> shows them.
</p>`;

function firstTable(beginnings: readonly Beginning[]): Html {
  const caption = `First attempts in their order: ${counted(beginnings.length, "path")}`;
  const rows = beginnings.map(({ seen: { id, record }, place, first }) => ({
    cells: [
      markup`${PHASES[first.phase].label}, ${duration(first.afterMs)}`,
      first.stage === "start" ? "while it started" : "while it was up",
      markup`<a href="#${id}">${path(record.path)}</a>`,
      kindBadge(place.kind),
    ],
  }));
  const columns = ["When", "Stage", "Path", "Decision"].map((title) => ({ title }));
  return markup`<details>
    <summary>${caption}</summary>
    ${table(markup`<span class="sr">${caption}</span>`, columns, rows)}
  </details>`;
}

function lives(places: readonly Place[]): Html {
  const seen = places.flatMap((place) => place.seen);
  const byLife = Map.groupBy(seen, ({ record }) => lifeOf(record) || "only tried, never changed");
  return markup`<ul class="lives">
    ${[...byLife].map(
      ([life, list]) =>
        markup`<li>
          <details>
            <summary>${life} <span class="back">${counted(list.length, "path")}</span></summary>
            <ul class="paths">
              ${list.map(({ id, record }) => markup`<li><a href="#${id}">${path(record.path)}</a></li>`)}
            </ul>
          </details>
        </li>`,
    )}
  </ul>`;
}
