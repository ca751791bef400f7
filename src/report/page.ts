import { atRiskPanel } from "./at-risk.ts";
import { coverage } from "./coverage.ts";
import { decisions } from "./decisions.ts";
import { exportsPanel } from "./exports.ts";
import { type Content, Html, markup } from "./html.ts";
import { writeMap } from "./map.ts";
import { type Place, placesOf } from "./places.ts";
import { processes } from "./processes.ts";
import type { Report, ReportedWorkload } from "./report.ts";
import { markItem, marksOf, summary } from "./summary.ts";
import { BAR_RULES } from "./strips.ts";
import { timeline } from "./timeline.ts";
import { verdictPanel } from "./verdict.ts";

/** What a page is dressed with: texts of this program's own. */
export interface Dress {
  readonly style: string;
  readonly script: string;
  /** SHA-256 in base64, as Content-Security-Policy wants it. */
  readonly sha256: (text: string) => string;
}

/**
 * A report as one HTML file that needs nothing else: it loads nothing, and runs no code but the script given here. Without that
 * script all of it can be read; whatever names the workload chose, they are text.
 */
export function renderReport(report: Report, { style, script, sha256 }: Dress): string {
  const workloads = report.workloads.map((workload, index) => renderWorkload(workload, report, `w${index + 1}`));
  const rules = [BAR_RULES, ...workloads.map((one) => one.rules)].join("\n");
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${sha256(style)}' 'sha256-${sha256(rules)}'`,
    `script-src 'sha256-${sha256(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const name = report.workloads.length === 1 ? report.workloads[0]?.strategy.name : `${workloads.length} workloads`;
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="petrify ${report.version}" />
        <title>${name}: where it writes, and why</title>
        <style>${new Html(style)}</style>
        <style>${new Html(rules)}</style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the report</a>
        <header class="masthead">
          <h1>Write report${report.workloads.length > 1 ? `: ${name}` : ""}</h1>
          <p>petrify ${report.command} ${report.version}</p>
        </header>
        <main id="main" tabindex="-1">
          ${workloads.length > 1 && overview(report.workloads)} ${workloads.map(({ article }) => article)}
        </main>
        <footer>
          <p>
            A report tells what was observed. What was not exercised was not observed, and nothing here calls a workload
            safe.
          </p>
        </footer>
        <script>${new Html(script)}</script>
      </body>
    </html> `;
  return page.text;
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

interface Panel {
  readonly name: string;
  readonly title: string;
  readonly content: Content;
}

function renderWorkload(
  workload: ReportedWorkload,
  report: Report,
  id: string,
): { readonly article: Html; readonly rules: string } {
  const places = placesOf(workload, id);
  const map = writeMap(places, id);
  const panels = panelsOf(workload, places, map.content);
  const article = markup`<article class="workload" id="${id}" tabindex="-1" aria-labelledby="${id}-h">
    ${summary(workload, places, report, id)}
    <nav class="tabs" aria-label="Parts of the report on ${workload.strategy.name}">
      <ul>
        ${panels.map(({ name, title }) => markup`<li><a href="#${id}-${name}">${title}</a></li>`)}
      </ul>
    </nav>
    ${panels.map(
      ({ name, title, content }) =>
        markup`<section class="panel" id="${id}-${name}" tabindex="-1" aria-labelledby="${id}-${name}-h">
          <h3 id="${id}-${name}-h">${title}</h3>
          ${content}
        </section> `,
    )}
  </article> `;
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
