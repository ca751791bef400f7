import type { Location, Severity } from "../../model/finding.ts";
import { workflowCommand } from "../../report/workflow-command.ts";
import { fileOf } from "../file-of.ts";
import { placeName, whatToDoFirst } from "../first.ts";
import type { AuditReport } from "../report.ts";

const COMMANDS = { high: "error", medium: "warning", low: "notice" } as const satisfies Record<Severity, string>;

/** Workflow commands of GitHub Actions, one a line, what to do first at the top: GitHub shows ten of each kind. */
export function github(report: AuditReport): string {
  const findings = whatToDoFirst(report)
    .flatMap(({ groups }) => groups)
    .flatMap(({ rule, findings: found }) =>
      found.map((finding) =>
        command(
          COMMANDS[finding.severity],
          finding.source.kind === "engine" ? undefined : fileOf(finding),
          finding.at,
          `petrify ${rule.id}`,
          `${placeName(finding)}: ${finding.message} ${finding.fix}`,
        ),
      ),
    );
  return [
    ...report.problems.map(({ source, at, code, message }) => command("error", source, at, `petrify ${code}`, message)),
    ...findings,
    ...report.imported.map(({ tool, rule, severity, message, file, at }) =>
      command(COMMANDS[severity], file, at, `${tool} ${rule}`, message),
    ),
    ...report.notes.map(({ source, at, message }) => command("notice", source, at, "petrify note", message)),
  ].join("");
}

function command(
  name: "error" | "warning" | "notice",
  file: string | undefined,
  at: Location | undefined,
  title: string,
  said: string,
): string {
  const place =
    file === undefined || file === "-"
      ? {}
      : {
          file,
          line: at?.line,
          col: at?.column,
          endColumn: at?.endColumn === undefined ? undefined : at.endColumn - 1,
        };
  return workflowCommand(name, { ...place, title }, said);
}
