import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Killed daemons need a moment to be gone. */
const WAIT_MS = 10_000;

/** Petrify's launcher has Node keep compiled code there (module.enableCompileCache). */
const CACHE = "node-compile-cache";

/** A temporary folder by which whatever was started with it can be told from what others do on this host. */
export class OwnTraces {
  /** To be `TMPDIR` of what is started. */
  readonly folder = mkdtempSync(join(tmpdir(), "petrify-ci-"));

  constructor() {
    // As /tmp is: some of the tests are other users.
    chmodSync(this.folder, 0o1777);
  }

  /** What is still there of it; empty when nothing is. */
  async left(waitMs = WAIT_MS): Promise<readonly string[]> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const found = [...this.#files(), ...this.#processes(), ...this.#mounts(), ...this.#engines()];
      if (found.length === 0 || Date.now() > deadline) return found;
      await sleep(200);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #files(): readonly string[] {
    return names(this.folder)
      .filter((name) => name !== CACHE)
      .map((name) => `file ${join(this.folder, name)}`);
  }

  #processes(): readonly string[] {
    return names("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => read(`/proc/${pid}/environ`).includes(this.folder) || this.#commandOf(pid).includes(this.folder))
      .map((pid) => `process ${pid}: ${this.#commandOf(pid)}`);
  }

  #commandOf(pid: string): string {
    return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  }

  #mounts(): readonly string[] {
    const lines = read("/proc/self/mountinfo").split("\n");
    return lines.filter((line) => line.includes(this.folder)).map((line) => `mount ${line}`);
  }

  /** The embedded engine's own folders name its data. */
  #engines(): readonly string[] {
    return names("/run/petrify")
      .map((name) => join("/run/petrify", name))
      .filter((folder) => read(join(folder, "dockerd.json")).includes(this.folder))
      .map((folder) => `engine ${folder}`);
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Processes end while they are looked at. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
