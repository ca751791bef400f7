import type { AuditReport } from "../report.ts";

/** All of a report as one object on one line; its shape is in docs/reference/json.md. */
export function json({ containers, findings, accepted, problems, notes, imported, rules }: AuditReport): string {
  const told = {
    containers: containers.map(({ source, workload, container, role, settings: { image }, strategy, at }) => ({
      source,
      workload,
      container,
      role,
      image: image?.value,
      strategy: strategy.standing === "none" ? undefined : { standing: strategy.standing, file: strategy.file },
      at,
    })),
    rules: rules.map(({ id }) => id),
    findings,
    accepted,
    problems,
    notes,
    imported,
  };
  return `${JSON.stringify(told)}\n`;
}
