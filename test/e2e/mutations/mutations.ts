import type { StrategyEntry } from "../../../src/model/strategy.ts";
import type { Regression } from "../../../src/model/verdict.ts";
import { tmpfs } from "../../support/strategy-samples.ts";

/** By what verify must reject a strategy. */
export interface Rejection {
  readonly kind: Regression["kind"];
  readonly errno?: string;
  readonly under?: string;
}

/** One way to make a right strategy wrong. */
export interface Mutation {
  readonly name: string;
  /** Only for the workload that runs as a user: root may do it. */
  readonly onlyUser?: true;
  /** Runtime that it takes effect in: runc 1.1.5 keeps the mode of the image's directory, whatever the tmpfs asks for. */
  readonly runtime?: "crun";
  readonly change: (entries: readonly StrategyEntry[]) => readonly StrategyEntry[];
  readonly rejection: Rejection;
  /** One of each family is tried by `npm test`, all of them by the bench. */
  readonly inTest?: true;
}

type Forgotten = Extract<StrategyEntry, { kind: "tmpfs" }>;

const MOUNTS = [
  "/etc/app",
  "/run/app",
  "/srv/app",
  "/srv/spool",
  "/srv/target",
  "/tmp",
  "/var/cache/app",
  "/var/log/app",
] as const;
const OWNED = ["/run/app", "/srv/target", "/var/cache/app", "/var/log/app"] as const;

export const MUTATIONS: readonly Mutation[] = [
  ...MOUNTS.map((path) => ({
    name: `${path} is missing`,
    change: without(path),
    rejection: { kind: "operation", errno: "EROFS", under: path } as const,
    ...(path === "/srv/app" ? { inTest: true as const } : {}),
  })),
  { ...set("/tmp", "a third of the size", { sizeBytes: 8 * 2 ** 20 }, "ENOSPC"), inTest: true },
  { ...set("/tmp", "one page", { sizeBytes: 4096 }, "ENOSPC") },
  { ...set("/var/cache/app", "programs may not run", { exec: false }, "EACCES"), inTest: true },
  ...OWNED.map((path) => ({ ...set(path, "owned by root", { uid: 0, gid: 0 }, "EACCES"), onlyUser: true as const })),
  { ...set("/run/app", "owned by a stranger", { uid: 4321, gid: 4321 }, "EACCES"), onlyUser: true, inTest: true },
  { ...set("/var/log/app", "owned by a stranger", { uid: 4321, gid: 4321 }, "EACCES"), onlyUser: true },
  {
    ...set("/run/app", "not writable by its owner", { mode: 0o550 }, "EACCES"),
    runtime: "crun",
    onlyUser: true,
    inTest: true,
  },
  {
    ...set("/var/log/app", "not to be entered by its owner", { mode: 0o600 }, "EACCES"),
    runtime: "crun",
    onlyUser: true,
  },
  { ...set("/tmp", "of root alone", { mode: 0o755 }, "EACCES"), runtime: "crun", onlyUser: true },
  {
    name: "/srv/app is forgotten",
    change: replace("/srv/app", (entry) => [tmpfs("/srv/app", { ...ownerOf(entry), sizeBytes: 2 ** 24 })]),
    rejection: { kind: "lost", under: "/srv/app" },
    inTest: true,
  },
  {
    name: "/etc/app starts empty",
    change: replace("/etc/app", (entry) => [tmpfs("/etc/app", { ...ownerOf(entry), sizeBytes: 2 ** 24 })]),
    // What was shipped is not found: a failing read is no operation, but the test notices.
    rejection: { kind: "exec" },
  },
  {
    name: "/run/app is denied",
    change: replace("/run/app", () => [
      { kind: "deny", path: "/run/app/*", why: "Wrong.", operations: ["open", "rename", "write"] },
    ]),
    rejection: { kind: "exec" },
  },
  {
    name: "/srv/app and /run/app are swapped",
    change: (entries) =>
      entries.map((entry) => {
        if (entry.path === "/srv/app") return { ...entry, path: "/run/app" };
        return entry.path === "/run/app" ? { ...entry, path: "/srv/app" } : entry;
      }),
    rejection: { kind: "lost", under: "/srv/app" },
    inTest: true,
  },
  ...(["/run/app", "/var/log/app"] as const).map((path) => ({
    name: `${path} is mounted too deep`,
    change: move(path, `${path}/deeper`),
    rejection: { kind: "operation", errno: "EROFS", under: path } as const,
    ...(path === "/run/app" ? { inTest: true as const } : {}),
  })),
  {
    name: "/srv/spool is mounted too deep, on a directory that the image has",
    change: move("/srv/spool", "/srv/spool/in"),
    rejection: { kind: "operation", errno: "EROFS", under: "/srv/spool" },
  },
  {
    name: "/srv/spool is parted between the ends of a hard link",
    change: replace("/srv/spool", (entry) =>
      ["/srv/spool/in", "/srv/spool/done"].map((path): StrategyEntry => ({ ...(entry as Forgotten), path })),
    ),
    rejection: { kind: "operation", errno: "EXDEV", under: "/srv/spool" },
    inTest: true,
  },
  ...(["/run", "/srv", "/var/cache", "/var/log"] as const).map((path) => ({
    name: `${path} is mounted instead of what is below it, and hides it`,
    change: shallow(path),
    rejection: { kind: "operation", errno: "ENOENT", under: path } as const,
    ...(path === "/var/log" ? { inTest: true as const } : {}),
  })),
];

/** Texts that no strategy may hold, by what stands there in a right one. */
export const REFUSED_TEXTS: readonly { readonly name: string; readonly from: RegExp; readonly to: string }[] = [
  { name: "a path above the root", from: /path: \/run\/app/, to: "path: /run/../run/app" },
  { name: "a relative path", from: /path: \/run\/app/, to: "path: run/app" },
  { name: "the root itself", from: /path: \/run\/app/, to: "path: /" },
  { name: "a path twice", from: /path: \/run\/app/, to: "path: /srv/app" },
  { name: "a path with a slash at its end", from: /path: \/run\/app/, to: "path: /run/app/" },
  { name: "no bound", from: /size: 16MiB/, to: "size: 0" },
  { name: "a size that is none", from: /size: 16MiB/, to: "size: much" },
  { name: "a mode that is none", from: /mode: "0755"|mode: "0750"/, to: 'mode: "0999"' },
  { name: "a kind that is none", from: /kind: tmpfs/, to: "kind: ramdisk" },
];

function without(path: string): Mutation["change"] {
  return (entries) => entries.filter((entry) => entry.path !== path);
}

function replace(path: string, change: (entry: StrategyEntry) => readonly StrategyEntry[]): Mutation["change"] {
  return (entries) => entries.flatMap((entry) => (entry.path === path ? change(entry) : [entry]));
}

function move(path: string, to: string): Mutation["change"] {
  return replace(path, (entry) => [{ ...entry, path: to }]);
}

function set(path: string, what: string, settings: Partial<Forgotten>, errno: string): Mutation {
  return {
    name: `${path}: ${what}`,
    change: replace(path, (entry) => [{ ...(entry as Forgotten), ...settings }]),
    rejection: { kind: "operation", errno, under: path },
  };
}

/** A tmpfs on the directory above hides what the image has there. */
function shallow(path: string): Mutation["change"] {
  return (entries) => [
    ...entries.filter((entry) => !entry.path.startsWith(`${path}/`)),
    tmpfs(path, { sizeBytes: 2 ** 26, mode: 0o1777, exec: true }),
  ];
}

function ownerOf(entry: StrategyEntry): { readonly uid: number; readonly gid: number; readonly mode: number } {
  const { uid, gid, mode } = entry as Forgotten;
  return { uid, gid, mode };
}
