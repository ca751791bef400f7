import { PetrifyError } from "../model/errors.ts";
import type { Location, Severity } from "../model/finding.ts";
import type { ImportedFinding } from "./report.ts";
import { LOG, MOST_OF_A_MESSAGE, type Result, type Rule, type Run } from "./sarif-file.ts";

/** Findings as their scanner gave them, not yet matched to what was audited. */
export type ScannerFinding = Omit<ImportedFinding, "workloads">;

/**
 * Reads the findings of a SARIF 2.1.0 file; what passed, is suppressed there or is no longer found is left out. Throws
 * E_SARIF_INVALID.
 */
export function importSarif(text: string, file: string): readonly ScannerFinding[] {
  const invalid = (what: string, cause: unknown): PetrifyError =>
    new PetrifyError("E_SARIF_INVALID", `${file} ${what}.`, {
      hint: "Give a SARIF 2.1.0 file, as a scanner writes it with an option like --format sarif.",
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw invalid("is not JSON", cause);
  }
  const log = LOG.safeParse(value);
  if (!log.success) {
    const { path, message } = log.error.issues[0] ?? { path: [], message: "" };
    throw invalid(`is not SARIF 2.1.0: ${path.length === 0 ? "" : `${path.join(".")}: `}${message}`, log.error);
  }
  return log.data.runs.flatMap((run) => (run.results ?? []).flatMap((result) => findingOf(run, result) ?? []));
}

function findingOf(run: Run, result: Result): ScannerFinding | undefined {
  const { kind = "fail", baselineState, suppressions = [] } = result;
  if (kind !== "fail" && kind !== "open" && kind !== "review") return undefined;
  if (baselineState === "absent") return undefined;
  // 3.27.23: a result is suppressed unless a suppression of it is under review or rejected.
  if (suppressions.length > 0 && suppressions.every(({ status = "accepted" }) => status === "accepted"))
    return undefined;
  const rules = run.tool.driver.rules ?? [];
  const index = result.ruleIndex ?? result.rule?.index ?? -1;
  const id = result.ruleId ?? result.rule?.id ?? rules[index]?.id ?? "unknown";
  const rule = rules[index] ?? rules.find((one) => one.id === id);
  const severity = severityOf(result, rule);
  if (severity === undefined) return undefined;
  const place = result.locations?.[0]?.physicalLocation;
  const uri = place?.artifactLocation?.uri ?? run.artifacts?.[place?.artifactLocation?.index ?? -1]?.location?.uri;
  const at = locationOf(place?.region);
  const image = run.properties?.imageName;
  return {
    tool: run.tool.driver.name,
    rule: id,
    severity,
    message: messageOf(result, rule),
    ...(uri === undefined ? {} : { file: fileOf(uri) }),
    ...(at === undefined ? {} : { at }),
    ...(image === undefined ? {} : { image }),
  };
}

const SEVERITY_OF_LEVEL = { error: "high", warning: "medium", note: "low", none: undefined } as const;

/** The rule's score, where GitHub reads it; else the level. */
function severityOf({ level }: Result, rule: Rule | undefined): Severity | undefined {
  const score = Number(rule?.properties?.["security-severity"] ?? Number.NaN);
  if (!Number.isNaN(score)) return score >= 7 ? "high" : score >= 4 ? "medium" : "low";
  return SEVERITY_OF_LEVEL[level ?? rule?.defaultConfiguration?.level ?? "warning"];
}

function messageOf({ message }: Result, rule: Rule | undefined): string {
  const { messageStrings = {} } = rule ?? {};
  const named =
    message.id !== undefined && Object.hasOwn(messageStrings, message.id) ? messageStrings[message.id] : undefined;
  const text = message.text ?? named?.text ?? rule?.shortDescription?.text ?? "";
  const filled = text.replaceAll(
    /\{(\d{1,3})\}/g,
    (whole, index: string) => message.arguments?.[Number(index)] ?? whole,
  );
  return filled.slice(0, MOST_OF_A_MESSAGE);
}

function locationOf(
  region:
    | {
        startLine?: number | undefined;
        startColumn?: number | undefined;
        endLine?: number | undefined;
        endColumn?: number | undefined;
      }
    | undefined,
): Location | undefined {
  if (region?.startLine === undefined) return undefined;
  const { startLine: line, startColumn: column = 1, endLine = line, endColumn } = region;
  return endLine === line && endColumn !== undefined && endColumn > column
    ? { line, column, endColumn }
    : { line, column };
}

/** The path of a URI reference; what cannot be decoded stays as it is. */
function fileOf(uri: string): string {
  const path = uri.replace(/^file:(?:\/\/(?:localhost)?(?=\/))?/i, "");
  try {
    return decodeURIComponent(path).replace(/^(?:\.\/)+/, "");
  } catch {
    return path;
  }
}
