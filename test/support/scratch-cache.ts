import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";

/** A cache directory of a test's own: an engine nobody shares, and packages that need not be fetched again. */
export function scratchCache(): { readonly directory: string; remove(): void } {
  const packages = join(defaultCacheDir(), "packages");
  mkdirSync(packages, { recursive: true, mode: 0o755 });
  const directory = mkdtempSync(join(tmpdir(), "petrify-cache-"));
  symlinkSync(packages, join(directory, "packages"));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
