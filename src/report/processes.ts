import { counted } from "../model/units.ts";
import { compareText } from "../strategy/paths.ts";
import { type Content, type Html, markup, path } from "./html.ts";
import { kindBadge } from "./kinds.ts";
import type { Place } from "./places.ts";
import { table } from "./table.ts";

interface Writer {
  readonly program: string;
  readonly attempts: number;
  readonly places: readonly { readonly place: Place; readonly paths: readonly string[] }[];
}

/** Who wrote where: every executable with the places and paths it was seen at, busiest first. */
export function processes(places: readonly Place[]): Html {
  const writers = writersOf(places);
  const executed = places.flatMap(({ seen }) => seen.filter(({ record }) => record.executed && record.done.length > 0));
  return markup`${table(
    `Programs that changed something, or tried to: ${writers.length}`,
    [
      { title: "Program" },
      { title: "Writes in" },
      { title: "Paths", align: "right" },
      { title: "Attempts", align: "right" },
    ],
    writers.map(({ program, attempts, places: at }) => ({
      cells: [
        path(program),
        writtenPlaces(at),
        at.reduce((sum, { paths }) => sum + paths.length, 0),
        attempts === 0 ? "not counted" : attempts,
      ],
    })),
  )}
    <h4>Code run from where it was written</h4>
    ${
      executed.length === 0
        ? markup`<p>None was seen: no file that the workload wrote was executed or mapped as code.</p>`
        : markup`<ul>
            ${executed.map(({ id, record }) => markup`<li><a href="#${id}">${path(record.path)}</a> by ${record.by.join(", ") || "an unknown program"}</li>`)}
          </ul>`
    }`;
}

function writtenPlaces(at: Writer["places"]): Content {
  return markup`<ul class="plain">
    ${at.map(
      ({ place, paths }) =>
        markup`<li>
          ${kindBadge(place.kind)}
          <details>
            <summary>${path(place.path)} <span class="back">${counted(paths.length, "path")}</span></summary>
            <ul class="paths">
              ${paths.map((one) => markup`<li>${path(one, place.path)}</li>`)}
            </ul>
          </details>
        </li>`,
    )}
  </ul>`;
}

function writersOf(places: readonly Place[]): readonly Writer[] {
  const found = new Map<string, { attempts: number; paths: Map<Place, string[]> }>();
  const of = (program: string) => {
    const known = found.get(program) ?? { attempts: 0, paths: new Map<Place, string[]>() };
    found.set(program, known);
    return known;
  };
  for (const place of places)
    for (const { record, figures } of place.seen) {
      for (const program of record.by) {
        const { paths } = of(program);
        const known = paths.get(place);
        if (known === undefined) paths.set(place, [record.path]);
        else known.push(record.path);
      }
      for (const { name, events } of figures?.processes ?? []) of(name).attempts += events;
    }
  return [...found]
    .map(([program, { attempts, paths }]) => ({
      program,
      attempts,
      places: [...paths].map(([place, at]) => ({ place, paths: at })),
    }))
    .toSorted((a, b) => b.attempts - a.attempts || compareText(a.program, b.program));
}
