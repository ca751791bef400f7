import type { Strategy, VolumeEntry } from "../model/strategy.ts";

/** Docker's local driver makes a directory of the name (NAME_MAX is 255); the rest is room for prefixes of other tools. */
const LONGEST = 200;

/**
 * Name of the volume for an entry, the same each time: `redis_var-lib-redis`. Two strategies, or two paths, never share one, because
 * that would mix the data of two applications: the part after the last `_` spells the path in a way that can be read back.
 */
export function volumeNameFor(strategy: Strategy, entry: VolumeEntry): string {
  const slug = entry.path.slice(1).split("/").map(spell).join("-");
  const name = `${strategy.name}_${slug}`;
  return name.length <= LONGEST ? name : `${name.slice(0, LONGEST - 17)}.${fingerprint(name)}`;
}

/** One `-` is a `/`, so an inner one of the name is doubled; what a volume name cannot hold, and a `-` at either end, becomes `.` and hexadecimal UTF-8. */
function spell(name: string): string {
  return name
    .replaceAll(/[^A-Za-z0-9-]+|^-+|-+$/gu, (run) =>
      Array.from(new TextEncoder().encode(run), (byte) => "." + byte.toString(16).padStart(2, "0")).join(""),
    )
    .replaceAll("-", "--");
}

/** FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/. Only for names too long to be spelled out. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}
