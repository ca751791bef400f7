import { atRiskPanel } from "./at-risk.ts";
import { coverage } from "./coverage.ts";
import { decisions } from "./decisions.ts";
import { exportsPanel } from "./exports.ts";
import { articleOf, type Dress, type Panel, renderPage } from "./frame.ts";
import { type Html, markup } from "./html.ts";
import { writeMap } from "./map.ts";
import { type Place, placesOf } from "./places.ts";
import { processes } from "./processes.ts";
import type { Report, ReportedWorkload } from "./report.ts";
import { markItem, marksOf, summary } from "./summary.ts";
import { BAR_RULES } from "./strips.ts";
import { timeline } from "./timeline.ts";
import { verdictPanel } from "./verdict.ts";

/** A report as one HTML file that needs nothing else; whatever names the workload chose, they are text. */
export function renderReport(report: Report, dress: Dress): string {
  const workloads = report.workloads.map((workload, index) => renderWorkload(workload, report, `w${index + 1}`));
  const name = report.workloads.length === 1 ? report.workloads[0]?.strategy.name : `${workloads.length} workloads`;
  return renderPage(
    {
      title: `${name}: where it writes, and why`,
      heading: `Write report${report.workloads.length > 1 ? `: ${name}` : ""}`,
      command: report.command,
      version: report.version,
      rules: [BAR_RULES, ...workloads.map((one) => one.rules)].join("\n"),
      main: [workloads.length > 1 && overview(report.workloads), " ", workloads.map(({ article: one }) => one)],
      footer:
        "A report tells what was observed. What was not exercised was not observed, and nothing here calls a workload safe.",
    },
    dress,
  );
}

function overview(workloads: readonly ReportedWorkload[]): Html {
  return markup`<nav class="overview" aria-label="Workloads">
    <ol>
      ${workloads.map(
        (workload, index) =>
          markup`<li>
            <a href="#w${index + 1}">${workload.strategy.name}</a>
            <ul class="marks">
              ${marksOf(workload).map(markItem)}
            </ul>
          </li>`,
      )}
    </ol>
  </nav>`;
}

function renderWorkload(
  workload: ReportedWorkload,
  report: Report,
  id: string,
): { readonly article: Html; readonly rules: string } {
  const places = placesOf(workload, id);
  const map = writeMap(places, id);
  const panels = panelsOf(workload, places, map.content);
  const article = articleOf(id, workload.strategy.name, summary(workload, places, report, id), panels);
  return { article, rules: map.rules };
}

function panelsOf(workload: ReportedWorkload, places: readonly Place[], map: Html): readonly Panel[] {
  const { strategy, verdict, checked, atRisk } = workload;
  return [
    ...(verdict === undefined ? [] : [{ name: "verdict", title: "Verdict", content: verdictPanel(verdict, checked) }]),
    { name: "map", title: "Where it writes", content: places.length === 0 ? NOTHING : map },
    {
      name: "decisions",
      title: "Decisions",
      content: places.length === 0 ? NOTHING : decisions(places, strategy, verdict),
    },
    ...(atRisk === undefined ? [] : [{ name: "risk", title: "Data at risk", content: atRiskPanel(atRisk) }]),
    { name: "timeline", title: "Timeline", content: timeline(places, workload) },
    { name: "processes", title: "Processes", content: processes(places) },
    { name: "coverage", title: "Coverage", content: coverage(workload) },
    { name: "exports", title: "Exports", content: exportsPanel(strategy) },
  ];
}

const NOTHING = markup`<p>It writes nothing to its root: a plain read-only root is enough.</p>`;
