import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { attemptReadOnly } from "../../demo/attempt.ts";
import { compare, type Comparison } from "../../demo/compare.ts";
import type { CorpusWorkload } from "../../demo/corpus.ts";
import { learnAsAsked } from "../../demo/learn.ts";
import { planOf, workloadOf } from "../../demo/workloads.ts";
import { exportDocker } from "../../src/export/docker.ts";
import { ensureImage } from "../../src/learn/learn.ts";
import type { Session } from "../../src/learn/session.ts";
import { writeLearned } from "../../src/learn/write-learned.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import { TEMPLATE_TMPFS } from "../../src/strategy/template.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { isWithin } from "../../src/strategy/paths.ts";
import { checkCompose } from "./compose.ts";
import { writtenDirectories } from "./naive.ts";
import { checkPodman } from "./podman.ts";
import type { Check, Measured } from "./result.ts";
import { imagePaths, strategyPlaces, surfaceOf, tmpfsPlaces, volumePlaces } from "./surface.ts";

export interface MeasureOptions {
  /** Empty; what was learned stays in it. */
  readonly folder: string;
  readonly learns: number;
  /** Absent: not tried there. */
  readonly podman?: () => Promise<Session>;
}

/** Runs one application under the four plans and tries what is promised of its strategy. Throws what learning throws. */
export async function measure(
  session: Session,
  application: CorpusWorkload,
  reference: string,
  options: MeasureOptions,
): Promise<Measured> {
  const { folder } = options;
  const note = (text: string): void => session.progress.note(`${application.recipe.name}: ${text}`);
  const compared = await compare(session, application, reference, join(folder, "1"), { minimal: true });
  const { learned } = compared;
  // As it was learned: --minimal takes from the file what nothing needs.
  const strategy = { ...parseStrategy(await readFile(compared.strategyFile, "utf8"), ""), entries: compared.entries };

  const image = await ensureImage(session, reference);
  const naive = writtenDirectories(compared.unset.profile.records, learned.tree, image.volumes);
  note(`naive plan: tmpfs on ${naive.join(", ") || "nothing"}`);
  const plain = Object.fromEntries(naive.map((path) => [path, ""]));
  const attempt = await attemptReadOnly(session, workloadOf(application, reference), planOf(application), plain);
  const paths = imagePaths(learned.tree);
  const volumes = volumePlaces(image.volumes);
  const templatePlaces = [...volumes, ...tmpfsPlaces(Object.keys(TEMPLATE_TMPFS))];
  const naivePlaces = [...volumes, ...tmpfsPlaces(naive)];
  const places = strategyPlaces(strategy, { noexec: false });
  const plans: Measured["plans"] = {
    plain: { attempt: compared.plainReadOnly, mounts: volumes.length, surface: surfaceOf(paths, volumes) },
    template: { attempt: compared.template, mounts: templatePlaces.length, surface: surfaceOf(paths, templatePlaces) },
    naive: { attempt, mounts: naivePlaces.length, surface: surfaceOf(paths, naivePlaces) },
    petrify: { attempt: compared.strategy, mounts: places.length, surface: surfaceOf(paths, places) },
  };
  note("exported Compose file");
  const compose = await checkCompose(
    session.engine,
    compared.composeFile,
    application.recipe.name,
    planOf(application),
  );
  let podman: Check | undefined;
  if (options.podman !== undefined) {
    note("Podman");
    podman = await checkPodman(await options.podman(), application, strategy, learned);
  }
  return {
    plans,
    noexec: surfaceOf(paths, strategyPlaces(strategy, { noexec: true })),
    handEdits: application.handEdits,
    entries: strategy.entries.map(({ kind, path }) => `${kind} ${path}`),
    checks: {
      minimal: minimalCheck(compared),
      learns: await learnsCheck(session, application, reference, compared.strategyFile, options),
      persists: persistsCheck(application, compared, strategy),
      bounded: boundedCheck(strategy),
      compose,
      ...(podman === undefined ? {} : { podman }),
    },
  };
}

function minimalCheck({ verdict }: Comparison): Check {
  if (verdict.minimal === undefined) return { holds: false, detail: "not tried: the strategy does not work" };
  const needless = verdict.minimal.filter(({ needed }) => !needed).map(({ path }) => path);
  return needless.length === 0
    ? { holds: true, detail: `${verdict.minimal.length} of ${verdict.minimal.length}` }
    : { holds: false, detail: `nothing fails without ${needless.join(", ")}` };
}

/** Learns again, into folders of its own, and compares the files byte by byte. */
async function learnsCheck(
  session: Session,
  application: CorpusWorkload,
  reference: string,
  first: string,
  { folder, learns }: MeasureOptions,
): Promise<Check> {
  const workload = workloadOf(application, reference);
  const expected = comparable(await readFile(`${first}.old`, "utf8").catch(() => readFile(first, "utf8")));
  for (let n = 2; n <= learns; n++) {
    session.progress.note(`${workload.name}: learning again (${n} of ${learns})`);
    const { learned } = await learnAsAsked(session, workload, planOf(application));
    const own = join(folder, String(n));
    await mkdir(own, { recursive: true });
    const { strategyFile } = await writeLearned(learned, own);
    const text = comparable(await readFile(strategyFile, "utf8"));
    if (text !== expected) return { holds: false, detail: difference(expected, text, n) };
  }
  return { holds: true, detail: `${learns} of ${learns}` };
}

/** verify has noted in the first file what it worked on. */
function comparable(text: string): string {
  return text.replace(/\nverifiedOn:[^]*$/, "");
}

function difference(expected: string, text: string, n: number): string {
  const [before, after] = [expected.split("\n"), text.split("\n")];
  const at = before.findIndex((line, index) => line !== after[index]);
  return `learn ${n} differs: ${before[at]?.trim()} / ${after[at]?.trim()}`;
}

/** Each path is on a volume; that its content was found again is the test's to say, of the replaced container. */
function persistsCheck({ persists }: CorpusWorkload, { strategy, verdict }: Comparison, { entries }: Strategy): Check {
  const volumes = entries.filter(({ kind }) => kind === "volume").map(({ path }) => path);
  const lost = persists.filter((path) => !volumes.some((volume) => isWithin(path, volume) || isWithin(volume, path)));
  if (lost.length > 0) return { holds: false, detail: `no volume for ${lost.join(", ")}` };
  if (!strategy.works) return { holds: false, detail: "the strategy does not work" };
  const replaced = verdict.phases.some(({ phase }) => phase === "replace");
  return {
    holds: replaced,
    detail: persists.length === 0 ? "nothing to keep" : `${persists.length} of ${persists.length}`,
  };
}

/** Every tmpfs of the exported command has a size, and each mount that Docker bounds by nothing is named beside it. */
function boundedCheck(strategy: Strategy): Check {
  const { text, notes } = exportDocker(strategy);
  const unbounded = [...text.matchAll(/--tmpfs (\S+)/g)]
    .map(([, value]) => value ?? "")
    .filter((value) => !value.includes("size="));
  const onDisk = strategy.entries.filter(({ kind }) => kind === "seeded" || kind === "scratch").map(({ path }) => path);
  const untold = onDisk.filter((path) => !notes.some((one) => one.includes(path)));
  if (unbounded.length + untold.length > 0)
    return { holds: false, detail: `without a bound, and nothing says so: ${[...unbounded, ...untold].join(", ")}` };
  return { holds: true, detail: onDisk.length === 0 ? "all" : `all; said to be unbounded: ${onDisk.join(", ")}` };
}
