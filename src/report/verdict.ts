import { counted } from "../model/units.ts";
import type { Regression, Verdict } from "../model/verdict.ts";
import { type Content, type Html, markup, names, path } from "./html.ts";
import { kindLabel } from "./kinds.ts";
import type { ReportedWorkload } from "./report.ts";
import { table } from "./table.ts";

/** What verifying, and checking, came to. */
export function verdictPanel(verdict: Verdict, checked: ReportedWorkload["checked"]): Html {
  const { outcome, regressions, denied, mustChange = [], caveats, minimal } = verdict;
  return markup`<p class="lead">
      ${
        outcome === "passed"
          ? "Every operation that worked on the writable container worked read-only under this strategy, too."
          : `${counted(regressions.length, "regression")}: what worked on the writable container fails under this strategy.`
      }
    </p>
    ${
      regressions.length > 0 &&
      markup`<h4>Regressions</h4>
        <ol class="regressions">
          ${regressions.map(regressionItem)}
        </ol>`
    }
    ${checked !== undefined && newWrites(checked)}
    ${
      denied.length > 0 &&
      table(
        `Refused by the strategy${outcome === "passed" ? ", and all that was tested works without it" : ", as expected"}`,
        ["Path", "Operation", "Result", "Entry"].map((title) => ({ title })),
        denied.map(({ path: at, operation, errno, kind }) => ({
          cells: [path(at), operation, errno, kindLabel(kind)],
        })),
      )
    }
    ${
      mustChange.length > 0 &&
      table(
        "Must change in the image",
        ["Path", "Lines for the Dockerfile"].map((title) => ({ title })),
        mustChange.map(({ path: at, fix }) => ({
          cells: [path(at), fix.map((line) => markup`<div>${path(line)}</div>`)],
        })),
      )
    }
    ${
      minimal !== undefined &&
      table(
        "Each mount taken away in turn",
        ["Without", "Needed", "Evidence"].map((title) => ({ title })),
        minimal.map(({ path: at, needed, evidence }) => ({ cells: [path(at), needed ? "yes" : "no", evidence] })),
      )
    }
    <h4>What this does not prove</h4>
    <ul>
      ${caveats.map((caveat) => markup`<li>${caveat}.</li>`)}
      <li>Functions that the test does not use were not tried.</li>
    </ul>`;
}

function regressionItem({ message, fix, process, operation, path: at, errno }: Regression): Html {
  const known: readonly Content[] = [
    process !== undefined && path(process),
    operation,
    at !== undefined && path(at),
    errno,
  ].filter(Boolean);
  return markup`<li>
    <p><strong>${message}</strong></p>
    ${known.length > 0 && markup`<p class="back">${known.map((fact) => [fact, " "])}</p>`}
    <p><b>Fix:</b> ${fix}</p>
  </li>`;
}

function newWrites({ newWrites: found, unused }: NonNullable<ReportedWorkload["checked"]>): Content {
  return [
    found.length === 0
      ? markup`<p>No new write: the strategy knows all that was written.</p>`
      : table(
          `New writes, which the committed strategy neither lets be written nor denies: ${found.length}`,
          ["Path", "Operations", "By", "Learning anew gives"].map((title) => ({ title })),
          found.map(({ path: at, operations, by, learned }) => ({
            cells: [
              path(at),
              operations.join(", "),
              names(by, "nobody was seen"),
              learned === undefined ? "" : [learned.kind, " ", path(learned.path)],
            ],
          })),
        ),
    unused.length > 0 && markup`<p>Nothing was written in this run to ${names(unused)}.</p>`,
  ];
}
