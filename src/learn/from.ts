import { PetrifyError } from "../model/errors.ts";
import type { FileTree } from "../model/image.ts";
import type { PhaseOutcome, Profile } from "../model/profile.ts";
import { withRegenerated } from "../strategy/regenerated.ts";
import { derivation } from "./derivation.ts";
import { ProfileFold } from "./fold/fold.ts";
import { mergeProfiles } from "./fold/merge.ts";
import { incompleteReasons, type Learned } from "./learned.ts";
import { withProbe } from "./learn.ts";
import { readProfile } from "./profile-file.ts";
import { readRun, replayRun } from "./run-recording.ts";
import { SliceTree, UnknownPath } from "./tree-slice.ts";

/** The content of an image by its id; undefined when it cannot be had. */
export type ImageContent = (imageId: string) => Promise<FileTree | undefined>;

/**
 * What recordings and profiles of one workload say together, without running anything. The image's content is what they noted
 * of it; `content` is asked when that does not suffice: runs that are merged raise questions that neither raised alone.
 * Throws E_RECORDING_INVALID, E_PROFILE_INVALID, E_PROFILE_MISMATCH, E_IMAGE_NOT_FOUND, E_IO.
 */
export async function learnFrom(files: readonly string[], content: ImageContent): Promise<Learned> {
  const profiles: Profile[] = [];
  for (const file of files)
    profiles.push(isRecording(file) ? await foldRecording(file, content) : await profileWithSubject(file));
  const profile = profiles.reduce(mergeProfiles);
  const learned = { ...asLearned(profile), notes: files.length > 1 ? [`merged from ${files.length} runs`] : [] };
  return withKnownTree(learned.profile.header.image, learned.tree, content, (tree) => {
    derivation({ ...learned, tree });
    return { ...learned, tree };
  });
}

function isRecording(file: string): boolean {
  return !file.endsWith(".zst");
}

/** What a profile says of a run, as if it had just been made. Throws E_PROFILE_INVALID when it does not say of what. */
export function asLearned(profile: Profile): Learned {
  const { header, subject } = profile;
  if (subject === undefined) throw noSubject(header.name);
  const { workload, image, test, settings, logs, tree } = subject;
  return {
    workload,
    image: { ...image, id: header.image.id, repoDigests: header.image.repoDigests },
    test,
    ...(settings === undefined ? {} : { settings }),
    ...(logs === undefined ? {} : { logs }),
    tree: new SliceTree(tree),
    profile,
    table: [],
    notes: [],
  };
}

async function profileWithSubject(file: string): Promise<Profile> {
  const profile = await readProfile(file);
  if (profile.subject === undefined) throw noSubject(file);
  return profile;
}

function noSubject(name: string): PetrifyError {
  return new PetrifyError(
    "E_PROFILE_INVALID",
    `The profile ${name} does not say which workload and what of its image a strategy is derived from.`,
    { hint: "An older Petrify wrote it: run learn once more, with the image." },
  );
}

async function foldRecording(file: string, content: ImageContent): Promise<Profile> {
  const { identity, subject, incomplete: told, regenerated } = await readRun(file);
  const { tree, ...rest } = subject;
  return withKnownTree(identity.image, new SliceTree(tree), content, async (image) => {
    const fold = new ProfileFold({ image });
    const phases: PhaseOutcome[] = [];
    const listening = new Set<string>();
    const loss = await replayRun(file, {
      begin: (phase) => fold.beginPhase(phase),
      endStart: () => fold.endStart(),
      write: (events) => fold.add(events),
      finish: (outcome, ports, found) => {
        phases.push(outcome);
        for (const port of ports) listening.add(port);
        fold.endPhase(found === undefined ? undefined : new SliceTree(found));
      },
    });
    const incomplete = [...new Set([...told, ...fold.incomplete(), ...incompleteReasons(loss, phases)])].toSorted();
    const coverage = { phases, listening: [...listening].toSorted() };
    return {
      header: { ...identity, incomplete, loss, coverage },
      records: withRegenerated(fold.records(), regenerated),
      subject: { ...rest, test: withProbe(rest.test, phases), tree },
    };
  });
}

/** Does `work` with what is known of the image; when that is not enough, with its content from an engine. */
async function withKnownTree<T>(
  image: Profile["header"]["image"],
  known: FileTree,
  content: ImageContent,
  work: (tree: FileTree) => Promise<T> | T,
): Promise<T> {
  try {
    return await work(known);
  } catch (error) {
    if (!(error instanceof UnknownPath)) throw error;
    const whole = await content(image.id);
    if (whole !== undefined) return work(whole);
    throw new PetrifyError(
      "E_IMAGE_NOT_FOUND",
      `What ${image.reference} has at ${error.path} decides about the strategy; the files do not say it, and the image (${image.id.slice(0, 19)}) is not here.`,
      { hint: "Load or pull that image, or learn it again.", cause: error },
    );
  }
}
