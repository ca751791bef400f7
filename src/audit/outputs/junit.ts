import type { AuditProblem, Location } from "../../model/finding.ts";
import { quoteForTerminal } from "../../model/quote.ts";
import { fileOf } from "../file-of.ts";
import { placeName } from "../first.ts";
import type { AcceptedFinding, AuditReport, ImportedFinding } from "../report.ts";

/**
 * JUnit XML: a suite for each source, a test case for each container and finding. What is accepted is skipped, what could not be
 * audited an error. The form is the one that Jenkins and GitLab read (testmoapp/junitxml).
 */
export function junit(report: AuditReport): string {
  const containers = Map.groupBy(report.containers, ({ source }) => source.name);
  const findings = Map.groupBy(report.findings, ({ source }) => source.name);
  const accepted = Map.groupBy(report.accepted, ({ finding }) => finding.source.name);
  const problems = Map.groupBy(report.problems, ({ source }) => source);
  const sources = new Set([containers, findings, accepted, problems].flatMap((map) => [...map.keys()]));
  const suites = [
    ...[...sources].map((name) =>
      suite(
        name,
        sourceCases(name, {
          containers: containers.get(name) ?? [],
          findings: findings.get(name) ?? [],
          accepted: accepted.get(name) ?? [],
          problems: problems.get(name) ?? [],
        }),
      ),
    ),
    ...[...Map.groupBy(report.imported, ({ tool }) => tool)].map(([tool, found]) =>
      suite(tool, found.map(importedCase)),
    ),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="petrify audit">\n${suites.join("")}</testsuites>\n`;
}

interface Case {
  readonly xml: string;
  readonly outcome: "passed" | "failures" | "errors" | "skipped";
}

function suite(name: string, cases: readonly Case[]): string {
  const count = (outcome: Case["outcome"]): number => cases.filter((one) => one.outcome === outcome).length;
  const counts = (["failures", "errors", "skipped"] as const).map((outcome) => `${outcome}="${count(outcome)}"`);
  const open = `  <testsuite name="${xml(name)}" tests="${cases.length}" ${counts.join(" ")}>`;
  return `${open}\n${cases.map((one) => one.xml).join("")}  </testsuite>\n`;
}

function sourceCases(
  name: string,
  { containers, findings, accepted, problems }: Pick<AuditReport, "containers" | "findings" | "accepted" | "problems">,
): readonly Case[] {
  const places = new Set([...findings, ...accepted.map(({ finding }) => finding)].map(placeName));
  return [
    ...containers
      .filter((container) => !places.has(placeName(container)))
      .map((container) => testCase(name, container.at, "clean", placeName(container), "passed", "")),
    ...findings.map((finding) => {
      const body = `<failure type="${finding.severity}" message="${xml(finding.message)}">${xml(finding.fix)}</failure>`;
      return testCase(fileOf(finding), finding.at, finding.rule, placeName(finding), "failures", body);
    }),
    ...accepted.map(acceptedCase),
    ...problems.map(problemCase),
  ];
}

function acceptedCase({ finding, by, reason, until }: AcceptedFinding): Case {
  const why = `accepted by ${by}${until === undefined ? "" : ` until ${until}`}: ${reason}`;
  const body = `<skipped message="${xml(why)}"/>`;
  return testCase(fileOf(finding), finding.at, finding.rule, placeName(finding), "skipped", body);
}

function problemCase({ source, code, message, hint, at }: AuditProblem): Case {
  const body = `<error type="${xml(code)}" message="${xml(message)}">${xml(hint ?? "")}</error>`;
  return testCase(source, at, code, "audit", "errors", body);
}

function importedCase({ tool, rule, severity, message, file, at, image }: ImportedFinding): Case {
  const body = `<failure type="${severity}" message="${xml(message)}"/>`;
  return testCase(file ?? image ?? tool, at, rule, tool, "failures", body);
}

function testCase(
  file: string,
  at: Location | undefined,
  rule: string,
  place: string,
  outcome: Case["outcome"],
  body: string,
): Case {
  const line = at === undefined ? "" : ` line="${at.line}"`;
  const attributes = `name="${xml(`${rule}: ${place}`)}" classname="${xml(file)}" file="${xml(file)}"${line}`;
  return { outcome, xml: `    <testcase ${attributes}>${body}</testcase>\n` };
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text for an element or an attribute; what XML 1.0 has no character for is shown as an escape. */
function xml(value: string): string {
  return quoteForTerminal(value)
    .replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] as string)
    .replaceAll(/[\uFFFE\uFFFF]/g, (sign) => `\\u{${sign.charCodeAt(0).toString(16)}}`);
}
