import { mkdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { PetrifyError } from "../../src/model/errors.ts";
import { buildApplicationLayer } from "./application.ts";
import { candidateVersions, type Distribution, hostDistribution, ociArchitecture } from "./apt.ts";
import { imageArchive } from "./archive.ts";
import { BASE_PACKAGES, buildBusyboxTree, buildDebianTree } from "./base.ts";
import { cachedLayer, hashOf, imageCacheFolder, type Layer, storedOnce, workFolder } from "./cache.ts";
import { packLayer } from "./layer-tar.ts";
import type { ImageRecipe } from "./recipe.ts";
import { runIsolated } from "./sandbox.ts";

/** The part of an engine that takes images in. */
export type ImageStore = Pick<Engine, "image" | "loadImage">;

export interface BuildOptions {
  readonly signal?: AbortSignal;
  /** Gets one short line at a time; default: standard error. */
  readonly onProgress?: (line: string) => void;
}

/** Changes when the way of building changes, so that older cached layers no longer count. */
const BUILDER_VERSION = 1;

/** Makes sure that the engine has the image of a recipe, built from the cache or from packages; resolves with its reference. Throws E_NOT_ROOT, E_IO, E_DISK_FULL, E_INTERRUPTED. */
export async function ensureImage(store: ImageStore, recipe: ImageRecipe, options: BuildOptions = {}): Promise<string> {
  const [reference] = await ensureImages(store, [recipe], options);
  return reference as string;
}

/** `ensureImage` for several at once: they share their base, and as many are built at a time as there are processors. */
export async function ensureImages(
  store: ImageStore,
  recipes: readonly ImageRecipe[],
  options: BuildOptions = {},
): Promise<readonly string[]> {
  const session = await BuildSession.open(recipes, options);
  try {
    const references: string[] = [];
    const waiting = [...recipes.entries()];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        references[next[0]] = await session.ensure(store, next[1]);
    };
    const results = await Promise.allSettled(Array.from({ length: availableParallelism() }, worker));
    // Only after all have ended: the work folder below is theirs.
    for (const result of results) if (result.status === "rejected") throw result.reason;
    return references;
  } finally {
    await session.close();
  }
}

type BaseName = ImageRecipe["base"];

/** Unpacks a base into a folder of one's own, from the cache or built from packages. Throws what `ensureImage` throws. */
export async function unpackBase(name: BaseName, folder: string, options: BuildOptions = {}): Promise<void> {
  const session = await BuildSession.open([{ base: name, packages: [] }], options);
  try {
    await unpackLayer(await session.base(name).layer(), folder);
  } finally {
    await session.close();
  }
}

async function unpackLayer({ tar }: Layer, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await runIsolated(["tar", "-C", folder, "--numeric-owner", "-xpf", tar], { what: "unpacking the base image" });
}

interface Base {
  readonly key: string;
  readonly version: string;
  /** Builds it when the cache does not have it. */
  readonly layer: () => Promise<Layer>;
  /** The base unpacked, to install packages in. */
  readonly tree: () => Promise<string>;
}

/** What this host would build now: decides what the cache's keys are. */
interface Host {
  readonly distribution: Distribution;
  readonly architecture: string;
  readonly versions: ReadonlyMap<string, string>;
}

class BuildSession {
  readonly #folder: string;
  readonly #host: Host;
  readonly #options: BuildOptions;
  readonly #bases = new Map<BaseName, Base>();
  #work: Promise<string> | undefined;

  private constructor(folder: string, host: Host, options: BuildOptions) {
    this.#folder = folder;
    this.#host = host;
    this.#options = options;
  }

  static async open(
    recipes: readonly Pick<ImageRecipe, "base" | "packages">[],
    options: BuildOptions,
  ): Promise<BuildSession> {
    const packages = recipes.flatMap((recipe) => [...BASE_PACKAGES[recipe.base], ...recipe.packages]);
    const host = {
      distribution: await hostDistribution(),
      architecture: await ociArchitecture(),
      versions: await candidateVersions([...new Set(packages)]),
    };
    return new BuildSession(await imageCacheFolder(), host, options);
  }

  async close(): Promise<void> {
    if (this.#work !== undefined) await rm(await this.#work, { recursive: true, force: true });
  }

  async ensure(store: ImageStore, recipe: ImageRecipe): Promise<string> {
    const base = this.base(recipe.base);
    const version = this.#host.versions.get(recipe.packages[0] ?? "") ?? base.version;
    const run = recipe.run(version);
    const layerKey = hashOf([base.key, this.#versions(recipe.packages), recipe.setup, recipe.files]);
    const reference = `petrify-demo/${recipe.name}:${tagOf(version)}-${hashOf([layerKey, run]).slice(0, 8)}`;
    if ((await store.image(reference)) !== undefined) return reference;

    const top = await this.#applicationLayer(recipe, base, layerKey);
    const layers = [await base.layer(), top];
    this.#report(`loading ${reference}`);
    const labels = { "petrify.demo": recipe.name };
    await store.loadImage(imageArchive({ reference, layers, run, labels, architecture: this.#host.architecture }));
    return reference;
  }

  #applicationLayer(recipe: ImageRecipe, base: Base, key: string): Promise<Layer> {
    return storedOnce(this.#folder, recipe.name, key, async () => {
      this.#report(`building ${recipe.name}${recipe.packages.length > 0 ? ` from ${recipe.packages.join(", ")}` : ""}`);
      const needsBase = recipe.packages.length > 0 || recipe.setup !== undefined;
      const baseTree = needsBase ? await base.tree() : "";
      const work = join(await this.#workFolder(), recipe.name);
      return buildApplicationLayer(recipe, baseTree, work, this.#options.signal);
    });
  }

  base(name: BaseName): Base {
    const known = this.#bases.get(name);
    if (known !== undefined) return known;
    const { distribution, architecture } = this.#host;
    const versions = this.#versions(BASE_PACKAGES[name]);
    const key = hashOf([BUILDER_VERSION, architecture, distribution.suite, versions]);
    let layer: Promise<Layer> | undefined;
    let tree: Promise<string> | undefined;
    const base: Base = {
      key,
      version: versions[0] as string,
      layer: () => (layer ??= this.#baseLayer(name, key, () => (tree ??= this.#buildTree(name)))),
      tree: () => (tree ??= this.#unpackOrBuild(name, key)),
    };
    this.#bases.set(name, base);
    return base;
  }

  #versions(packages: readonly string[]): readonly string[] {
    return packages.map((name) => this.#host.versions.get(name) as string);
  }

  #baseLayer(name: BaseName, key: string, buildTree: () => Promise<string>): Promise<Layer> {
    return storedOnce(this.#folder, `base-${name}`, key, async () =>
      packLayer(await buildTree(), join(await this.#workFolder(), `${name}.tar`), this.#options.signal),
    );
  }

  async #buildTree(name: BaseName): Promise<string> {
    this.#requireRoot();
    this.#report(`building the ${name} base`);
    const work = await this.#workFolder();
    const tree = join(work, `base-${name}`);
    const build = name === "debian" ? buildDebianTree : buildBusyboxTree;
    await build({ tree, work, distribution: this.#host.distribution, signal: this.#options.signal });
    return tree;
  }

  async #unpackOrBuild(name: BaseName, key: string): Promise<string> {
    const cached = await cachedLayer(this.#folder, `base-${name}`, key);
    if (cached === undefined) return this.#buildTree(name);
    this.#requireRoot();
    const tree = join(await this.#workFolder(), `base-${name}`);
    await unpackLayer(cached, tree);
    return tree;
  }

  #requireRoot(): void {
    if (process.getuid?.() !== 0)
      throw new PetrifyError(
        "E_NOT_ROOT",
        "Building images needs root: packages are installed in a root file system of their own.",
        {
          hint: "Run it with sudo.",
        },
      );
  }

  #workFolder(): Promise<string> {
    return (this.#work ??= workFolder(this.#folder));
  }

  #report(line: string): void {
    (this.#options.onProgress ?? console.error)(line);
  }
}

/** A tag may hold `[A-Za-z0-9_.-]` only; Debian versions also have `:`, `+` and `~`. */
function tagOf(version: string): string {
  return version.replace(/^\d+:/, "").replaceAll(/[^A-Za-z0-9_.-]/g, "_");
}
