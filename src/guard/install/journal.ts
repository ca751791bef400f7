import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod";
import { PetrifyError } from "../../model/errors.ts";

/** One change of this host, written down before it is made: what is there now, so that it can be put back. */
const step = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("directory"), path: z.string() }),
  z.strictObject({
    kind: z.literal("file"),
    path: z.string(),
    /** Of the content that was or will be written. */
    sha256: z.string(),
    /** Absent: there was no file. */
    before: z
      .strictObject({ backup: z.string(), mode: z.number(), uid: z.number(), gid: z.number(), sha256: z.string() })
      .optional(),
  }),
  /** A symbolic link where nothing was. */
  z.strictObject({ kind: z.literal("link"), path: z.string(), target: z.string() }),
]);
const journalFile = z.strictObject({
  version: z.literal(1),
  /** In the order in which they were made. */
  steps: z.array(step),
  /** What is installed, or was to be when it ended in the middle. */
  ways: z.array(z.string()),
});
export type Step = Readonly<z.infer<typeof step>>;
export interface JournalText {
  readonly version: 1;
  readonly steps: readonly Step[];
  readonly ways: readonly string[];
}

/** Where the journal is kept, below the root of the host. */
export const JOURNAL_DIRECTORY = "/var/lib/petrify/install";

/** Throws E_GUARD_INSTALL for a journal that is damaged; undefined without one. */
export function readJournal(directory: string): JournalText | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, "journal.json"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return journalFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new PetrifyError("E_GUARD_INSTALL", `${join(directory, "journal.json")} is damaged.`, {
      cause,
      hint: `What was there before lies beside it in ${directory}; put it back by hand.`,
    });
  }
}

/** On disk when it returns. */
export function writeJournal(directory: string, journal: JournalText): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeDurably(join(directory, "journal.json"), `${JSON.stringify(journal, undefined, 2)}\n`, { mode: 0o600 });
}

export interface FileAttributes {
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** What a file that is being written is called until it is whole. */
export function temporaryOf(path: string): string {
  return `${path}.petrify-new`;
}

/** Replaces a file at once; it and its name are on disk when this returns. */
export function writeDurably(path: string, content: string | Buffer, attributes: FileAttributes, chown?: Chown): void {
  const temporary = temporaryOf(path);
  rmSync(temporary, { force: true });
  const fd = openSync(temporary, "wx", attributes.mode);
  try {
    const bytes = Buffer.from(content as string);
    for (let length = 0; length < bytes.length;) length += writeSync(fd, bytes, length);
    chown?.(fd, attributes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  const directory = openSync(dirname(path), "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
/** Sets owner and mode of an open file. */
export type Chown = (fd: number, attributes: FileAttributes) => void;
