import type { AuditedContainer } from "../../container.ts";

/** Tells containers of one name apart, in the order in which they stand: `web`, `web-2`. */
export function numbered(containers: readonly AuditedContainer[]): readonly AuditedContainer[] {
  const counts = new Map<string, number>();
  return containers.map((container) => {
    const { workload } = container;
    const count = (counts.get(workload) ?? 0) + 1;
    counts.set(workload, count);
    return count === 1 ? container : { ...container, workload: `${workload}-${count}` };
  });
}
