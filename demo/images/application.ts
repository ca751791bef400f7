import { chown, lstat, mkdir, readdir, readFile, rm, symlink, writeFile, chmod } from "node:fs/promises";
import { dirname, join } from "node:path";
import { proxyEnvironment } from "./apt.ts";
import { type Layer } from "./cache.ts";
import { packLayer } from "./layer-tar.ts";
import type { ImageRecipe, RecipeFile } from "./recipe.ts";
import { runIsolated } from "./sandbox.ts";
import { whiteouts } from "./whiteouts.ts";

/** Builds what a recipe adds to its base. `work` is an empty folder; `baseTree` is not changed. */
export async function buildApplicationLayer(
  recipe: ImageRecipe,
  baseTree: string,
  work: string,
  signal: AbortSignal | undefined,
): Promise<Layer> {
  const upper = join(work, "upper");
  await mkdir(upper, { recursive: true, mode: 0o755 });
  let packages: readonly string[] = [];
  if (recipe.packages.length > 0 || recipe.setup !== undefined) {
    await runIsolated(["sh", join(import.meta.dirname, "install-layer.sh"), baseTree, work, ...recipe.packages], {
      what: `installing ${recipe.packages.join(", ")}`,
      stdin: recipe.setup ?? "",
      env: await proxyEnvironment(),
      ...(signal === undefined ? {} : { signal }),
    });
    packages = (await readFile(join(work, "packages"), "utf8")).trim().split("\n");
    await removeOverlayMarkers(upper);
    for (const marker of whiteouts(await list(join(work, "base.list")), await list(join(work, "merged.list"))))
      await writeFile(join(upper, marker), "");
  }
  for (const [path, file] of Object.entries(recipe.files ?? {})) await put(join(upper, path), file);
  return { ...(await packLayer(upper, join(work, "layer.tar"), signal)), packages };
}

async function list(file: string): Promise<readonly string[]> {
  return (await readFile(file, "utf8")).split("\0").filter((path) => path !== "");
}

/** overlayfs marks a deletion by a character device 0:0 (Documentation/filesystems/overlayfs.rst), which layer archives do not know. */
async function removeOverlayMarkers(upper: string): Promise<void> {
  for (const entry of await readdir(upper, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isCharacterDevice() && (await lstat(path)).rdev === 0) await rm(path);
  }
}

async function put(path: string, file: RecipeFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  if ("linkTo" in file) return symlink(file.linkTo, path);
  if ("text" in file) await writeFile(path, file.text);
  else {
    await mkdir(path, { recursive: true });
    await chown(path, file.uid ?? 0, file.gid ?? 0);
  }
  // Explicitly, because the umask takes bits away from a requested mode.
  await chmod(path, file.mode);
}
