import type { ContainerAtRisk } from "../learn/learned.ts";
import { formatApproximateSize } from "../model/units.ts";
import { type Html, markup, names, path, timeText } from "./html.ts";
import { table } from "./table.ts";

/** What the next replacement of each container would lose. */
export function atRiskPanel(containers: readonly ContainerAtRisk[]): Html {
  return markup`<p class="lead">
      What these containers wrote into their own layer, and what is lost when they are replaced.
    </p>
    ${containers.map(({ container, items, passing }) =>
      items.length === 0
        ? markup`<p>${container}: no data at risk.</p>`
        : markup`${table(
            container,
            [
              { title: "Path" },
              { title: "Size", align: "right" },
              { title: "Files", align: "right" },
              { title: "Changed" },
              { title: "Written by" },
            ],
            items.map(({ path: at, sizeBytes, files, changedAtMs, by }) => ({
              cells: [
                path(at),
                formatApproximateSize(sizeBytes),
                files,
                changedAtMs === undefined ? "" : timeText(changedAtMs),
                names(by, "nobody was seen"),
              ],
            })),
          )}${passing.length > 0 && markup`<p>Lost as well, and no data: ${passing.map(({ what }) => what).join(", ")}.</p>`}`,
    )}`;
}
