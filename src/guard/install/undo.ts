import { lstatSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { setAttributes, sha256 } from "./apply.ts";
import { RUNTIME_CACHE } from "./plan-runtime.ts";
import { JOURNAL_DIRECTORY, readJournal, type Step, temporaryOf, writeDurably, writeJournal } from "./journal.ts";

/** What became of what was installed; paths are those of the host, without `root`. */
export interface Undone {
  readonly ways: readonly string[];
  readonly restored: readonly string[];
  /** Somebody changed them after the installation: they stay, with where the content of before lies. */
  readonly kept: readonly { readonly path: string; readonly backup?: string }[];
}

export interface UndoOptions {
  /** Also of files that were changed since. */
  readonly force?: boolean;
}

/**
 * Puts back below `root` what `apply` found, byte for byte, with owner and mode, the last step first; also what was begun only. Can be
 * done again after it was ended in the middle. Steps that are kept stay in the journal. Throws E_GUARD_INSTALL, E_IO.
 */
export function undo(
  root: string,
  { force = false }: UndoOptions = {},
  onStep: (path: string) => void = () => undefined,
): Undone {
  const directory = join(root, JOURNAL_DIRECTORY);
  const journal = readJournal(directory);
  const restored: string[] = [];
  const kept: { path: string; backup?: string }[] = [];
  const left: Step[] = [];
  for (const step of (journal?.steps ?? []).toReversed()) {
    onStep(step.path);
    if (undoStep(step, root, directory, force)) restored.push(step.path);
    else if (step.kind !== "directory") {
      left.unshift(step);
      const backup = step.kind === "file" ? step.before?.backup : undefined;
      kept.push({ path: step.path, ...(backup !== undefined && { backup: join(JOURNAL_DIRECTORY, backup) }) });
    }
  }
  if (left.length > 0) writeJournal(directory, { version: 1, steps: left, ways: journal?.ways ?? [] });
  else {
    // Made while it ran: what was compiled, policies that were read.
    if (journal !== undefined) rmSync(join(root, RUNTIME_CACHE), { recursive: true, force: true });
    removeJournal(directory);
  }
  return { ways: journal?.ways ?? [], restored, kept };
}

/** Whether it is as it was before the step. */
function undoStep(step: Step, root: string, directory: string, force: boolean): boolean {
  const place = join(root, step.path);
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (step.kind === "directory") return found === undefined || removeIfEmpty(place);
  if (step.kind === "link") {
    if (found === undefined) return true;
    if (!found.isSymbolicLink() || readlinkSync(place) !== step.target) return false;
    unlinkSync(place);
    return true;
  }
  rmSync(temporaryOf(place), { force: true });
  const { before } = step;
  const now = found?.isFile() === true ? sha256(readFileSync(place)) : undefined;
  const isOurs = now === step.sha256 || now === before?.sha256 || (found === undefined && before === undefined);
  if (!isOurs && !force) return false;
  if (before === undefined) {
    rmSync(place, { force: true });
    return true;
  }
  if (now !== before.sha256) writeDurably(place, readFileSync(join(directory, before.backup)), before, setAttributes);
  return true;
}

function removeIfEmpty(path: string): boolean {
  try {
    if (readdirSync(path).length > 0) return false;
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The journal last: as long as it is there, the backups are. */
function removeJournal(directory: string): void {
  rmSync(join(directory, "journal.json"), { force: true });
  rmSync(directory, { recursive: true, force: true });
  removeIfEmpty(dirname(directory));
}
