import { SEVERITIES } from "../../model/finding.ts";
import { counted } from "../../model/units.ts";
import { articleOf, type Panel, renderPage } from "../../report/frame.ts";
import { type Content, type Html, markup, path } from "../../report/html.ts";
import { type Mark, markItem } from "../../report/summary.ts";
import { table } from "../../report/table.ts";
import { fileOf } from "../file-of.ts";
import { placeName, severityCounts } from "../first.ts";
import type { OutputOptions } from "../outputs.ts";
import type { AuditReport } from "../report.ts";
import { complianceMatrix } from "./html-compliance.ts";
import { firstPanel, severityMark, where } from "./html-first.ts";
import { workloadsPanel } from "./html-workloads.ts";

/** One page for a reviewer that needs nothing else: what to do first, compliance, per workload. */
export function html(report: AuditReport, { dress, version }: Pick<OutputOptions, "dress" | "version">): string {
  const { findings, containers } = report;
  const title = findings.length === 0 ? "Nothing found" : severityCounts(findings);
  return renderPage(
    {
      title: `Audit: ${title}`,
      heading: "Audit report",
      command: "audit",
      version,
      rules: "",
      main: articleOf("audit", "the audit", head(report, title), panelsOf(report)),
      footer: `An audit tells what ${counted(containers.length, "container")} were asked to be, or are. That nothing was found does not make a workload safe.`,
    },
    dress,
  );
}

function head(report: AuditReport, title: string): Html {
  const { findings, accepted, problems, containers } = report;
  const figures: readonly (readonly [number, string])[] = [
    [containers.length, "containers"],
    ...SEVERITIES.map((severity) => [findings.filter((one) => one.severity === severity).length, severity] as const),
    [accepted.length, "accepted"],
    [problems.length, "problems"],
  ];
  return markup`<header class="about">
    <h2 id="audit-h">${title}</h2>
    <ul class="marks">
      ${marksOf(report).map(markItem)}
    </ul>
    <ul class="figures">
      ${figures.map(([figure, what]) => markup`<li><b>${figure}</b> <span>${what}</span></li>`)}
    </ul>
  </header>`;
}

function marksOf({ rules, findings, problems, accepted, containers }: AuditReport): readonly Mark[] {
  const writable = new Set(
    findings.filter(({ rule }) => rule === "read-only-root").map((one) => `${one.source.name} ${placeName(one)}`),
  ).size;
  return [
    problems.length === 0
      ? { state: "good", text: "Everything was audited" }
      : { state: "bad", text: `Not audited: ${counted(problems.length, "problem")}` },
    ...(containers.length === 0 || !rules.some(({ id }) => id === "read-only-root")
      ? []
      : [
          writable === 0
            ? ({ state: "good", text: "No writable root that is not accepted" } as const)
            : ({ state: "bad", text: counted(writable, "writable root") } as const),
        ]),
    ...(accepted.length === 0 ? [] : [{ state: "warn", text: `${accepted.length} accepted` } as const]),
  ];
}

function panelsOf(report: AuditReport): readonly Panel[] {
  const { accepted, problems, notes, imported } = report;
  return [
    { name: "first", title: "What to do first", content: firstPanel(report) },
    { name: "compliance", title: "Compliance", content: complianceMatrix(report) },
    { name: "workloads", title: "Workloads", content: workloadsPanel(report) },
    ...(imported.length === 0 ? [] : [{ name: "others", title: "Other scanners", content: othersPanel(report) }]),
    ...(accepted.length === 0 ? [] : [{ name: "accepted", title: "Accepted", content: acceptedPanel(report) }]),
    ...(problems.length + notes.length === 0
      ? []
      : [{ name: "problems", title: "Problems and notes", content: problemsPanel(report) }]),
  ];
}

function othersPanel({ imported }: AuditReport): Content {
  return table(
    "Found by other scanners, in their words",
    columns("Rule", "Scanner", "Severity", "Where", "Workloads", "What"),
    imported.map(({ rule, tool, severity, file, at, image, workloads, message }) => ({
      cells: [
        path(rule),
        tool,
        severityMark(severity),
        file === undefined ? path(image ?? "") : where(file, at),
        workloads.join(", "),
        message,
      ],
    })),
  );
}

function acceptedPanel({ accepted }: AuditReport): Content {
  return table(
    "Found, and lived with",
    columns("Workload", "Where", "Rule", "What", "Accepted by", "Until", "Reason"),
    accepted.map(({ finding, by, until, reason }) => ({
      cells: [
        placeName(finding),
        where(fileOf(finding), finding.at),
        path(finding.rule),
        finding.message,
        by,
        until ?? "",
        reason,
      ],
    })),
  );
}

function problemsPanel({ problems, notes }: AuditReport): Content {
  return table("What could not be audited, and what to know", columns("Where", "Kind", "What", "What to do"), [
    ...problems.map(({ source, at, code, message, hint }) => ({
      cells: [where(source, at), markup`<span class="bad">problem</span> ${path(code)}`, message, hint ?? ""],
    })),
    ...notes.map(({ source, at, message }) => ({ cells: [where(source, at), "note", message, ""] })),
  ]);
}

function columns(...titles: readonly string[]): readonly { readonly title: string }[] {
  return titles.map((title) => ({ title }));
}
