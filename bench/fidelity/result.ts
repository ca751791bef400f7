import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { corpusFolder } from "../../demo/corpus.ts";
import type { Attempt } from "../../demo/attempt.ts";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import { writeWhole } from "../../src/learn/write-whole.ts";
import type { Surface } from "./surface.ts";

export type PlanName = "plain" | "template" | "naive" | "petrify";

export interface PlanResult {
  readonly attempt: Attempt;
  /** Writable mounts. */
  readonly mounts: number;
  readonly surface: Surface;
}

/** A promise that was tried: kept, or not and why. */
export interface Check {
  readonly holds: boolean;
  /** A few words: how much was tried, or what failed. */
  readonly detail: string;
}

export interface Measured {
  readonly plans: Readonly<Record<PlanName, PlanResult>>;
  /** Petrify's, where volumes are mounted `noexec`. Absent in results of older code. */
  readonly noexec?: Surface;
  readonly handEdits: readonly string[];
  /** `kind path`, sorted. */
  readonly entries: readonly string[];
  readonly checks: {
    readonly minimal: Check;
    readonly learns: Check;
    readonly persists: Check;
    readonly bounded: Check;
    readonly compose: Check;
    readonly podman?: Check;
  };
}

/** What is known of one application. */
export interface Result {
  readonly name: string;
  /** Of the code and the application's folder that it was measured with. */
  readonly key: string;
  readonly seconds: number;
  readonly measured?: Measured;
  /** Why there is no measurement: not even the writable container worked, or Petrify gave up. */
  readonly failure?: string;
}

const ROOT = join(import.meta.dirname, "../..");

/** Changes with every line of Petrify's code, of what builds and measures, and of the application. */
export async function keyOf(name: string, learns: number): Promise<string> {
  const hash = createHash("sha256").update(String(learns));
  for (const folder of ["src", "demo", "bench/fidelity", "test/support"]
    .map((one) => join(ROOT, one))
    .concat(corpusFolder(name)))
    for (const file of (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts") && entry.name !== "page.ts")
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted())
      hash.update(file.slice(ROOT.length)).update(await readFile(file));
  return hash.digest("hex").slice(0, 16);
}

/** Where results and what they were measured with are kept; outside the checkout. */
export async function resultsFolder(): Promise<string> {
  const folder = join(defaultCacheDir(), "fidelity");
  await mkdir(folder, { recursive: true, mode: 0o755 });
  return folder;
}

export async function readResult(name: string): Promise<Result | undefined> {
  const text = await readFile(join(await resultsFolder(), `${name}.json`), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Result);
}

export async function writeResult(result: Result): Promise<void> {
  await writeWhole(join(await resultsFolder(), `${result.name}.json`), JSON.stringify(result, undefined, 1));
}
