import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containerId, makeCgroup, UNIFIED } from "./armed-cgroup.ts";
import { isExecution, observe, summary, type Observation } from "./observe.ts";

/** What one case ran in its folder: events with paths relative to it. */
export interface CaseRun {
  eventsOf(index: number): readonly Record<string, unknown>[];
  readonly observation: Observation;
  readonly folderOf: (index: number) => string;
}

/**
 * Runs a program per case in an armed cgroup, all in one observation. Each has a folder of its own as current directory, with
 * a `file`, a directory `dir` and a symlink `link` to it. Throws when a program fails.
 */
export async function runCases(argvs: readonly (readonly string[])[]): Promise<CaseRun> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "petrify-cases-")));
  const cgroup = makeCgroup(UNIFIED, containerId());
  const folderOf = (index: number): string => join(root, String(index));
  try {
    for (const index of argvs.keys()) {
      mkdirSync(join(folderOf(index), "dir"), { recursive: true });
      writeFileSync(join(folderOf(index), "file"), "content", { mode: 0o644 });
      symlinkSync("dir", join(folderOf(index), "link"));
    }
    const observation = await observe({ id: cgroup.id }, async () => {
      await cgroup.hold();
      for (const [index, argv] of argvs.entries()) {
        const { status, stderr } = cgroup.run(argv, folderOf(index));
        if (status !== 0) throw new Error(`${argv.join(" ")} failed: ${stderr}`);
      }
    });
    return { observation, folderOf, eventsOf: (index) => eventsBelow(observation, folderOf(index)) };
  } finally {
    await cgroup.remove();
    rmSync(root, { recursive: true });
  }
}

function eventsBelow({ events }: Observation, folder: string): readonly Record<string, unknown>[] {
  const own = events.filter((event) => !isExecution(event) && event.path.startsWith(`${folder}/`));
  return own.map((event) => summary(event, folder));
}
