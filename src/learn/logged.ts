import type { ContainerHandle } from "../engine/engine.ts";
import type { FileTree } from "../model/image.ts";
import type { PathRecord } from "../model/profile.ts";
import type { LogStream } from "../model/strategy.ts";
import { isAppendedLog } from "../strategy/rules/logs.ts";

/** What a container has logged when it ended, in bytes. */
export interface Logged {
  /** Of the last lines of each stream. */
  readonly streams: Readonly<Record<LogStream, number>>;
  /** Path -> size, of the log files in its root that are only appended to. */
  readonly files: ReadonlyMap<string, number>;
}

/** As many as are counted: a log that outgrows them tells no more. */
const LINES = 10_000;

/** `tree` is the container's content. Throws what the engine throws. */
export async function countLogged(
  container: Pick<ContainerHandle, "logs">,
  tree: FileTree,
  records: readonly PathRecord[],
): Promise<Logged> {
  const [stdout, stderr] = await Promise.all([container.logs(LINES, "stdout"), container.logs(LINES, "stderr")]);
  const files = records.filter(isAppendedLog).map(({ path }) => [path, tree.entry(path)?.sizeBytes ?? 0] as const);
  return {
    streams: { stdout: Buffer.byteLength(stdout), stderr: Buffer.byteLength(stderr) },
    files: new Map(files),
  };
}
