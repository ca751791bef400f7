import { PetrifyError } from "../../model/errors.ts";
import type { LossCounters } from "../../model/event.ts";
import type { TreeAnswer } from "../../model/image.ts";
import type { PathRecord, PhaseName, PhaseOutcome, Profile, ProfileHeader, Subject } from "../../model/profile.ts";
import { smallerOwner, strongerType } from "./path-state.ts";
import { compareText, union } from "./text.ts";
import { mergeReasons } from "../../model/unseen.ts";

/** Best first: the merged profile is as trustworthy as its weakest part. */
const SENSORS: readonly ProfileHeader["sensor"][] = ["bpf", "strace", "diff", "none"];
const PHASES: readonly PhaseName[] = ["first", "restart", "replace"];
/** Best first. */
const TESTS: readonly Subject["test"]["kind"][] = ["command", "external", "probe", "healthcheck", "none"];
const HEALTH: readonly NonNullable<PhaseOutcome["health"]>[] = ["none", "healthy", "unhealthy"];

/**
 * The union of two runs of one workload: whatever was seen in either. The order and the number of merges do not matter.
 * Throws E_PROFILE_MISMATCH when they are not of the same workload and image.
 */
export function mergeProfiles(a: Profile, b: Profile): Profile {
  if (a.header.name !== b.header.name || a.header.image.id !== b.header.image.id)
    throw new PetrifyError(
      "E_PROFILE_MISMATCH",
      `The profiles of ${a.header.name} and ${b.header.name} are of different workloads or images.`,
      {
        hint: "Merge only profiles that were learned from the same image under the same name.",
      },
    );
  const records = new Map(a.records.map((record) => [record.path, record]));
  for (const record of b.records) {
    const known = records.get(record.path);
    records.set(record.path, known === undefined ? record : mergeRecords(known, record));
  }
  const subject = mergeSubjects(a.subject, b.subject);
  return {
    header: mergeHeaders(a.header, b.header),
    records: [...records.values()].toSorted((x, y) => compareText(x.path, y.path)),
    ...(subject === undefined ? {} : { subject }),
  };
}

/** One that is absent says nothing. Of two settings and tests the better test and the smaller text, whatever the order. */
function mergeSubjects(a: Subject | undefined, b: Subject | undefined): Subject | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const settings = unite(a.settings ?? [], b.settings ?? [], ({ name }) => name);
  const logs = unite(a.logs ?? [], b.logs ?? [], ({ path }) => path);
  return {
    workload: smallerJson(a.workload, b.workload),
    image: { repoTags: union(a.image.repoTags, b.image.repoTags), volumes: union(a.image.volumes, b.image.volumes) },
    test:
      a.test.kind === b.test.kind
        ? smallerJson(a.test, b.test)
        : TESTS.indexOf(a.test.kind) < TESTS.indexOf(b.test.kind)
          ? a.test
          : b.test,
    ...(settings.length === 0 ? {} : { settings }),
    ...(logs.length === 0 ? {} : { logs }),
    tree: uniteAnswers([...a.tree, ...b.tree]),
  };
}

/** Sorted by name. Of two values of one variable the smaller text, whatever the order. */
function unite<T>(a: readonly T[], b: readonly T[], key: (value: T) => string): readonly T[] {
  const same = Map.groupBy([...a, ...b], key);
  return [...same.values()].map((all) => all.reduce(smallerJson)).toSorted((x, y) => compareText(key(x), key(y)));
}

/** Sorted by path, each once. All are of one image: where two answered, they answered the same. */
export function uniteAnswers(answers: readonly TreeAnswer[]): readonly TreeAnswer[] {
  const united = new Map<string, TreeAnswer>();
  for (const answer of answers) united.set(answer.path, { ...united.get(answer.path), ...answer });
  return [...united.values()].toSorted((x, y) => compareText(x.path, y.path));
}

function smallerJson<T>(a: T, b: T): T {
  return JSON.stringify(a) <= JSON.stringify(b) ? a : b;
}

function mergeRecords(a: PathRecord, b: PathRecord): PathRecord {
  // The innermost mount, as within one run.
  const [mount, mountType] = innermost(a, b);
  const owner = smallerOwner(a.owner, b.owner);
  return {
    path: a.path,
    mount,
    mountType,
    type: strongerType(a.type, b.type),
    done: union(a.done, b.done),
    failed: unionBy(a.failed, b.failed, ({ operation, errno }) => `${operation} ${errno}`),
    by: union(a.by, b.by),
    uids: [...new Set([...a.uids, ...b.uids])].toSorted((x, y) => x - y),
    created: a.created || b.created,
    createsItself: mergeCreatesItself(a, b),
    survived: a.survived || b.survived,
    readBack: a.readBack || b.readBack,
    renewed: a.renewed && b.renewed,
    ...(a.regenerated === true && b.regenerated === true ? { regenerated: true } : {}),
    executed: a.executed || b.executed,
    sizeClassBytes: Math.max(a.sizeClassBytes, b.sizeClassBytes),
    movesTo: union(a.movesTo, b.movesTo),
    ...(owner === undefined ? {} : { owner }),
  };
}

/** A run in which nothing succeeded at the path says nothing about what the path needs. */
function mergeCreatesItself(a: PathRecord, b: PathRecord): boolean {
  if (a.done.length === 0 && b.done.length > 0) return b.createsItself;
  if (b.done.length === 0 && a.done.length > 0) return a.createsItself;
  return a.createsItself && b.createsItself;
}

function innermost(a: PathRecord, b: PathRecord): readonly [string, string] {
  const order =
    a.mount.length - b.mount.length || compareText(a.mount, b.mount) || compareText(a.mountType, b.mountType);
  return order >= 0 ? [a.mount, a.mountType] : [b.mount, b.mountType];
}

function mergeHeaders(a: ProfileHeader, b: ProfileHeader): ProfileHeader {
  const phases = PHASES.flatMap((phase) => {
    const outcomes = [...a.coverage.phases, ...b.coverage.phases].filter((outcome) => outcome.phase === phase);
    return outcomes.length === 0 ? [] : [outcomes.reduce(mergeOutcomes)];
  });
  return {
    name: a.name,
    image: {
      reference: smaller(a.image.reference, b.image.reference),
      id: a.image.id,
      repoDigests: union(a.image.repoDigests, b.image.repoDigests),
    },
    sensor: larger(SENSORS, a.sensor, b.sensor),
    engine: { kind: smaller(a.engine.kind, b.engine.kind), runtime: smaller(a.engine.runtime, b.engine.runtime) },
    incomplete: mergeReasons(a.incomplete, b.incomplete),
    loss: mergeLoss(a.loss, b.loss),
    coverage: { phases, listening: union(a.coverage.listening, b.coverage.listening) },
  };
}

/** The worse outcome: a test that failed once did not succeed. */
function mergeOutcomes(a: PhaseOutcome, b: PhaseOutcome): PhaseOutcome {
  const health =
    a.health === undefined || b.health === undefined ? (a.health ?? b.health) : larger(HEALTH, a.health, b.health);
  const probe = a.probe === "failed" ? a.probe : (b.probe ?? a.probe);
  return {
    phase: a.phase,
    ...worse("test", a, b),
    ...worse("exec", a, b),
    ...(probe === undefined ? {} : { probe }),
    ...(health === undefined ? {} : { health }),
    ...worse("exitedEarly", a, b),
  };
}

function worse<K extends "test" | "exec" | "exitedEarly">(
  key: K,
  a: PhaseOutcome,
  b: PhaseOutcome,
): Partial<Record<K, number>> {
  const codes = [a[key], b[key]].filter((code) => code !== undefined);
  return codes.length === 0 ? {} : ({ [key]: Math.max(...codes) } as Record<K, number>);
}

/** Runs can be merged again and again, so counters are not added up: what counts is whether anything was lost. */
function mergeLoss(a: LossCounters, b: LossCounters): LossCounters {
  return {
    ringFull: Math.max(a.ringFull, b.ringFull),
    recursionMisses: Math.max(a.recursionMisses, b.recursionMisses),
    evictedInodes: Math.max(a.evictedInodes, b.evictedInodes),
    unreadablePaths: Math.max(a.unreadablePaths, b.unreadablePaths),
    ioUringSetups: Math.max(a.ioUringSetups, b.ioUringSetups),
    compatCalls: Math.max(a.compatCalls, b.compatCalls),
  };
}

function larger<T>(order: readonly T[], a: T, b: T): T {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

function smaller(a: string, b: string): string {
  return a <= b ? a : b;
}

function unionBy<T>(a: readonly T[], b: readonly T[], key: (value: T) => string): readonly T[] {
  const all = new Map([...a, ...b].map((value) => [key(value), value]));
  return [...all].toSorted(([x], [y]) => compareText(x, y)).map(([, value]) => value);
}
