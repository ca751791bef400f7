import { PetrifyError } from "../model/errors.ts";
import type { Strategy } from "../model/strategy.ts";
import { exportCompose } from "./compose.ts";
import { spliceCompose } from "./compose-splice.ts";
import { exportDocker } from "./docker.ts";
import type { ExportResult } from "./result.ts";

export const TARGETS = ["docker", "compose"] as const;
export type Target = (typeof TARGETS)[number];

export interface ExportOptions {
  /** Text of a file to write into, byte for byte the same but for what the strategy needs. */
  readonly existing?: string;
  /** Service of that file. */
  readonly service?: string;
}

/** A strategy in the words of a target. Throws E_EXPORT_UNSUPPORTED, E_COMPOSE_INVALID, E_USAGE. */
export function exportTo(target: Target, strategy: Strategy, { existing, service }: ExportOptions = {}): ExportResult {
  if (target === "compose" && existing !== undefined)
    return spliceCompose(existing, strategy, service === undefined ? {} : { service });
  if (existing !== undefined || service !== undefined)
    throw new PetrifyError("E_USAGE", "--into and --service are for an existing Compose file.", {
      hint: "Give --to compose --into FILE.",
    });
  return target === "compose" ? exportCompose(strategy) : exportDocker(strategy);
}
