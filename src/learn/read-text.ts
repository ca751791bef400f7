import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type ErrorCode, PetrifyError } from "../model/errors.ts";

/** What is read, for messages. */
export interface TextKind {
  /** `strategy`. */
  readonly noun: string;
  readonly missing: ErrorCode;
  readonly invalid: ErrorCode;
  /** What to do when it is missing, and what to name in place of what is no file. */
  readonly hints: { readonly missing: string; readonly noFile: string };
}

/** The parsers have their own, lower limits; this one keeps a huge file out of memory. */
const MAX_BYTES = 16 * 2 ** 20;

/** The exact text of a file that a user hands over. Throws the codes of its kind, E_IO. */
export async function readText(file: string, kind: TextKind): Promise<string> {
  const { noun, missing, invalid, hints } = kind;
  try {
    // A FIFO would block for ever, also against Ctrl-C: the process cannot end while a thread of it waits in open(2).
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await handle.stat();
      if (!found.isFile())
        throw new PetrifyError("E_IO", `The ${noun} ${file} is not a regular file.`, { hint: hints.noFile });
      return decode(await readBounded(handle, file, kind), file, invalid);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof PetrifyError) throw cause;
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new PetrifyError(
      isMissing ? missing : "E_IO",
      `The ${noun} ${file} ${isMissing ? "does not exist" : "cannot be read"}.`,
      { hint: isMissing ? hints.missing : "Check the path and its permissions.", cause },
    );
  }
}

/** Files may grow while they are read. */
async function readBounded(handle: FileHandle, file: string, { noun, invalid }: TextKind): Promise<Buffer> {
  const { size } = await handle.stat();
  if (size > MAX_BYTES) throw tooLarge(file, noun, invalid);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BYTES) throw tooLarge(file, noun, invalid);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function tooLarge(file: string, noun: string, code: ErrorCode): PetrifyError {
  return new PetrifyError(code, `${file} is larger than any ${noun}.`, {
    hint: `A ${noun} is a short text: is this the right file?`,
  });
}

/** A byte that is not UTF-8 would not survive being written back. */
function decode(bytes: Buffer, file: string, code: ErrorCode): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new PetrifyError(code, `${file} is not UTF-8 text.`, { hint: "Convert it to UTF-8 first.", cause });
  }
}
