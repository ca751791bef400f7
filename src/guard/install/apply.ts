import { createHash } from "node:crypto";
import { fchmodSync, fchownSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import {
  type FileAttributes,
  JOURNAL_DIRECTORY,
  type JournalText,
  readJournal,
  type Step,
  writeDurably,
  writeJournal,
} from "./journal.ts";
import type { Plan, PlannedFile } from "./plan.ts";

/** What was made; paths are those of the host, without `root`. */
export interface Applied {
  readonly written: readonly string[];
  /** They were so already. */
  readonly unchanged: readonly string[];
}

/**
 * Carries a plan out below `root`. Each step is in the journal before it is made, with what was there: `undo` puts all of it back,
 * also when this ended at any point. Done twice, it changes nothing. Throws E_GUARD_INSTALL, E_IO.
 */
export function apply(plan: Plan, root: string, onStep: (path: string) => void = () => undefined): Applied {
  const directory = join(root, JOURNAL_DIRECTORY);
  const before = readJournal(directory);
  const session = new Session(root, directory, {
    version: 1,
    steps: before?.steps ?? [],
    ways: [...new Set([...(before?.ways ?? []), ...plan.ways])],
  });
  const written: string[] = [];
  const unchanged: string[] = [];
  for (const file of plan.files) {
    onStep(file.path);
    (session.file(file) ? written : unchanged).push(file.path);
  }
  for (const { path, target } of plan.links) {
    onStep(path);
    (session.link(path, target) ? written : unchanged).push(path);
  }
  return { written, unchanged };
}

type FileStep = Step & { readonly kind: "file" };

class Session {
  readonly #root: string;
  readonly #directory: string;
  #journal: JournalText;

  constructor(root: string, directory: string, journal: JournalText) {
    this.#root = root;
    this.#directory = directory;
    this.#journal = journal;
  }

  file({ path, content, mode }: PlannedFile): boolean {
    const place = join(this.#root, path);
    const found = lstatSync(place, { throwIfNoEntry: false });
    if (found !== undefined && !found.isFile())
      throw new PetrifyError("E_GUARD_INSTALL", `${path} is no regular file.`, {
        hint: "Where it is a link, give it its own content, or change what it leads to by hand.",
      });
    const current = found === undefined ? undefined : readFileSync(place);
    if (current?.equals(Buffer.from(content)) === true) return false;
    const known = this.#journal.steps.find((step): step is FileStep => step.kind === "file" && step.path === path);
    const now = current === undefined ? undefined : sha256(current);
    if (known !== undefined && now !== known.sha256 && now !== known.before?.sha256)
      throw new PetrifyError("E_GUARD_INSTALL", `${path} was changed since it was installed.`, {
        hint: "Run `petrify guard uninstall`, which keeps it, move it away, and install again.",
      });
    this.#directories(dirname(path));
    const before =
      known !== undefined
        ? known.before
        : current === undefined || found === undefined
          ? undefined
          : { ...this.#backUp(current, path), mode: found.mode & 0o7777, uid: found.uid, gid: found.gid };
    this.#note({ kind: "file", path, sha256: sha256(content), ...(before !== undefined && { before }) });
    const attributes = found === undefined ? { mode } : { mode: found.mode & 0o7777, uid: found.uid, gid: found.gid };
    writeDurably(place, content, attributes, setAttributes);
    return true;
  }

  link(path: string, target: string): boolean {
    const place = join(this.#root, path);
    const found = lstatSync(place, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() === true && readlinkSync(place) === target) return false;
    if (found !== undefined)
      throw new PetrifyError("E_GUARD_INSTALL", `${path} is there, and does not lead to ${target}.`, {
        hint: "Look at who made it, and remove it.",
      });
    this.#directories(dirname(path));
    this.#note({ kind: "link", path, target });
    symlinkSync(target, place);
    return true;
  }

  #directories(path: string): void {
    if (lstatSync(join(this.#root, path), { throwIfNoEntry: false }) !== undefined || path === "/") return;
    this.#directories(dirname(path));
    this.#note({ kind: "directory", path });
    mkdirSync(join(this.#root, path), { mode: 0o755 });
  }

  #backUp(content: Buffer, path: string): { readonly backup: string; readonly sha256: string } {
    const backup = `${this.#journal.steps.length}-${path.split("/").at(-1)}`;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    writeDurably(join(this.#directory, backup), content, { mode: 0o600 });
    return { backup, sha256: sha256(content) };
  }

  #note(step: Step): void {
    const steps = this.#journal.steps.filter(({ kind, path }) => kind !== step.kind || path !== step.path);
    const index = this.#journal.steps.findIndex(({ kind, path }) => kind === step.kind && path === step.path);
    this.#journal = { ...this.#journal, steps: index === -1 ? [...steps, step] : steps.toSpliced(index, 0, step) };
    writeJournal(this.#directory, this.#journal);
  }
}

/** `umask` takes nothing away from it. */
export function setAttributes(fd: number, { mode, uid, gid }: FileAttributes): void {
  if (uid !== undefined && gid !== undefined) fchownSync(fd, uid, gid);
  fchmodSync(fd, mode);
}

export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
