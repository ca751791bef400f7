import type { LayerChange, LayerChanges } from "../../../model/change.ts";
import { PetrifyError } from "../../../model/errors.ts";
import { isWithin, parentOf } from "../../../strategy/paths.ts";
import type { LayerContent } from "../../engine.ts";
import type { DockerApi } from "../api.ts";
import type * as z from "zod";
import { changesAnswer, type ContainerAnswer, type FoundAnswer } from "../schemas.ts";
import { askForFile } from "./file-question.ts";
import { containerLayers, exportTree, type LayerFacts } from "./container-tree.ts";

/** The API's numbers (moby pkg/archive ChangeType). */
const KINDS: readonly LayerChange["kind"][] = ["changed", "added", "deleted"];

/** Mounts that an engine makes and does not name, by what they leave in the layer. */
type UntoldTargets = (changes: readonly LayerChange[]) => readonly string[];

/**
 * What the container wrote into its own layer, without its mounts: by the overlay's upper directory where it can be read,
 * else by the engine's own comparison, and its export or, with `mostFiles`, a question for each file. All of these are slow.
 */
export async function layerChanges(
  api: DockerApi,
  container: FoundAnswer,
  facts: LayerFacts,
  { mostFiles, untoldTargets }: { readonly mostFiles?: number; readonly untoldTargets?: UntoldTargets } = {},
): Promise<LayerChanges> {
  const [upper, ...lower] = (await containerLayers(container, facts)) ?? [];
  if (upper !== undefined) return ofItsOwn(await readUpper(upper, lower, facts), container, untoldTargets);
  const answer = await comparison(api, container);
  const all = await (mostFiles === undefined
    ? withExport(api, container, answer)
    : withQuestions(api, container, answer, mostFiles));
  return ofItsOwn(all, container, untoldTargets);
}

/** The same with the content of files; undefined when the layer cannot be read on disk. */
export async function layerContent(
  container: FoundAnswer,
  facts: LayerFacts,
  content: LayerContent,
  untoldTargets?: UntoldTargets,
): Promise<LayerChanges | undefined> {
  const [upper, ...lower] = (await containerLayers(container, facts)) ?? [];
  if (upper === undefined) return undefined;
  return ofItsOwn(await readUpper(upper, lower, facts, content), container, untoldTargets);
}

function ofItsOwn(all: LayerChanges, container: FoundAnswer, untoldTargets: UntoldTargets = () => []): LayerChanges {
  // A tmpfs of `--tmpfs` is not among the mounts.
  const targets = [
    ...container.Mounts.map(({ Destination }) => Destination),
    ...Object.keys(container.HostConfig.Tmpfs),
    ...untoldTargets(all.changes),
  ];
  return { ...all, changes: withoutMountPoints(all.changes, targets) };
}

async function readUpper(
  upper: string,
  lower: readonly string[],
  { remappedRoot }: LayerFacts,
  content?: LayerContent,
): Promise<LayerChanges> {
  // koffi takes 20 ms to load, and most commands never get here.
  const [{ LayerTree }, { readUpperLayer }] = await Promise.all([
    import("./layer-tree.ts"),
    import("./upper-layer.ts"),
  ]);
  try {
    return readUpperLayer(upper, new LayerTree(lower, remappedRoot), {
      remappedRoot,
      ...(content !== undefined && { content }),
    });
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) throw cause;
    throw new PetrifyError("E_CONTAINER_NOT_FOUND", "The container was removed while its layer was looked at.", {
      hint: "Ask again when it is there.",
      cause,
    });
  }
}

type Comparison = z.infer<typeof changesAnswer>;

function comparison(api: DockerApi, { Id }: ContainerAnswer): Promise<Comparison> {
  const action = "compare the container with its image";
  return api.json({ action, method: "GET", path: `/containers/${Id}/changes`, timeoutMs: 600_000 }, changesAnswer);
}

async function withExport(api: DockerApi, container: ContainerAnswer, answer: Comparison): Promise<LayerChanges> {
  const parents = new Set(answer.map(({ Path }) => parentOf(Path)));
  const times = new Map<string, number | undefined>(answer.map(({ Path }) => [Path, undefined]));
  const tree = await exportTree(api, container.Id, (path, changedAtMs) => {
    if (times.has(path)) times.set(path, changedAtMs);
  });
  const changes = answer.flatMap(({ Path: path, Kind }): readonly LayerChange[] => {
    const kind = KINDS[Kind];
    if (kind === undefined) return [];
    if (kind === "deleted") return [{ path, kind }];
    const entry = tree.entry(path);
    // The directories above a change are called changed as well.
    if (entry === undefined || (kind === "changed" && entry.type === "dir" && parents.has(path))) return [];
    const changedAtMs = times.get(path);
    return [{ path, kind, entry, ...(changedAtMs !== undefined && { changedAtMs }) }];
  });
  return { changes: changes.toSorted((a, b) => (a.path < b.path ? -1 : 1)), unread: [] };
}

/** Directories that hold a change are known by it, and what is deleted has nothing to ask for. */
async function withQuestions(
  api: DockerApi,
  container: ContainerAnswer,
  answer: Comparison,
  mostFiles: number,
): Promise<LayerChanges> {
  const parents = new Set(answer.map(({ Path }) => parentOf(Path)));
  const leaves = answer.filter(({ Path, Kind }) => KINDS[Kind] !== "deleted" && !parents.has(Path));
  const asked = leaves.slice(0, mostFiles);
  const left = leaves.length - asked.length;
  const changes: LayerChange[] = [];
  for (const { Path: path, Kind } of asked) {
    const found = await askForFile(api, container.Id, path);
    const kind = KINDS[Kind];
    if (found !== undefined && kind !== undefined) changes.push({ path, kind, ...found });
  }
  return {
    changes: changes.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    unread: left > 0 ? [`${left} more files changed than the ${mostFiles} that were looked at`] : [],
  };
}

/** Engines make mount points, and the directories on the way to them, in the container's layer. */
function withoutMountPoints(changes: readonly LayerChange[], targets: readonly string[]): readonly LayerChange[] {
  const filled = new Set<string>();
  const kept = changes.toReversed().filter(({ path, kind, entry }) => {
    const isOnTheWay = kind === "added" && entry?.type === "dir" && targets.some((target) => isWithin(target, path));
    if (targets.some((target) => isWithin(path, target)) || (isOnTheWay && !filled.has(path))) return false;
    filled.add(parentOf(path));
    return true;
  });
  return kept.toReversed();
}
