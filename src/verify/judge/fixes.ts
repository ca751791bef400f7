import { dirname } from "node:path/posix";
import type { Errno, Operation } from "../../model/event.ts";
import type { PathRecord } from "../../model/profile.ts";
import { quoteForTerminal } from "../../model/quote.ts";
import type { MountEntry } from "../../model/strategy.ts";
import { formatMode, formatSize } from "../../model/units.ts";
import { commonDirectory } from "../../strategy/paths.ts";
import { forbiddenReason } from "../../strategy/rules/forbidden.ts";
import type { AvcDenial } from "./avc.ts";
import { denialOf, selinuxFix } from "./selinux.ts";

/** What a fix is chosen by. */
export interface Failure {
  readonly operation: Operation;
  readonly errno: Errno;
  readonly record: PathRecord;
  /** What the baseline renamed or linked the path to, or from. */
  readonly otherEnds: readonly string[];
  /** The strategy's innermost mount that the path is on. */
  readonly cover: MountEntry | undefined;
  /** The run's own seccomp profile, as the user named it; absent: the engine's. */
  readonly seccomp?: string;
  /** What SELinux denied during the run; absent: the engine does not run under it. */
  readonly selinux?: readonly AvcDenial[];
}

const NOUNS: Readonly<Record<MountEntry["kind"], string>> = {
  tmpfs: "tmpfs",
  seeded: "seeded mount",
  scratch: "scratch mount",
  volume: "volume",
  bind: "bind",
};

interface ErrnoRule {
  /** Absent: any operation. */
  readonly operations?: readonly Operation[];
  readonly fix: (failure: Failure) => string;
}

/** Asked for with O_DIRECT, extended attributes, hole punching: what a disk's file system can and tmpfs may not. */
const UNSUPPORTED: ErrnoRule["fix"] = ({ cover }) =>
  cover?.kind === "tmpfs"
    ? `The tmpfs on ${cover.path} cannot do this: make it scratch, or a volume.`
    : "The file system there cannot do this: use another volume driver.";

const FULL: ErrnoRule["fix"] = ({ cover }) => {
  if (cover === undefined) return "Free some space on the engine's disk.";
  const mount = `the ${NOUNS[cover.kind]} on ${cover.path}`;
  if (!("sizeBytes" in cover)) return `Free some space on ${mount}, or give it more.`;
  const disk = cover.kind === "tmpfs" ? "" : ", or free some space on the engine's disk";
  return `Give ${mount} more than ${formatSize(cover.sizeBytes)}${disk}.`;
};

/** The errnos by which mounts and a read-only root make a call fail, and what to do about each. */
export const ERRNO_RULES: Readonly<Record<Errno, ErrnoRule>> = {
  EROFS: { fix: readOnly },
  EACCES: { fix: labelled },
  EPERM: { fix: refused },
  ENOSPC: { fix: FULL },
  EDQUOT: { fix: FULL },
  EXDEV: { operations: ["rename", "link"], fix: apart },
  // Taking away what is not there fails without harm; whatever should have been there has a failure of its own.
  ENOENT: {
    operations:
      "open mkdir rename link symlink mknod bind chmod chown utimes xattr truncate access read exec mapexec".split(
        " ",
      ) as Operation[],
    fix: missing,
  },
  ENOTDIR: { fix: missing },
  // A mount point can be neither removed nor renamed nor replaced (fs/namei.c, is_local_mountpoint).
  EBUSY: { operations: ["rename", "unlink", "rmdir"], fix: busy },
  EOPNOTSUPP: { fix: UNSUPPORTED },
  // O_DIRECT on tmpfs before Linux 6.6.
  EINVAL: { operations: ["open"], fix: UNSUPPORTED },
};

/** The narrowest directory whose mount would make the path writable; undefined when that is the root. */
export function narrowestDirectory({ path, type }: PathRecord): string | undefined {
  const names = path.split("/").slice(1);
  const variable = names.findIndex((name) => name.includes("*"));
  const depth = variable >= 0 ? variable : type === "dir" ? names.length : names.length - 1;
  return depth === 0 ? undefined : `/${names.slice(0, depth).join("/")}`;
}

function readOnly({ record, cover }: Failure): string {
  if (cover?.kind === "bind" && cover.readOnly)
    return `The bind on ${cover.path} is read-only: make it writable, or deny the write.`;
  if (cover !== undefined)
    return `The ${NOUNS[cover.kind]} on ${cover.path} was mounted read-only in this run: make it writable.`;
  const directory = narrowestDirectory(record);
  if (directory === undefined)
    return "The root itself stays read-only: let the application write elsewhere, or deny the write.";
  return `Add a tmpfs or a volume on ${quoteForTerminal(directory)}, or deny the write if it does no harm.`;
}

/** EACCES is also what SELinux answers; its log tells. */
function labelled(failure: Failure): string {
  const { selinux } = failure;
  const owner = forbidden(failure);
  return selinux === undefined || isNoexec(failure) ? owner : selinuxFix(denialOf(selinux, failure), failure, owner);
}

/** EPERM is also what a seccomp profile answers, which the read-only root never does. */
function refused(failure: Failure): string {
  const { seccomp } = failure;
  const owner = forbidden(failure);
  if (seccomp === undefined || isNoexec(failure)) return owner;
  return `${owner} Or the seccomp profile of the run (${quoteForTerminal(seccomp)}) refuses it now, and did not when it was learned.`;
}

function isNoexec({ operation, cover }: Pick<Failure, "operation" | "cover">): boolean {
  return (operation === "exec" || operation === "mapexec") && cover !== undefined && "exec" in cover && !cover.exec;
}

function forbidden({ operation, record, cover }: Failure): string {
  if (cover === undefined) return "No mount of the strategy is on it: check the user and the capabilities of the run.";
  if (isNoexec({ operation, cover })) return `Allow exec on the ${NOUNS[cover.kind]} on ${cover.path}.`;
  if (cover.kind === "bind")
    return `Let ${users(record)} write the host's ${cover.source}, which is bound to ${cover.path}.`;
  if (cover.kind !== "tmpfs" && record.uids.length > 0 && record.uids.every((uid) => uid === cover.uid))
    return (
      `A new volume belongs to root where the image has no directory: make ${cover.path} in the image, ` +
      `owned by ${cover.uid}:${cover.gid}, or give the volume that owner before the first start.`
    );
  const now = `uid ${cover.uid}, gid ${cover.gid}, mode ${formatMode(cover.mode)}`;
  return `Give the ${NOUNS[cover.kind]} on ${cover.path} an owner and a mode that let ${users(record)} write: it has ${now}.`;
}

function apart({ record, otherEnds, cover }: Failure): string {
  const [target] = otherEnds;
  const other = target === undefined ? "the other end" : quoteForTerminal(dirname(target));
  const here = cover === undefined ? "on the read-only root" : `on the ${NOUNS[cover.kind]} on ${cover.path}`;
  const above = target === undefined ? undefined : commonDirectory(dirname(record.path), dirname(target));
  const reason = above === undefined ? undefined : forbiddenReason(above);
  if (reason !== undefined)
    return `${quoteForTerminal(dirname(record.path))} (${here}) and ${other} must be on one mount, and ${above} is never one, because ${reason}: the image has to keep both in one directory below it, or the application has to be told of another place.`;
  return `Put ${quoteForTerminal(dirname(record.path))} (${here}) and ${other} on one mount: both directories must be on the same one.`;
}

function missing({ cover }: Failure): string {
  if (cover === undefined)
    return "Its directory was not there: mount the directory that should hold it, or make it in the image.";
  const seeded = cover.kind === "tmpfs" || cover.kind === "scratch" ? "seeded" : "a seeded volume";
  return `The mount on ${cover.path} hides what the image ships: make it ${seeded}, or mount a narrower directory.`;
}

function busy({ record, cover }: Failure): string {
  const mounted = cover === undefined ? quoteForTerminal(record.path) : cover.path;
  return `${mounted} is a mount point, which cannot be removed or replaced: mount ${quoteForTerminal(dirname(mounted))} instead.`;
}

function users({ uids }: PathRecord): string {
  return uids.length === 0 ? "the application" : `uid ${uids.slice(0, 3).join(", ")}`;
}
