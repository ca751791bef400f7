import type { AuditedContainer } from "../container.ts";

/** Puts the fitting strategy of a folder on each container. */
export type FitStrategies = (
  containers: readonly AuditedContainer[],
  folder: string,
) => Promise<readonly AuditedContainer[]>;

export const fitStrategies: FitStrategies = (containers) => Promise.resolve(containers);
