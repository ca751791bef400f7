import type { ProcessRef } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";
import { generalisePath } from "./names.ts";

const MAX_CACHED = 4_096;

/** Names processes by their executable, without what varies from run to run. */
export class ProcessNames {
  readonly #image: FileTree | undefined;
  readonly #known = new Map<string, string>();

  constructor(image: FileTree | undefined) {
    this.#image = image;
  }

  /** Undefined for a process that nobody saw. */
  nameOf({ exe, comm }: ProcessRef): string | undefined {
    const raw = exe ?? comm;
    if (raw === "") return undefined;
    const known = this.#known.get(raw);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_CACHED) this.#known.clear();
    const name = exe === undefined ? threadName(comm) : this.#executableName(exe);
    this.#known.set(raw, name);
    return name;
  }

  #executableName(exe: string): string {
    return this.#image?.entry(exe) === undefined ? generalisePath(exe) : exe;
  }
}

/** Thread pools number their threads. */
function threadName(comm: string): string {
  return comm.replace(/\d+/g, "*");
}
