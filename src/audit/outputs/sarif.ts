import type { AuditNote, AuditProblem, Finding, Location, Severity } from "../../model/finding.ts";
import { quoteForTerminal } from "../../model/quote.ts";
import { fileOf } from "../file-of.ts";
import { placeName } from "../first.ts";
import { mappedIds } from "../mappings.ts";
import type { OutputOptions } from "../outputs.ts";
import type { AcceptedFinding, AuditReport, ImportedFinding } from "../report.ts";
import type { Rule } from "../rule.ts";
import { uriOf } from "./uri.ts";

const LEVELS = { high: "error", medium: "warning", low: "note" } as const satisfies Record<Severity, string>;
/** GitHub's scale: 7 and more is high, 4 and more medium (docs.github.com, SARIF support for code scanning). */
const SCORES = { high: "8.0", medium: "5.5", low: "3.0" } as const satisfies Record<Severity, string>;

/** SARIF 2.1.0 (OASIS standard): a run of Petrify's, and one for each scanner whose findings were imported, in its own words. */
export function sarif(report: AuditReport, { version }: Pick<OutputOptions, "version">): string {
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      ownRun(report, version),
      ...[...Map.groupBy(report.imported, ({ tool }) => tool)].map(([tool, found]) => importedRun(tool, found)),
    ],
  };
  return `${JSON.stringify(log)}\n`;
}

function ownRun({ rules, findings, accepted, problems, notes }: AuditReport, version: string): object {
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  return {
    tool: { driver: { name: "petrify", semanticVersion: version, rules: rules.map(descriptor) } },
    columnKind: "utf16CodeUnits",
    invocations: [
      {
        executionSuccessful: problems.length === 0,
        toolExecutionNotifications: [
          ...problems.map((problem) => notification(problem, "error", problem.code)),
          ...notes.map((note) => notification(note, "note")),
        ],
      },
    ],
    results: [
      ...findings.map((finding) => result(finding, indexes)),
      ...accepted.map((one) => ({ ...result(one.finding, indexes), suppressions: [suppression(one)] })),
    ],
  };
}

function descriptor({ id, title, severity, why, fix, maps, topic }: Rule): object {
  const ids = mappedIds(maps);
  return {
    id,
    shortDescription: { text: `${title}.` },
    fullDescription: { text: why },
    help: {
      text: `${why} ${fix}${ids.length === 0 ? "" : ` (${ids.join(", ")})`}`,
      markdown: [why, `**Fix:** ${fix}`, ids.map((mapped) => `- ${mapped}`).join("\n")].join("\n\n").trimEnd(),
    },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ["security", topic, ...ids], precision: "high", "security-severity": SCORES[severity] },
  };
}

function result(finding: Finding, indexes: ReadonlyMap<string, number>): object {
  const { rule, severity, source, at, message, fix, fingerprint } = finding;
  const name = placeName(finding);
  const file = fileOf(finding);
  const isFile = source.kind !== "engine" && file !== "-";
  return {
    ruleId: rule,
    ...(indexes.has(rule) ? { ruleIndex: indexes.get(rule) } : {}),
    level: LEVELS[severity],
    message: messageOf(`${name}: ${message} ${fix}`),
    locations: [
      {
        ...(isFile ? physical(file, at) : {}),
        logicalLocations: [
          { name: quoteForTerminal(name), fullyQualifiedName: quoteForTerminal(`${source.name}/${name}`) },
        ],
      },
    ],
    partialFingerprints: { "petrifyFinding/v1": fingerprint },
  };
}

function suppression({ by, reason, until }: AcceptedFinding): object {
  const justification = until === undefined ? reason : `${reason} (until ${until})`;
  return {
    kind: by === "comment" ? "inSource" : "external",
    status: "accepted",
    justification: quoteForTerminal(justification),
  };
}

function notification({ source, at, message }: AuditProblem | AuditNote, level: string, code?: string): object {
  return {
    level,
    message: messageOf(message),
    ...(code === undefined ? {} : { descriptor: { id: code } }),
    ...(source === "" || source === "-" ? {} : { locations: [physical(source, at)] }),
  };
}

function physical(file: string, at: Location | undefined): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file), ...(file.startsWith("/") ? {} : { uriBaseId: "%SRCROOT%" }) },
      ...(at === undefined
        ? {}
        : {
            region: {
              startLine: at.line,
              startColumn: at.column,
              ...(at.endColumn === undefined ? {} : { endColumn: at.endColumn }),
            },
          }),
    },
  };
}

function importedRun(tool: string, findings: readonly ImportedFinding[]): object {
  return {
    tool: { driver: { name: tool } },
    columnKind: "utf16CodeUnits",
    results: findings.map(({ rule, severity, message, file, at, image }) => ({
      ruleId: rule,
      level: LEVELS[severity],
      message: messageOf(message),
      ...(file === undefined ? {} : { locations: [physical(file, at)] }),
      ...(image === undefined ? {} : { properties: { imageName: image } }),
    })),
  };
}

/** Plain text: what the standard reads as an embedded link (3.11.6) or a placeholder (3.11.5) is escaped as it says. */
function messageOf(text: string): { readonly text: string } {
  return {
    text: quoteForTerminal(text)
      .replaceAll(/\[(?=[^[\]]*\]\()/g, String.raw`\[`)
      .replaceAll(/\{(\d+)\}/g, "{{$1}}"),
  };
}
