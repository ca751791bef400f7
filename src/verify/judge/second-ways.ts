import type { Errno, Operation } from "../../model/event.ts";
import type { PathRecord } from "../../model/profile.ts";
import { parentOf } from "../../strategy/paths.ts";
import { PathIndex } from "./path-index.ts";

/** Calls by which a copy comes to be. */
const COPIES: ReadonlySet<Operation> = new Set(["open", "mkdir", "symlink"]);

/** Tells of a failed call whether the run shows that its program then got what it wanted in the way that such programs have. */
export class SecondWays {
  readonly #index: PathIndex;
  readonly #made: ReadonlySet<string>;

  constructor(run: readonly PathRecord[]) {
    this.#index = new PathIndex(run);
    this.#made = new Set(run.filter(({ done }) => done.includes("mkdir")).map(({ path }) => path));
  }

  /** The directory was missing, was then made, and the call repeated: it cannot be missing again. */
  madeDirectory(record: PathRecord, operation: Operation, errno: Errno): boolean {
    return (
      errno === "ENOENT" &&
      record.done.includes(operation) &&
      [record.path, ...record.movesTo].some((path) => this.#made.has(parentOf(path)))
    );
  }

  /** Renames do not cross mounts: the program wrote the new name itself. `movesTo` is what the baseline renamed it to. */
  copied(record: PathRecord, operation: Operation, errno: Errno, movesTo: readonly string[]): boolean {
    if (errno !== "EXDEV" || operation !== "rename") return false;
    const targets = movesTo.flatMap((path) => this.#index.overlapping(path));
    return targets.some(
      ({ done, by }) => done.some((one) => COPIES.has(one)) && by.some((exe) => record.by.includes(exe)),
    );
  }
}
