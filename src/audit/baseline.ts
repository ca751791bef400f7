import * as z from "zod";
import { PetrifyError } from "../model/errors.ts";
import type { AuditNote, Finding } from "../model/finding.ts";
import { fileOf } from "./file-of.ts";
import { placeName } from "./first.ts";
import type { AcceptedFinding } from "./report.ts";

const SCHEMA = z.strictObject({
  apiVersion: z.literal("petrify.dev/v1"),
  kind: z.literal("AuditBaseline"),
  findings: z.array(z.strictObject({ rule: z.string(), place: z.string(), fingerprint: z.string() })).max(1_000_000),
});

/** Findings that were there when the baseline was written. */
export type Baseline = z.infer<typeof SCHEMA>;

/** The findings as a baseline file: sorted, one a line, without what changes when lines move. */
export function baselineText(findings: readonly Finding[]): string {
  const entries = findings
    .map((finding) => ({
      rule: finding.rule,
      place: `${fileOf(finding)}: ${placeName(finding)}`,
      fingerprint: finding.fingerprint,
    }))
    .map((entry) => `    ${JSON.stringify(entry)}`)
    .toSorted();
  const list = entries.length === 0 ? "[]" : `[\n${entries.join(",\n")}\n  ]`;
  return `{\n  "apiVersion": "petrify.dev/v1",\n  "kind": "AuditBaseline",\n  "findings": ${list}\n}\n`;
}

/** Reads a baseline file. Throws E_BASELINE_INVALID. */
export function parseBaseline(text: string, file: string): Baseline {
  const invalid = (what: string, cause: unknown): PetrifyError =>
    new PetrifyError("E_BASELINE_INVALID", `The baseline ${file} ${what}.`, {
      hint: "Write it anew with `petrify audit ... --write-baseline FILE`.",
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid("is not JSON", cause);
  }
  const result = SCHEMA.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0] ?? { path: [], message: "" };
  throw invalid(`is not one: ${path.length === 0 ? "" : `${path.join(".")}: `}${message}`, result.error);
}

export interface AfterBaseline {
  readonly findings: readonly Finding[];
  readonly accepted: readonly AcceptedFinding[];
  readonly notes: readonly AuditNote[];
}

/**
 * Takes out the findings that a baseline holds; each entry stands for one finding. Entries of the rules and sources that were
 * audited and are found no more are told, so that the baseline can shrink.
 */
export function applyBaseline(
  findings: readonly Finding[],
  { baseline, file }: { readonly baseline: Baseline; readonly file: string },
  audited: { readonly rules: ReadonlySet<string>; readonly sources: ReadonlySet<string> },
  alsoFound: readonly Finding[] = [],
): AfterBaseline {
  const left = new Map<string, number>();
  for (const { fingerprint } of baseline.findings) left.set(fingerprint, (left.get(fingerprint) ?? 0) + 1);
  const take = ({ fingerprint }: Finding): boolean => {
    const count = left.get(fingerprint) ?? 0;
    if (count > 0) left.set(fingerprint, count - 1);
    return count > 0;
  };
  const accepted = findings.filter(take);
  const taken = new Set(accepted);
  // What a comment accepts too has not vanished.
  for (const finding of alsoFound) take(finding);
  const vanished = baseline.findings.filter((entry) => {
    const count = left.get(entry.fingerprint) ?? 0;
    left.set(entry.fingerprint, count - 1);
    return count > 0 && audited.rules.has(entry.rule) && audited.sources.has(sourceOf(entry.fingerprint));
  });
  return {
    findings: findings.filter((finding) => !taken.has(finding)),
    accepted: accepted.map((finding) => ({ finding, by: "baseline", reason: `in ${file}` })),
    notes: vanished.map(({ rule, place }) => ({
      source: file,
      message: `${rule} is found no more at ${place}: the baseline can shrink (--write-baseline).`,
    })),
  };
}

/** Name of the source in a fingerprint that audit.ts made. */
function sourceOf(fingerprint: string): string {
  try {
    const parts: unknown = JSON.parse(fingerprint);
    return Array.isArray(parts) ? String(parts[1]) : "";
  } catch {
    return "";
  }
}
