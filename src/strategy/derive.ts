import type { FileTree, ImageNames } from "../model/image.ts";
import type { Profile } from "../model/profile.ts";
import type { EnvEntry, LogEntry, ProfileReference, Strategy, StrategyTest } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import { siteEntries } from "./entries.ts";
import { repositoriesOf } from "./fit.ts";
import { givenEntries } from "./given.ts";
import { guessedNeeds } from "./guesses.ts";
import { mountable, survey } from "./ground.ts";
import { withLogs } from "./log-links.ts";
import { sortRecords } from "./needs.ts";
import { compareText, nearest } from "./paths.ts";
import { refusedEntries } from "./refusals.ts";
import { restoreHidden } from "./restore.ts";
import { moveToDisk } from "./scratch.ts";
import { withoutSecrets } from "./secrets.ts";
import { chooseSites } from "./sites.ts";
import { absorb, unite } from "./unite.ts";

export interface DeriveInput {
  readonly workload: Workload;
  readonly image: ImageNames;
  /** The image's content before the run. */
  readonly tree: FileTree;
  readonly profile: Profile;
  readonly profileReference: ProfileReference;
  readonly test: StrategyTest;
  readonly settings?: readonly EnvEntry[];
  /** Log files that were tried as links. */
  readonly logs?: readonly LogEntry[];
}

/**
 * The data writing strategy that lets the workload do under a read-only root what the profile saw it do: the fewest and narrowest
 * mounts that hide nothing the image needs, and the writes that stay denied. The same input gives the same strategy, whatever the
 * order of its records.
 */
export function deriveStrategy(input: DeriveInput): Strategy {
  const ground = survey(input.profile, input.tree);
  const given = givenEntries(ground, input.workload, input.image);
  const givenAt = new Map(given.map((entry) => [mountable(input.tree, entry.path), entry]));

  const { needs, refusals } = sortRecords(ground, givenAt);
  const chosen = chooseSites(ground, [...needs, ...guessedNeeds(ground, input.profile, givenAt)]);
  const united = unite(ground, chosen.sites);
  const sites = absorb(ground, restoreHidden(ground, united, new Set(givenAt.keys())));

  // Nothing of its own can be said of `/`: an entry for it would speak of the whole file system. What lies on a mount works.
  const refused = [...refusals, ...chosen.refusals].filter(
    ({ path }) => path !== "/" && nearest(path, sites) === undefined,
  );
  const placed = moveToDisk(ground, given, siteEntries(ground, sites), input.workload.memoryBytes);
  const entries = [...given, ...placed, ...refusedEntries(ground, input.workload.name, refused)];
  return {
    name: input.workload.name,
    fits: { repositories: repositoriesOf(input.workload.image, input.image) },
    workload: withoutSecrets(input.workload),
    ...withLogs(
      ground,
      entries.toSorted((a, b) => compareText(a.path, b.path)),
      input.logs ?? [],
      new Set(given.map(({ path }) => path)),
    ),
    ...(input.settings === undefined ? {} : { settings: input.settings }),
    profile: input.profileReference,
    incomplete: input.profile.header.incomplete.toSorted(compareText),
    test: input.test,
    verifiedOn: [],
  };
}
