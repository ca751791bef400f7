import { join } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import type { LossCounters } from "../../model/event.ts";
import type { Profile } from "../../model/profile.ts";
import type { StrategyTest } from "../../model/strategy.ts";
import { dataAtRisk } from "../../strategy/at-risk.ts";
import { derivation } from "../derivation.ts";
import { mergeProfiles } from "../fold/merge.ts";
import { unseen } from "../../model/unseen.ts";
import { profileIdentity, strategyTest } from "../learn.ts";
import { type ContainerAtRisk, incompleteReasons, type Learned } from "../learned.ts";
import { readProfile } from "../profile-file.ts";
import type { Session } from "../session.ts";
import { isImageId, parseReference } from "../../strategy/reference.ts";
import { keepOld, profileName } from "../write-learned.ts";
import { distinctNames, identityOf } from "./identity.ts";
import type { WatchedRun } from "./watched-container.ts";

export interface ObservedRuns {
  readonly runs: readonly WatchedRun[];
  readonly loss: LossCounters;
  /** What exercised them, when it was Petrify that ran it. */
  readonly test?: StrategyTest;
}

/** What was learned of one workload, and the runs of containers that say so. */
export interface LearnedOfRuns {
  readonly learned: Learned;
  readonly runs: readonly WatchedRun[];
}

/** One result for each workload, however many containers it had; sorted by name. */
export function learnedOf(session: Session, { runs, loss, test }: ObservedRuns): readonly LearnedOfRuns[] {
  const seen = runs.filter(({ phases, table, records }) => phases.length > 0 || table.length + records.length > 0);
  const identities = new Map(seen.map((run) => [run, identityOf(run.found)]));
  const names = distinctNames([...identities.values()]);
  const workloads = Map.groupBy(seen, (run) => identities.get(run)?.key ?? "");
  return [...workloads]
    .map(([key, ofOne]) => ({
      learned: learnedOfOne(session, names.get(key) ?? "workload", ofOne, { loss, test }),
      runs: ofOne,
    }))
    .toSorted((a, b) => (a.learned.workload.name < b.learned.workload.name ? -1 : 1));
}

function learnedOfOne(
  session: Session,
  name: string,
  runs: readonly WatchedRun[],
  { loss, test }: Pick<ObservedRuns, "loss"> & { readonly test: StrategyTest | undefined },
): Learned {
  const profiles = runs.map((run): Profile => {
    const { phases, listening, incomplete, image, records } = run;
    const workload = { ...run.found.settings, name };
    const reasons = [
      ...incomplete,
      ...incompleteReasons(loss, phases),
      ...unseen({ ...run.seen, test: test !== undefined }),
    ];
    return {
      header: {
        ...profileIdentity(session.engine.info, workload, image, "bpf"),
        incomplete: [...new Set(reasons)].toSorted(),
        loss,
        coverage: { phases, listening },
      },
      records,
    };
  });
  // The newest is what will be replaced next, and what a strategy is for.
  const newest = runs.at(-1)!;
  const images = new Set(runs.map(({ image }) => image.id));
  return {
    workload: { ...newest.found.settings, name },
    image: newest.image,
    tree: newest.tree,
    profile: profiles.reduce(mergeAcrossImages),
    test: test ?? strategyTest({}, newest.image),
    table: runs.flatMap(({ table }) => table),
    notes: [
      ...(runs.length > 1 ? [`observed in ${runs.length} containers`] : []),
      ...(images.size > 1
        ? [`its image was replaced meanwhile: the strategy is for ${newest.image.id.slice(0, 19)}`]
        : []),
    ],
  };
}

/** What is written rarely changes with an image's update: what was seen of the older one counts for the newer. */
function mergeAcrossImages(older: Profile, newer: Profile): Profile {
  const { subject: _of, ...rest } = older;
  return mergeProfiles({ ...rest, header: { ...rest.header, image: newer.header.image } }, newer);
}

/**
 * The result with what an earlier observation left in `folder`. A profile that cannot be read, or is of another image's
 * workload, is kept beside the new one and not merged: it is not worth the observation that has just been made.
 * Throws E_IO, E_DISK_FULL.
 */
export async function resumed(learned: Learned, folder: string): Promise<Learned> {
  const file = join(folder, profileName(learned.workload.name));
  try {
    const earlier = await readProfile(file);
    assertSameRepository(earlier, learned.profile);
    return {
      ...learned,
      profile: mergeAcrossImages(earlier, learned.profile),
      ...(earlier.subject?.settings === undefined ? {} : { settings: earlier.subject.settings }),
      ...(earlier.subject?.logs === undefined ? {} : { logs: earlier.subject.logs }),
      // What was tested once is not untested because nobody tested it again.
      test: learned.test.kind === "none" ? (earlier.subject?.test ?? learned.test) : learned.test,
      notes: [...learned.notes, `merged with what ${file} held`],
    };
  } catch (error) {
    if (isMissing(error)) return learned;
    if (!(error instanceof PetrifyError)) throw error;
    const kept = await keepOld(file);
    const where = kept === undefined ? "" : `, which is now ${kept}`;
    return {
      ...learned,
      notes: [...learned.notes, `not merged with ${file}${where}: ${error.message.replace(/\.$/, "")}`],
    };
  }
}

/** A name that was given to something else says nothing of that. Throws E_PROFILE_MISMATCH. */
function assertSameRepository(earlier: Profile, newer: Profile): void {
  if (earlier.header.image.reference === newer.header.image.reference) return;
  const [a, b] = [earlier, newer].map(({ header: { image } }) => repositoryOf(image.reference));
  if (a !== undefined && b !== undefined && a !== b) throw new PetrifyError("E_PROFILE_MISMATCH", `it is of ${a}`);
}

/** Undefined of an image that is named by its id. */
function repositoryOf(reference: string): string | undefined {
  return isImageId(reference) ? undefined : parseReference(reference).repository;
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof PetrifyError ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

/** The result with what each container that still exists would lose. */
export async function withDataAtRisk(
  session: Session,
  learned: Learned,
  runs: readonly WatchedRun[],
): Promise<Learned> {
  const { entries } = derivation(learned).strategy;
  const atRisk: ContainerAtRisk[] = [];
  for (const { found } of runs) {
    if ((await session.engine.find(found.id)) === undefined) continue;
    const changes = await session.engine.changes(found).then(
      (layer) => layer.changes,
      // It may be removed while it is read. What was observed of all of them counts all the same.
      (error: unknown) => {
        session.progress.note(`the data of ${found.name} at risk could not be read: ${(error as Error).message}`);
      },
    );
    if (changes !== undefined)
      atRisk.push({ container: found.name, ...dataAtRisk(changes, entries, learned.profile.records) });
  }
  return { ...learned, atRisk };
}
