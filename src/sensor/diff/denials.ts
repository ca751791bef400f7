import { posix } from "node:path";
import type { Operation } from "../../model/event.ts";

/** A write that a program says a read-only file system refused. */
export interface Denial {
  readonly path: string;
  readonly operation: Operation;
}

export interface Denials {
  /** In the order of the text, each once. */
  readonly denials: readonly Denial[];
  /** A refusal was told without a path that can be placed: a name without its directory, or none. */
  readonly unplaced: boolean;
}

/** strerror(EROFS) of glibc, musl, Go and the rest; Node's and Rust's own names of it. */
const REFUSED = /read-only file ?system|\bEROFS\b|\bReadOnlyFilesystem\b/i;

const SINGLE = String.raw`'[^']*'`;
const DOUBLE = String.raw`"[^"]*"`;
const QUOTED = `(?:${SINGLE}|${DOUBLE}|\u2018[^\u2019]*\u2019|\u201c[^\u201d]*\u201d|\`[^'\`]*['\`])`;
const BARE = String.raw`(?<![\w.\-/:])/[^\s"'\`,;:()<>|\[\]]+`;
/** Absolute: a quotation of anything else can be a whole message. */
const PATH = `(?:(?=["'\`\u2018\u201c]/)${QUOTED}|${BARE})`;

interface Wording {
  readonly matches: RegExp;
  /** The groups that name what was refused; together they are one path where `joins` says so. */
  readonly joins?: true;
}

/** Where programs name the path otherwise than just before the refusal. First match wins. */
const WORDINGS: readonly Wording[] = [
  // Python and .NET; a rename names both ends.
  { matches: new RegExp(`read-only file system ?: (${QUOTED})(?: -> (${QUOTED}))?`, "i") },
  // Node.
  { matches: new RegExp(`EROFS: read-only file system, \\w+ (${QUOTED})(?: -> (${QUOTED}))?`) },
  // Ruby.
  { matches: /Read-only file system @ \w+ - (\/[^\s(]+)/ },
  // Redis: the file lies in its working directory.
  { matches: /(?:^| )([^\s/]+) \(in server (?:root )?dir (\/[^)]*)\)/, joins: true },
  // mv(1).
  { matches: new RegExp(`cannot move (${QUOTED}) to (${QUOTED})`) },
  // ln(1): the new name comes first.
  { matches: new RegExp(`(?:symbolic|hard) link (${QUOTED})`) },
];

/** What a program was doing, by the words before the path; else it opened a file. */
const OPERATIONS: readonly (readonly [words: RegExp, operation: Operation])[] = [
  [/mkdir|(?:create|creating|make|making) (?:the )?(?:\w+ )?(?:directory|directories|dir|folder)\b/i, "mkdir"],
  [/\brmdir\b/i, "rmdir"],
  [/unlink|\b(?:remove|removing|delete|deleting|rm)\b/i, "unlink"],
  [/rename|\bmove\b/i, "rename"],
  [/symlink|symbolic link/i, "symlink"],
  [/\blink\b/i, "link"],
  [/\bbind\b|\bsocket\b/i, "bind"],
  [/\bmkfifo\b|\bfifo\b/i, "mknod"],
  [/chmod|permissions of/i, "chmod"],
  [/chown|ownership of/i, "chown"],
];

// A line is text of the container's making.
const LINE_LIMIT = 8192;
const MAX_DENIALS = 1000;
const PATH_LIMIT = 4096;
// oxlint-disable-next-line no-control-regex -- colours, as on a terminal
const COLOURS = /\u001b\[[\d;]*m/g;

/** The writes that log lines and messages say were refused by a read-only file system. Never throws, whatever the text. */
export function denialsIn(text: string): Denials {
  const denials = new Map<string, Denial>();
  let unplaced = false;
  for (const raw of text.split("\n")) {
    if (!REFUSED.test(raw.slice(0, LINE_LIMIT))) continue;
    const line = raw.slice(0, LINE_LIMIT).replace(COLOURS, "");
    const names = namesIn(line);
    const paths = names.flatMap(({ text: name }) => pathOf(name) ?? []);
    unplaced ||= paths.length === 0 || paths.length < names.length;
    const operation = OPERATIONS.find(([words]) => words.test(line.slice(0, names[0]?.to)))?.[1] ?? "open";
    for (const path of paths) if (denials.size < MAX_DENIALS) denials.set(`${operation} ${path}`, { path, operation });
  }
  return { denials: [...denials.values()], unplaced };
}

interface Name {
  readonly text: string;
  /** Where the words end that say what was done with it. */
  readonly to: number;
}

function namesIn(line: string): readonly Name[] {
  for (const { matches, joins } of WORDINGS) {
    const match = matches.exec(line);
    if (match === null) continue;
    const [first = "", second] = match.slice(1);
    const to = match.index + match[0].length;
    if (joins) return [{ text: `${second}/${first}`, to }];
    return [first, second].flatMap((name) => (name === undefined ? [] : [{ text: unquoted(name), to }]));
  }
  const refusal = REFUSED.exec(line)?.index ?? 0;
  const named = [...line.matchAll(new RegExp(PATH, "g"))].map((match) => ({
    text: unquoted(match[0]),
    to: match.index,
  }));
  // The last one before: scripts and interpreters name themselves first, and what comes after is where it happened.
  const before = named.findLast(({ text, to }) => to < refusal && text !== "");
  const after = named.find(({ to }) => to > refusal);
  const name = before ?? after;
  return name === undefined ? [] : [name];
}

function unquoted(name: string): string {
  // Quotes in a message that is quoted itself, as in JSON.
  return /^["'`\u2018\u201c]/.test(name) ? name.slice(1, -1).replace(/\\$/, "") : name.replace(/[.!?]+$/, "");
}

/** Absolute and without `..`; undefined when it cannot be told. */
function pathOf(name: string): string | undefined {
  // Escapes differ from language to language, and what is not UTF-8 has been replaced.
  if (!name.startsWith("/") || name.length > PATH_LIMIT || /[\\\0\ufffd]/.test(name)) return undefined;
  const path = posix.normalize(name);
  return path.length > 1 ? path.replace(/\/$/, "") : undefined;
}
