import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, readdirSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { AuditProblem } from "../../model/finding.ts";
import type { AuditText, ReadBeside } from "../inputs.ts";
import { isInside } from "./inside.ts";

/** A larger file describes no containers by hand; the forms themselves refuse earlier what they cannot bear. */
export const MOST_BYTES = 64 * 2 ** 20;

/** A text, or why it is none. `broken` comes with the text as far as it can be read. */
export interface ReadText {
  readonly text?: AuditText;
  readonly broken?: AuditProblem;
}

/** The name under which a file is told and remembered: relative to `folder` when it lies in it. */
export function nameOf(path: string, folder: string = process.cwd()): string {
  const whole = resolve(folder, path);
  const name = relative(folder, whole);
  return name === "" || name === ".." || name.startsWith("../") ? whole : name;
}

/** Reads a file, or standard input as `-`; of other things than files only those that were named, such as a pipe. Never throws. */
export function readFileText(name: string, { named = true }: { readonly named?: boolean } = {}): ReadText {
  let bytes: Buffer | undefined;
  try {
    bytes = readBytes(name, named);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return problem(name, "E_IO", `It cannot be read: ${reason}.`, "Check the path and its permissions.");
  }
  if (bytes === undefined) return {};
  if (bytes.length > MOST_BYTES)
    return problem(name, "E_AUDIT_TEXT", "It is larger than 64 MiB.", "Split it, or leave it out.");
  if (bytes.includes(0)) return named ? problem(name, "E_AUDIT_TEXT", "It is no text.", TEXT_HINT) : {};
  const text = { name, text: bytes.toString("utf8") };
  return isUtf8(bytes) ? { text } : { text, ...problem(name, "E_AUDIT_TEXT", "It is not UTF-8.", TEXT_HINT) };
}

const TEXT_HINT = "Convert it to UTF-8 first.";

function problem(source: string, code: string, message: string, hint: string): ReadText {
  return { broken: { source, code, message, hint } };
}

/** At most one byte more than is taken; undefined for what is no file and was not named. */
function readBytes(name: string, named: boolean): Buffer | undefined {
  // Without O_NONBLOCK a pipe that lies in a folder would be waited for for ever.
  const flags = constants.O_RDONLY | constants.O_NOCTTY | (named ? 0 : constants.O_NONBLOCK);
  const file = name === "-" ? 0 : openSync(name, flags);
  try {
    const stat = fstatSync(file);
    if (stat.isFile()) return stat.size > MOST_BYTES ? Buffer.alloc(MOST_BYTES + 1) : readFileSync(file);
    return named ? readPipe(file) : undefined;
  } finally {
    if (file !== 0) closeSync(file);
  }
}

function readPipe(file: number): Buffer {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  while (sizeBytes <= MOST_BYTES) {
    const part = Buffer.alloc(65_536);
    const count = readAvailable(file, part);
    if (count === 0) break;
    parts.push(part.subarray(0, count));
    sizeBytes += count;
  }
  return Buffer.concat(parts);
}

/** A standard input that somebody made non-blocking says EAGAIN while nothing is there. */
function readAvailable(file: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(file, into);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Reads what a file names beside it, in these folders, anew each time; undefined when it is no text, or lies elsewhere. */
export function besideIn(roots: readonly string[]): ReadBeside & Required<Pick<ReadBeside, "names">> {
  return Object.assign(
    (from: string, path: string) => {
      const name = nameOf(resolve(dirname(from), path));
      return isInside(name, roots) ? textOf(name) : undefined;
    },
    {
      names: (from: string, folder: string) => {
        const whole = resolve(dirname(from), folder);
        return isInside(whole, roots) ? namesIn(whole) : [];
      },
    },
  );
}

/** The same, each file once: `known` gets every one that was asked for. */
export function besideReader(roots: readonly string[], known: Map<string, AuditText | undefined>): ReadBeside {
  const anew = besideIn(roots);
  const read = (from: string, path: string): AuditText | undefined => {
    const name = nameOf(resolve(dirname(from), path));
    if (!known.has(name)) known.set(name, anew(from, path));
    return known.get(name);
  };
  return Object.assign(read, { names: anew.names });
}

function textOf(name: string): AuditText | undefined {
  const { text, broken } = readFileText(name, { named: false });
  return broken === undefined ? text : undefined;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}
