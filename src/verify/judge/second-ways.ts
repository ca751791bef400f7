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

  /**
   * Renames and links do not cross mounts, and one of the processes wrote the target itself, as mv(1) and most libraries do.
   * `movesTo` is what the baseline renamed it to.
   */
  copied(record: PathRecord, operation: Operation, errno: Errno, movesTo: readonly string[]): boolean {
    if (errno !== "EXDEV") return false;
    const targets = operation === "link" ? [record.path] : movesTo;
    return targets
      .flatMap((path) => this.#index.overlapping(path))
      .some((target) => isCopy(target) && target.by.some((exe) => record.by.includes(exe)));
  }
}

/** Something was written there, and did not just arrive there by a rename. */
function isCopy({ done, movesTo }: PathRecord): boolean {
  return done.some((one) => COPIES.has(one)) && (movesTo.length > 0 || !done.includes("rename"));
}
