import type { Errno, Operation } from "../../model/event.ts";
import type { PathRecord } from "../../model/profile.ts";
import { quoteForTerminal } from "../../model/quote.ts";
import { seccompOf } from "../../model/seccomp.ts";
import type { MountEntry, RefusedEntry, Strategy } from "../../model/strategy.ts";
import type { Regression, Verdict } from "../../model/verdict.ts";
import { habitualAskers } from "../../strategy/askers.ts";
import { denies } from "../../strategy/denies.ts";
import { isMount, isRefused } from "../../strategy/kinds.ts";
import { refusedOf } from "../../strategy/needs.ts";
import { ancestors, compareText, isWithin } from "../../strategy/paths.ts";
import type { AvcDenial } from "./avc.ts";
import { ERRNO_RULES } from "./fixes.ts";
import type { PathIndex } from "./path-index.ts";
import { SecondWays } from "./second-ways.ts";
import { failureMessage, processes } from "./wording.ts";

export interface JudgedOperations {
  readonly regressions: readonly Regression[];
  readonly denied: Verdict["denied"];
  readonly caveats: readonly string[];
}

/** How a write that is denied on purpose fails: by the root, by its owner, because its directory was denied, or by two mounts. */
const DENIED_ERRNOS: ReadonlySet<Errno> = new Set(["EROFS", "EACCES", "EPERM", "ENOENT", "EXDEV"]);
const MAKERS: ReadonlySet<Operation> = new Set(["open", "mkdir", "symlink", "mknod", "bind", "rename", "link"]);
const LOOKING: ReadonlySet<Operation> = new Set(["access", "read", "exec", "mapexec"]);

/** Every failed operation of the run that the baseline does not explain and the strategy does not want. */
export function judgeOperations(
  run: readonly PathRecord[],
  baseline: readonly PathRecord[],
  known: PathIndex,
  strategy: Strategy,
  selinux?: readonly AvcDenial[],
): JudgedOperations {
  const seccomp = ownSeccompProfile(strategy);
  const refused = strategy.entries.filter(isRefused);
  const regressions: Regression[] = [];
  const denied: Verdict["denied"][number][] = [];
  const caveats: string[] = [];
  const unmade = new Set<string>();
  const secondWays = new SecondWays(run);
  const habitual = habitualAskers(baseline);
  // Sorted, so that a directory that could not be made comes before what should have been in it.
  for (const record of run.toSorted((a, b) => compareText(a.path, b.path))) {
    const before = known.overlapping(record.path);
    const movesTo = before.flatMap((one) => one.movesTo);
    const refusedHere = ({ operation, errno }: PathRecord["failed"][number]): RefusedEntry["kind"] | undefined =>
      refusedAs(refused, operation, errno, record.path, movesTo);
    // Programs remove and rename what they believe to have made.
    const wasDeniedToBe =
      record.done.length === 0 &&
      record.failed.some((one) => MAKERS.has(one.operation) && refusedHere(one) !== undefined);
    for (const { operation, errno } of record.failed) {
      const rule = ERRNO_RULES[errno];
      if (
        rule === undefined ||
        rule.operations?.includes(operation) === false ||
        failedBefore(before, operation, errno) ||
        secondWays.madeDirectory(record, operation, errno)
      )
        continue;
      const isConsequence = errno === "ENOENT" && ancestors(record.path).some((path) => unmade.has(path));
      if (MAKERS.has(operation)) unmade.add(record.path);
      const kind = refusedHere({ operation, errno });
      if (kind !== undefined) {
        denied.push({ kind, path: record.path, operation, errno });
        continue;
      }
      if (isConsequence || wasDeniedToBe) continue;
      if (secondWays.copied(record, operation, errno, movesTo)) {
        caveats.push(
          `${processes(record.by)} could not ${operation} ${quoteForTerminal(record.path)} across two mounts (EXDEV) and copied it instead: others may see a copy that is not finished`,
        );
        continue;
      }
      if (operation === "access") {
        if (!before.some((one) => one.done.includes("access"))) continue;
        if (!wroteBelow(record, baseline, refused, habitual)) {
          caveats.push(
            `${processes(record.by)} asked whether it may write to ${quoteForTerminal(record.path)}, and is now told no (${errno}): it may give up a function that was not tested`,
          );
          continue;
        }
      }
      const failure = {
        operation,
        errno,
        record: withType(record, before),
        otherEnds: [...movesTo, ...baseline.filter((one) => one.movesTo.includes(record.path)).map(({ path }) => path)],
        cover: coverOf(strategy, record.path),
        ...(seccomp === undefined ? {} : { seccomp }),
        ...(selinux === undefined ? {} : { selinux }),
      };
      const [process] = record.by;
      regressions.push({
        kind: "operation",
        message: failureMessage(
          record,
          operation,
          errno,
          before.every((one) => one.done.length === 0) || before.some((one) => one.created),
        ),
        fix: rule.fix(failure),
        operation,
        path: record.path,
        errno,
        ...(process === undefined ? {} : { process }),
      });
    }
  }
  return { regressions, denied, caveats };
}

/**
 * The baseline failed in the same way, or never succeeded: the mount's own refusal only comes first.
 * The kernel asks for write access to the mount before it looks for a name to remove or rename and before it checks owner and mode
 * (fs/namei.c), so what said ENOENT, ENOTEMPTY, EACCES or EPERM on a writable root says EROFS or EXDEV now.
 */
function failedBefore(before: readonly PathRecord[], operation: Operation, errno: Errno): boolean {
  // What a root that was read-only already refused is meant to work now.
  const failures = before
    .filter((record) => !(errno === "EROFS" && refusedOf(record).includes(operation)))
    .flatMap((record) => record.failed)
    .filter((failure) => failure.operation === operation);
  if (failures.some((failure) => failure.errno === errno)) return true;
  return failures.length > 0 && !before.some((record) => record.done.includes(operation));
}

/** The kind of the entry that refuses it on purpose; undefined when none does. */
function refusedAs(
  entries: readonly RefusedEntry[],
  operation: Operation,
  errno: Errno,
  path: string,
  movesTo: readonly string[],
): RefusedEntry["kind"] | undefined {
  if (!DENIED_ERRNOS.has(errno)) return undefined;
  // What may not be written needs no leave to be written.
  const itself = entries.filter(
    (entry) => denies(entry, operation, path) || (operation === "access" && deniesAnything(entry, path)),
  );
  if (itself.length > 0) return strictest(itself);
  if (errno !== "EXDEV" || movesTo.length === 0) return undefined;
  const targets = movesTo.map((target) => entries.filter((entry) => deniesAnything(entry, target)));
  return targets.every(({ length }) => length > 0) ? strictest(targets.flat()) : undefined;
}

function strictest(entries: readonly RefusedEntry[]): RefusedEntry["kind"] {
  return entries.some(({ kind }) => kind === "image") ? "image" : "deny";
}

function deniesAnything(entry: RefusedEntry, path: string): boolean {
  return entry.operations.some((operation) => denies(entry, operation as Operation, path));
}

/**
 * Whether the baseline shows what the answer was good for: one of the askers wrote there or below, was meant to, and is none that
 * asks of everything.
 */
function wroteBelow(
  asked: PathRecord,
  baseline: readonly PathRecord[],
  refused: readonly RefusedEntry[],
  habitual: ReadonlySet<string>,
): boolean {
  return baseline.some(
    (record) =>
      isWithin(record.path, asked.path) &&
      record.done.some((operation) => !LOOKING.has(operation)) &&
      record.by.some((exe) => asked.by.includes(exe) && !habitual.has(exe)) &&
      !refused.some((entry) => deniesAnything(entry, record.path)),
  );
}

function ownSeccompProfile({ workload }: Strategy): string | undefined {
  const profile = workload.securityOpt.map(seccompOf).findLast((one) => one !== undefined && one.kind !== "word");
  return profile?.kind === "text" ? "of its own" : profile?.value;
}

/** The innermost mount of the strategy at or above the path. */
export function coverOf(strategy: Strategy, path: string): MountEntry | undefined {
  let cover: MountEntry | undefined;
  for (const entry of strategy.entries)
    if (isMount(entry) && isWithin(path, entry.path))
      if (cover === undefined || entry.path.length > cover.path.length) cover = entry;
  return cover;
}

/** What could not be made has no type of its own yet; the baseline knows it. */
function withType(record: PathRecord, before: readonly PathRecord[]): PathRecord {
  return { ...record, type: before[0]?.type ?? record.type };
}
