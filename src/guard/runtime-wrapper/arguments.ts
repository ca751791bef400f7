import { basename } from "node:path/posix";

/** What a runtime was called to do, as far as it is judged. */
export interface RuntimeCall {
  /** Directory of config.json; absent: the working directory, as in runc and crun. */
  readonly bundle?: string;
  readonly id?: string;
  /** Where the caller reads why it failed. */
  readonly log?: string;
  readonly logFormat?: string;
}

/** `undefined`: nothing is created by it. `unreadable`: something may be, and how is not known. */
export type ParsedCall = RuntimeCall | "unreadable" | undefined;

/** The subcommands of runc and crun that start from a config.json. */
const CREATING = new Set(["create", "run", "restore"]);

/** Options of runc 1.0 to 1.3 and crun 1.x (their `--help`). `true`: with a value. */
const GLOBAL: Readonly<Record<string, boolean>> = {
  log: true,
  "log-format": true,
  "log-level": true,
  root: true,
  criu: true,
  rootless: true,
  "cgroup-manager": true,
  debug: false,
  "systemd-cgroup": false,
};
const OWN: Readonly<Record<string, boolean>> = {
  bundle: true,
  b: true,
  "console-socket": true,
  "pidfd-socket": true,
  "pid-file": true,
  "preserve-fds": true,
  "preserve-fd": true,
  "no-pivot": false,
  "no-new-keyring": false,
  "no-subreaper": false,
  detach: false,
  d: false,
  keep: false,
  "image-path": true,
  "work-path": true,
  "parent-path": true,
  "manage-cgroups-mode": true,
  "empty-ns": true,
  "auto-dedup": false,
  "lazy-pages": false,
  "lsm-profile": true,
  "lsm-mount-context": true,
  "tcp-established": false,
  "ext-unix-sk": false,
  "shell-job": false,
  "file-locks": false,
};

/**
 * Reads the arguments as runc and crun do. An option that neither is known to have may have a value or none, and may name another
 * bundle or another file: unreadable.
 */
export function parseRuntimeCall(args: readonly string[]): ParsedCall {
  const general = takeOptions(args, GLOBAL);
  const log = { ...named(general.values, "log"), ...named(general.values, "log-format", "logFormat") };
  if (general.unknown) return args.some((word) => CREATING.has(word)) ? "unreadable" : undefined;
  const [subcommand = "", ...words] = general.rest;
  if (!CREATING.has(subcommand)) return undefined;
  const own = takeOptions(words, OWN);
  const bundles = [own.values.get("bundle"), own.values.get("b")].flatMap((values) => values ?? []);
  const [id, ...more] = own.rest;
  if (own.unknown || bundles.length > 1 || id === undefined || more.length > 0) return "unreadable";
  return { id, ...log, ...(bundles[0] !== undefined && { bundle: bundles[0] }) };
}

/**
 * Whether buildah runs a step of a build: it alone chooses such names (buildah run_common.go, runUsingRuntime). Podman gives its
 * containers ids of 64 hexadecimal digits, whatever a client asks for.
 */
export function isBuildahStep({ bundle = "", id = "" }: RuntimeCall): boolean {
  const folder = basename(bundle);
  return /^buildah\d+$/.test(folder) && id === `buildah-${folder}`;
}

/** Where the caller reads why it failed, also of a call that is not understood otherwise. */
export function logOf(args: readonly string[]): Pick<RuntimeCall, "log" | "logFormat"> {
  const { values } = takeOptions(args, GLOBAL);
  return { ...named(values, "log"), ...named(values, "log-format", "logFormat") };
}

interface Options {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly rest: readonly string[];
  readonly unknown: boolean;
}

/** Options before the first word that is none; both write them with one dash or two. */
function takeOptions(args: readonly string[], known: Readonly<Record<string, boolean>>): Options {
  const values = new Map<string, string[]>();
  let index = 0;
  for (; index < args.length; index++) {
    const word = args[index] ?? "";
    if (!word.startsWith("-")) break;
    const [, name = "", value] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const takesValue = Object.hasOwn(known, name) ? known[name] : undefined;
    if (takesValue === undefined || (!takesValue && value !== undefined)) return { values, rest: [], unknown: true };
    if (!takesValue) continue;
    const given = value ?? args[++index];
    if (given === undefined) return { values, rest: [], unknown: true };
    values.set(name, [...(values.get(name) ?? []), given]);
  }
  const rest = args.slice(index);
  return { values, rest, unknown: rest.some((word, at) => at > 0 && word.startsWith("-") && known === OWN) };
}

function named(
  values: ReadonlyMap<string, readonly string[]>,
  option: string,
  field: "log" | "logFormat" = "log",
): Partial<Pick<RuntimeCall, "log" | "logFormat">> {
  const value = values.get(option)?.at(-1);
  return value === undefined ? {} : { [field]: value };
}
