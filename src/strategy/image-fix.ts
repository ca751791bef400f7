import { basename } from "node:path/posix";
import type { PathRecord } from "../model/profile.ts";
import type { Ground } from "./ground.ts";
import { changesOf, persistence } from "./needs.ts";
import { childOf, parentOf } from "./paths.ts";
import { isCodeName } from "./rules/code.ts";
import { ACCOUNT_FILES } from "./rules/denied.ts";
import { isTrusted } from "./rules/forbidden.ts";

/** Lines of a Dockerfile that let the records at one path work under a read-only root, or a comment that says why none can. */
export function fixOf(ground: Ground, name: string, path: string, records: readonly PathRecord[]): readonly string[] {
  const [record] = records;
  if (ACCOUNT_FILES.test(path) || records.every((one) => ACCOUNT_FILES.test(one.path))) return ACCOUNTS;
  if (record === undefined || path.includes("*")) return VARYING;
  // The path is the container's, and these lines are pasted: what a shell could read otherwise is not written.
  if (!/^[\w./@:+,-]+$/.test(path)) return UNSAFE;
  return RULES.find(({ matches }) => matches(ground, record))?.fix(record, place(name, record), ground) ?? VARYING;
}

const ACCOUNTS = [
  "# Make the accounts while the image is built, not when it starts:",
  "RUN groupadd --system <group> && useradd --system --gid <group> --no-create-home <user>",
];
const VARYING = [
  "# The names vary: let a setting of the application move them, or make the files while the image is built.",
];
const UNSAFE = ["# The name holds characters that must be quoted: let a setting of the application move it."];

interface FixRule {
  readonly matches: (ground: Ground, record: PathRecord) => boolean;
  readonly fix: (record: PathRecord, to: Place, ground: Ground) => readonly string[];
}

/** Where a link can lead: a directory that learning again finds writable. */
interface Place {
  readonly directory: string;
  readonly make: string;
}

const OWNERSHIP: ReadonlySet<string> = new Set(["chmod", "chown", "utimes", "xattr"]);

/** First match wins. */
const RULES: readonly FixRule[] = [
  {
    matches: (_ground, { survived, movesTo }) => !survived && movesTo.length > 0,
    fix: () => ["# It becomes another file: what is to be done about that one does for both."],
  },
  {
    matches: (ground, record) => isShipped(ground, record) && !record.survived && record.done.includes("unlink"),
    fix: ({ path }) => [`RUN rm -f ${path}`],
  },
  {
    matches: (ground, record) =>
      isShipped(ground, record) && changesOf(record).every((operation) => OWNERSHIP.has(operation)),
    fix: ({ path, owner }) =>
      owner === undefined
        ? [`RUN chown <user>:<group> ${path}`]
        : [`RUN chown ${owner.uid}:${owner.gid} ${path} && chmod ${owner.mode.toString(8).padStart(4, "0")} ${path}`],
  },
  {
    // bind(2) and mknod(2) fail with an existing name, be it a link that leads nowhere.
    matches: (_ground, { type }) => type === "socket" || type === "fifo" || type === "device",
    fix: ({ type }) => [`# A ${type} is not made through a link: let a setting of the application move it below /run.`],
  },
  {
    matches: (_ground, { type }) => type === "symlink",
    fix: ({ path }) => [`RUN ln -s <target> ${path}`],
  },
  {
    matches: (_ground, record) => isCode(record) || isTrusted(parentOf(record.path)),
    fix: ({ path }) => [
      "# Programs and what decides who may do what come with the image (petrify bake takes what each start makes alike):",
      `COPY <finished> ${path}`,
    ],
  },
  {
    matches: (_ground, { type }) => type === "dir",
    fix: ({ path }, { directory, make }, ground) => [
      `RUN ${make}${moved(ground, path, directory)} && mkdir -p ${childOf(directory, basename(path))} && ln -s ${childOf(directory, basename(path))} ${path}`,
    ],
  },
  {
    // A link is what would be removed or replaced, and its directory stays read-only.
    matches: ({ replaced }, { path, done }) => replaced.has(path) || done.includes("unlink") || done.includes("rename"),
    fix: ({ path }) => [
      "# It is replaced as a whole, which a link does not survive: let a setting of the application move it,",
      "# or put the finished file into the image (petrify bake does, where each start makes the same one):",
      `COPY <file> ${path}`,
    ],
  },
  {
    matches: () => true,
    fix: ({ path, renewed }, { directory, make }, ground) => [
      ...(renewed ? ["# Or COPY the finished file (petrify bake does, where each start makes the same one)."] : []),
      `RUN ${make}${moved(ground, path, directory)} && ln -s ${childOf(directory, basename(path))} ${path}`,
    ],
  },
];

function isCode({ path, executed, done }: PathRecord): boolean {
  return executed || done.includes("exec") || done.includes("mapexec") || isCodeName(basename(path));
}

function isShipped({ tree }: Ground, { path }: PathRecord): boolean {
  return tree.entry(path) !== undefined;
}

/** Data lies where a volume may be, what each start makes anew where a tmpfs is. */
function place(name: string, record: PathRecord): Place {
  const base = persistence({ record }) === undefined || record.renewed ? "/run" : "/var/lib";
  const directory = childOf(base, name);
  const uid = record.owner?.uid ?? record.uids.find((one) => one !== 0) ?? 0;
  return { directory, make: `mkdir -p ${directory}${uid === 0 ? "" : ` && chown ${uid} ${directory}`}` };
}

function moved({ tree }: Ground, path: string, directory: string): string {
  return tree.entry(path) === undefined ? "" : ` && mv ${path} ${directory}/`;
}
