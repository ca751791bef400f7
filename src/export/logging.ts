import { PetrifyError } from "../model/errors.ts";
import type { Workload } from "../model/workload.ts";

/** The log driver of the container that an export starts: the strategy does not say it, and no run needs it. */
export interface Logging {
  /** Absent: the engine's own. */
  readonly driver?: string;
  readonly options: Readonly<Record<string, string>>;
}

/** A run with what is said for an export only. */
export type ExportedRun = Workload & { readonly logging?: Logging };

/** `--log-driver` and each `--log-opt KEY=VALUE`; undefined when nothing is said. Throws E_USAGE. */
export function parseLogging(driver: string | undefined, options: readonly string[] = []): Logging | undefined {
  if (driver === undefined && options.length === 0) return undefined;
  const pairs = options.map((text): readonly [string, string] => {
    const equals = text.indexOf("=");
    if (equals < 1)
      throw new PetrifyError("E_USAGE", `'${text}' is no option of a log driver.`, {
        hint: "Give it as KEY=VALUE: --log-opt tag=web.",
      });
    return [text.slice(0, equals), text.slice(equals + 1)];
  });
  return { ...(driver === undefined ? {} : { driver }), options: Object.fromEntries(pairs) };
}
