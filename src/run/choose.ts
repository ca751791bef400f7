import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PetrifyError } from "../model/errors.ts";
import type { ImageFacts } from "../model/image.ts";
import type { Strategy } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import { type Fit, fitsWorkload, isVerified, repositoriesOf } from "../strategy/fit.ts";
import { TEMPLATE_TMPFS } from "../strategy/template.ts";
import { loadStrategy } from "../verify/files.ts";
import { isSelfContained } from "../learn/own-volume.ts";

export interface Choice {
  /** Absent: the template. */
  readonly strategy?: Strategy;
  /** One sentence: which, and why. */
  readonly reason: string;
}

/**
 * The strategy to run a workload with: the file that was named, else the one in `folder` that fits and leads nowhere else,
 * else none (the template).
 * Throws E_STRATEGY_NOT_FOUND, E_STRATEGY_INVALID; E_USAGE when the named one does not fit or several do.
 */
export async function chooseStrategy(
  workload: Workload,
  image: ImageFacts,
  options: { readonly file?: string; readonly folder: string },
): Promise<Choice> {
  if (options.file !== undefined) {
    const strategy = await loadStrategy(options.file);
    const fit = fitOf(strategy, workload, image);
    if (!fit.fits)
      throw new PetrifyError("E_USAGE", `The strategy ${options.file} does not fit. ${fit.reason}`, {
        hint: "Learn this run first, or leave --strategy out.",
      });
    return { strategy, reason: `strategy ${options.file}${verifiedText(strategy, image)}` };
  }
  const fitting: { file: string; strategy: Strategy }[] = [];
  const near: string[] = [];
  const files = await strategyFiles(options.folder);
  for (const file of files) {
    const strategy = await loadStrategy(file);
    const fit = unasked(strategy, fitOf(strategy, workload, image));
    if (fit.fits) fitting.push({ file, strategy });
    else if (isOfImage(strategy, workload, image)) near.push(`${file} does not fit. ${fit.reason}`);
  }
  const [only, second] = fitting;
  if (only !== undefined && second !== undefined)
    throw new PetrifyError("E_USAGE", `Several strategies fit: ${fitting.map(({ file }) => file).join(", ")}.`, {
      hint: "Name one with --strategy.",
    });
  if (only !== undefined)
    return { strategy: only.strategy, reason: `strategy ${only.file} fits${verifiedText(only.strategy, image)}` };
  const why =
    near[0] ?? (files.length === 0 ? "no *.strategy.yaml is here" : "no *.strategy.yaml here is for this image");
  return { reason: `template (tmpfs on ${Object.keys(TEMPLATE_TMPFS).join(", ")}): ${why}` };
}

/** As learned, and with each directory of the host that the strategy counts on: nobody's files are mounted unasked. */
function fitOf(strategy: Strategy, workload: Workload, image: ImageFacts): Fit {
  const given = new Set(workload.mounts.map((mount) => mount.target));
  const missing = strategy.entries.find((entry) => entry.kind === "bind" && !given.has(entry.path));
  return missing === undefined
    ? fitsWorkload(strategy, workload, image)
    : { fits: false, reason: `It was learned with a bind mount on ${missing.path}, which this run does not have.` };
}

/** A volume's driver and its options can lead to any directory of this host or to a server: not for a file that happens to lie here. */
function unasked(strategy: Strategy, fit: Fit): Fit {
  const led = strategy.entries.find((entry) => entry.kind === "volume" && !isSelfContained(entry));
  return led === undefined || !fit.fits
    ? fit
    : { fits: false, reason: `It has a volume driver or its options on ${led.path}: name the file with --strategy.` };
}

function isOfImage({ fits }: Strategy, workload: Workload, image: ImageFacts): boolean {
  return repositoriesOf(workload.image, image).some((repository) => fits.repositories.includes(repository));
}

function verifiedText(strategy: Strategy, image: ImageFacts): string {
  const { readOnlyPaths } = strategy;
  const partial =
    readOnlyPaths === undefined ? "" : `; only ${readOnlyPaths.join(", ")} are read-only, the root is NOT`;
  return `${isVerified(strategy, image) ? ", verified on this image" : ", UNVERIFIED on this image"}${partial}`;
}

async function strategyFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(".strategy.yaml"))
    .toSorted()
    .map((name) => join(folder, name));
}
