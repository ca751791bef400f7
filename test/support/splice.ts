import { expect } from "vitest";
import { spliceCompose } from "../../src/export/compose-splice.ts";
import type { ExportResult } from "../../src/export/result.ts";
import { PetrifyError } from "../../src/model/errors.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import { strategy, tmpfs, volume } from "./strategy-samples.ts";

/** A strategy with one tmpfs and one volume, for the image `app`. */
export const APP = strategy([tmpfs("/run", { why: "Pid." }), volume("/data", { why: "State.", exec: true })]);
/** What it writes for its tmpfs. */
export const RUN = "/run:rw,nosuid,nodev,noexec,size=1m,mode=0755,uid=0,gid=0";

/** The file after the splice, of which a second run must change nothing. */
export function spliced(text: string, subject: Strategy = APP, service?: string): ExportResult {
  const options = service === undefined ? {} : { service };
  const result = spliceCompose(text, subject, options);
  expect(spliceCompose(result.text, subject, options).text, "a second run changes nothing").toBe(result.text);
  return result;
}

/** The PetrifyError that ends `run`; fails when there is none. */
export function thrownBy(run: () => unknown): PetrifyError {
  try {
    run();
  } catch (error) {
    if (error instanceof PetrifyError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
