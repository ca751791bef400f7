import { PetrifyError } from "../model/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { newSessionId } from "../engine/sessions.ts";
import { makeProbeImage, PROBE_IMAGE } from "./probe-image.ts";
import { type Finding, warn } from "./report.ts";
import { examineStore } from "./store.ts";
import { examineTmpfs, UNKNOWN_TMPFS } from "./tmpfs.ts";

/** What an image of one program and its containers show of an engine; nothing stays on it. */
export async function examineContainers(
  engine: Engine,
  runtimes: readonly string[],
  onProgress: (line: string) => void,
): Promise<Finding[]> {
  const session = newSessionId();
  try {
    await makeProbeImage(engine, session, onProgress);
    return [await examineStore(engine, session, PROBE_IMAGE), ...(await examineTmpfs(engine, session, runtimes))];
  } catch (error) {
    if (!(error instanceof PetrifyError)) throw error;
    return [warn("tmpfs", "tmpfs of the runtime", `not tried: ${error.message}`, UNKNOWN_TMPFS)];
  } finally {
    await engine.removeImage(PROBE_IMAGE).catch(() => undefined);
  }
}
