import { parseSize } from "../../../model/units.ts";
import { words } from "../mounts.ts";

/**
 * Options of a local volume as Podman must be given them: Docker's `size` within `o`, and a tmpfs's in blocks. Where the
 * kernel's pages are larger than those of x86, the tmpfs is larger too; it stays bounded.
 */
export function podmanVolumeOptions(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { size, o, ...rest } = options;
  const all = [...words(o), ...(size === undefined ? [] : [`size=${size}`])];
  if (all.length === 0) return options;
  return { ...rest, o: (rest["type"] === "tmpfs" ? all.map(sizeInBlocks) : all).join(",") };
}

const BLOCK_BYTES = 4096;

function sizeInBlocks(option: string): string {
  const [, size] = /^size=(\d+[bkmg]?)$/i.exec(option) ?? [];
  return size === undefined ? option : `nr_blocks=${Math.ceil(parseSize(size) / BLOCK_BYTES)}`;
}

/** The inverse for the `o` of a tmpfs: its size in bytes. */
export function sizeInBytes(o: string | undefined): string {
  return words(o)
    .map((option) => option.replace(/^nr_blocks=(\d+)$/, (_, blocks) => `size=${Number(blocks) * BLOCK_BYTES}`))
    .join(",");
}
