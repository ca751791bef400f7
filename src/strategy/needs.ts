import type { Operation } from "../model/event.ts";
import type { PathRecord } from "../model/profile.ts";
import type { RefusedEntry } from "../model/strategy.ts";
import { habitualAskers } from "./askers.ts";
import type { Ground } from "./ground.ts";
import { isAlwaysMounted, mountable, shippedDirectory } from "./ground.ts";
import { ancestors, nearest, parentOf } from "./paths.ts";
import { classify, isPassing, isQueued } from "./rules/classes.ts";
import { holdsCode } from "./rules/code.ts";
import { type DenyRule, denyRule } from "./rules/denied.ts";
import { forbiddenReason } from "./rules/forbidden.ts";
import { archiveBehind } from "./unpacked.ts";

/** A record that works only when `directory` is writable. */
export interface Need {
  readonly record: PathRecord;
  readonly directory: string;
  /** Why what is written must outlive the container; undefined when it need not. */
  readonly keep: Keep | undefined;
  /** Nobody saw it: see guesses.ts. */
  readonly isGuessed?: true;
}
export type Keep = "readBack" | "queued" | "denied" | "assumed" | "alike";

/** A record that stays refused, with the path to refuse and the reason. */
export interface Refusal {
  /** Whether it does no harm, or the image must change. */
  readonly kind: RefusedEntry["kind"];
  readonly record: PathRecord;
  readonly path: string;
  readonly reason: string;
}

export interface SortedRecords {
  readonly needs: readonly Need[];
  readonly refusals: readonly Refusal[];
}

/** Operations that a read-only root refuses; the others only look or run. */
const CHANGES: ReadonlySet<Operation> = new Set([
  "open", "mkdir", "rmdir", "unlink", "rename", "link", "symlink", "mknod", "bind",
  "chmod", "chown", "utimes", "xattr", "truncate", "fallocate", "write",
]); // prettier-ignore

/** Where the engine binds files of its own, read-only together with the root. */
const ENGINE_FILES: ReadonlySet<string> = new Set(["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"]);

/**
 * Where Podman lends a tmpfs to a read-only container, or to one that runs systemd (podman-run(1), --read-only-tmpfs, --systemd):
 * elsewhere there is none unless somebody asks for it.
 */
const LENT_TMPFS: ReadonlySet<string> = new Set(["/run", "/run/lock", "/tmp", "/var/log/journal", "/var/tmp"]);

/** Changes of `record` that succeeded, or would have on a writable root. */
export function changesOf(record: PathRecord): readonly Operation[] {
  return [...new Set([...record.done.filter((operation) => CHANGES.has(operation)), ...refusedOf(record)])];
}

/** What a root that is read-only already refused; on a writable one nothing says EROFS. */
export function refusedOf(record: PathRecord): readonly Operation[] {
  if (record.mount !== "/") return [];
  return record.failed
    .filter(({ operation, errno }) => errno === "EROFS" && CHANGES.has(operation))
    .map(({ operation }) => operation);
}

/** Splits the records that changed the root file system into those that need a mount and those that stay denied; `given` are the mounts that exist anyway. */
export function sortRecords(ground: Ground, given: ReadonlyMap<string, unknown>): SortedRecords {
  const needs: Need[] = [];
  const refusals: Refusal[] = [];
  for (const record of ground.records) {
    if (changesOf(record).length === 0 || !isOnRoot(record, given)) continue;
    const denied = denyRule(record.path);
    if (denied !== undefined)
      refusals.push({ record, path: refusedPath(ground, record, denied.path), ...judgedBy(denied.rule, record) });
    else if (changesNothing(ground, record))
      refusals.push({
        kind: "deny",
        record,
        path: record.path,
        reason: "it sets what the image has already, or only a time stamp",
      });
    else needs.push({ record, directory: directoryOf(ground, record), keep: keepOf(ground, record) });
  }
  needs.push(...probes(ground, given, needs));
  return { needs, refusals };
}

/** What is read again after a restart is missed, but for what is made anew or never counted. */
function judgedBy({ kind, reason, isRemade }: DenyRule, { readBack }: PathRecord): Pick<Refusal, "kind" | "reason"> {
  const isMissed = kind === "deny" && readBack && isRemade !== true;
  return isMissed ? { kind: "image", reason: `${reason}, but reads it back after a restart` } : { kind, reason };
}

/** The directory of a rule when the application makes it: then its mkdir is what fails. One of the image is there, and each name in it is refused. */
function refusedPath(ground: Ground, record: PathRecord, path: string): string {
  const isMade = path === record.path || ground.recordAt.get(path)?.done.includes("mkdir") === true;
  return isMade ? path : `${path}/*`;
}

function isOnRoot(record: PathRecord, given: ReadonlyMap<string, unknown>): boolean {
  if (ENGINE_FILES.has(record.mount)) return true;
  const isLent = LENT_TMPFS.has(record.mount) && record.mountType === "tmpfs";
  return (record.mount === "/" || isLent) && !isAlwaysMounted(record.path) && !isGiven(record.path, given);
}

function isGiven(path: string, given: ReadonlyMap<string, unknown>): boolean {
  return nearest(path, given) !== undefined;
}

/** The directory that must be writable: its own for a directory, for anything else the one that holds the name. */
function directoryOf(ground: Ground, record: PathRecord): string {
  const named = record.done.some((operation) => operation === "rmdir" || operation === "rename");
  const itself = record.type === "dir" && !(named && shippedDirectory(ground.tree, record.path) !== undefined);
  return mountable(ground.tree, itself ? record.path : parentOf(record.path));
}

/** Only the owner, mode or times of what the image ships, and in the end as it was: `chown -R` in an entrypoint. */
function changesNothing(ground: Ground, record: PathRecord): boolean {
  const shipped = ground.tree.entry(record.path);
  const changes = changesOf(record);
  if (shipped === undefined || record.created || !record.survived) return false;
  if (changes.every((operation) => operation === "utimes")) return true;
  if (!changes.every((operation) => operation === "utimes" || operation === "chmod" || operation === "chown"))
    return false;
  const { owner } = record;
  return owner !== undefined && owner.uid === shipped.uid && owner.gid === shipped.gid && owner.mode === shipped.mode;
}

/**
 * access(W_OK) on a directory, by a program that writes below it: many give up a function when the answer is no.
 * Asked elsewhere, or by a program that asks of everything, it is no need: the test decides.
 */
function probes(ground: Ground, given: ReadonlyMap<string, unknown>, needs: readonly Need[]): readonly Need[] {
  const writers = new Set(
    needs.flatMap(({ record }) => record.by.flatMap((exe) => ancestors(record.path).map((dir) => `${exe}\0${dir}`))),
  );
  const habitual = habitualAskers(ground.records);
  const isMeant = ({ by, path }: PathRecord): boolean =>
    by.some((exe) => !habitual.has(exe) && writers.has(`${exe}\0${path}`));
  return ground.records
    .filter((record) => record.done.includes("access") && record.type === "dir" && changesOf(record).length === 0)
    .filter((record) => isOnRoot(record, given) && isMeant(record))
    .map((record): Need => ({ record, directory: mountable(ground.tree, record.path), keep: undefined }))
    .filter(({ directory }) => forbiddenReason(directory) === undefined && !holdsCode(ground.tree, directory));
}

/** Each start unpacks it again from the image's own archive, a newer image another one, and the use left nothing in it. */
export function isUnpackedAgain({ tree }: Ground, { path, regenerated }: PathRecord): boolean {
  return regenerated === true && archiveBehind(tree, path) !== undefined;
}

function keepOf(ground: Ground, record: PathRecord): Keep | undefined {
  return isUnpackedAgain(ground, record) ? undefined : persistence({ record });
}

/** Why what a record wrote must outlive the container; undefined when it need not. */
export function persistence({ record }: { readonly record: PathRecord }): Keep | undefined {
  const passing = isPassing(record.path, record.type);
  const ephemeral = classify(record.type === "dir" ? record.path : parentOf(record.path));
  if (passing || ephemeral?.certain === true) return undefined;
  if (record.readBack) return record.regenerated === true ? "alike" : "readBack";
  if (ephemeral !== undefined || changesOf(record).length === 0) return undefined;
  if (isQueued(record.path)) return "queued";
  if (record.renewed) return undefined;
  if (record.survived) return record.regenerated === true ? "alike" : "assumed";
  return refusedOf(record).length > 0 && record.type === "file" ? "denied" : undefined;
}
