import { Readable } from "node:stream";
import { derivation } from "../learn/derivation.ts";
import { ensureImage, learnWorkload } from "../learn/learn.ts";
import type { Learned } from "../learn/learned.ts";
import type { Session } from "../learn/session.ts";
import type { TestPlan } from "../learn/test-plan.ts";
import { writeLearned } from "../learn/write-learned.ts";
import { writeWhole } from "../learn/write-whole.ts";
import type { ImageFacts } from "../model/image.ts";
import type { Profile } from "../model/profile.ts";
import type { Strategy } from "../model/strategy.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Workload } from "../model/workload.ts";
import { formatStrategy } from "../strategy/file.ts";
import { compareText } from "../strategy/paths.ts";
import { saveVerified } from "../verify/files.ts";
import { type Verified, verifyStrategy } from "../verify/verify.ts";
import { environmentOf, pinnedName } from "./base-image.ts";
import { writeContext } from "./context-folder.ts";
import { archiveOf } from "../engine/docker/tree/tar-writer.ts";
import { FirstStart, moreStarts, notUp } from "./fresh-starts.ts";
import { commonMarks } from "./marks.ts";
import { needsLess, settledWrites, type Surface, surfaceOf } from "./plan/after.ts";
import { type Dockerfile, writeDockerfile } from "./plan/dockerfile.ts";
import { planBake } from "./plan/plan.ts";
import { canRun } from "./plan/shell.ts";
import type { BakePlan } from "./plan/types.ts";

export interface BakeOptions {
  readonly workload: Workload;
  readonly plan: TestPlan;
  readonly folder: string;
  /** Name of the image that is made. */
  readonly tag: string;
  /** Writes the Dockerfile and its context, and builds nothing. */
  readonly dryRun: boolean;
}

export interface Baked {
  /**
   * `baked`: the image works read-only on fewer mounts; `needless`: it does on no fewer, and so did the one it is made of;
   * `nothing`: there is nothing to bake; `planned`: nothing was built.
   */
  readonly outcome: "baked" | "failed" | "needless" | "nothing" | "planned";
  readonly bake: BakePlan;
  readonly before: Surface;
  /** Of the image that was built. */
  readonly after?: Surface;
  readonly verdict?: Verdict;
  /** Of the image that was built, when it is worth having. */
  readonly strategyFile?: string;
}

/**
 * Makes an image of one's own that needs fewer writable mounts: of what its fresh starts generate alike, with a Dockerfile that is
 * written to `folder`. An image that does not work read-only, or on no fewer mounts, is removed, and its name given back.
 * Throws what learning, building and verifying throw, and E_NOT_READY when the workload does not stay up.
 */
export async function bakeImage(session: Session, options: BakeOptions): Promise<Baked> {
  const { workload, plan, folder, tag } = options;
  const image = await ensureImage(session, workload.image);
  const first = new FirstStart(session, workload);
  const learned = await learnWorkload(session, { workload, plan, look: first.look });
  if (first.up === undefined) throw notUp(workload);
  const { strategy } = derivation(learned);
  const before = surfaceOf(strategy, learned.profile.records);
  session.progress.note(`starting ${workload.image} anew, to see what each fresh start generates`);
  const starts = [first.up, ...(await moreStarts(session, { workload, image, plan }))];
  const runs = canRun(learned.tree, image.user);
  const bake = planBake({
    starts,
    tested: first.tested,
    marks: commonMarks(workload, image),
    strategy,
    records: learned.profile.records,
    tree: learned.tree,
    seesOperations: seesOperations(learned.profile),
    canRun: runs,
  });
  if (bake.items.length === 0) return { outcome: "nothing", bake, before };
  const base = { pinned: pinnedName(workload.image, image), reference: workload.image, user: image.user, canRun: runs };
  const dockerfile = writeDockerfile(bake.items, base);
  await session.uninterrupted(() => writeContext(folder, dockerfile));
  if (options.dryRun) return { outcome: "planned", bake, before };
  await using built = await buildNamed(session, dockerfile, tag);
  const after = await tryBaked(session, { ...options, workload: { ...workload, image: tag } }, bake);
  const result = { bake, before, after: after.surface, verdict: after.verified.verdict };
  if (after.verified.verdict.outcome === "failed") return { ...result, outcome: "failed" };
  const isWorth =
    needsLess(strategy, after.strategy) || (await failsAsItIs(session, { strategy, learned, plan, workload }));
  if (!isWorth) return { ...result, outcome: "needless" };
  built.keep();
  await session.uninterrupted(() => saveVerified(after.strategyFile, after.verified));
  return { ...result, outcome: "baked", strategyFile: after.strategyFile };
}

function seesOperations({ header: { sensor, loss } }: Profile): boolean {
  return (sensor === "bpf" || sensor === "strace") && Object.values(loss).every((count) => count === 0);
}

interface Built extends AsyncDisposable {
  keep(): void;
}

/** Builds under a name that goes back to what it stood for, unless the image is kept. */
async function buildNamed(session: Session, { withoutModes, context }: Dockerfile, tag: string): Promise<Built> {
  const { engine, progress } = session;
  const earlier: ImageFacts | undefined = await engine.image(tag);
  let isKept = false;
  const giveBack = async (): Promise<void> => {
    if (isKept) return;
    isKept = true;
    if (earlier !== undefined) await engine.tagImage(earlier.id, tag);
    else await engine.removeImage(tag);
  };
  progress.step(`building ${tag}`);
  const content = new TextEncoder().encode(withoutModes);
  const tar = archiveOf([{ type: "file", path: "Dockerfile", mode: 0o644, content }, ...context]);
  session.defer(giveBack);
  await session.uninterrupted(() =>
    engine.buildImage(Readable.from([tar]), tag, (line) => progress.step(`building ${tag}: ${line}`)),
  );
  return {
    keep: () => {
      isKept = true;
    },
    [Symbol.asyncDispose]: giveBack,
  };
}

interface Tried {
  readonly strategy: Strategy;
  readonly surface: Surface;
  readonly strategyFile: string;
  readonly verified: Verified;
}

/** Learns the built image, lets it write what is not in it by now, and verifies that. */
async function tryBaked(
  session: Session,
  { workload, plan, folder }: BakeOptions,
  { items }: BakePlan,
): Promise<Tried> {
  session.progress.note(`learning and verifying ${workload.image}`);
  const learned = await learnWorkload(session, { workload, plan });
  const { needed, denied } = settledWrites(learned.profile.records, items);
  const { strategy: lean } = derivation({ ...learned, profile: { ...learned.profile, records: needed } });
  const written = await session.uninterrupted(() => writeLearned(learned, folder));
  const strategy: Strategy = {
    ...written.strategy,
    entries: [...lean.entries, ...denied].toSorted((a, b) => compareText(a.path, b.path)),
    verifiedOn: [],
  };
  await session.uninterrupted(() => writeWhole(written.strategyFile, formatStrategy(strategy)));
  const verified = await verify(session, { strategy, learned, plan, workload });
  const surface = surfaceOf(strategy, learned.profile.records);
  return { strategy, surface, strategyFile: written.strategyFile, verified };
}

interface VerifyInput {
  readonly strategy: Strategy;
  readonly learned: Learned;
  readonly plan: TestPlan;
  readonly workload: Workload;
}

function verify(session: Session, { strategy, learned, plan, workload }: VerifyInput): Promise<Verified> {
  return verifyStrategy(session, {
    strategy,
    baseline: learned.profile,
    plan,
    minimal: false,
    environment: environmentOf(workload),
  });
}

/** An image that cannot work read-only at all has no mounts to spare. */
async function failsAsItIs(session: Session, input: VerifyInput): Promise<boolean> {
  session.progress.note(`as many mounts as before: verifying ${input.workload.image} as it is`);
  return (await verify(session, input)).verdict.outcome === "failed";
}
