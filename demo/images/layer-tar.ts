import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Layer } from "./cache.ts";
import { run } from "./sandbox.ts";

/** Not part of any image: what apt downloaded, and what the engine mounts or fills itself. */
const EXCLUDED = [
  "./var/lib/apt/lists/*",
  "./var/cache/apt/*",
  "./var/cache/debconf/*-old",
  "./var/lib/dpkg/*-old",
  "./var/log/apt/*",
  "./var/log/dpkg.log",
  "./var/log/alternatives.log",
  "./etc/resolv.conf",
  "./etc/hostname",
  "./dev/*",
];

/** Packs a folder as a layer. Throws E_DISK_FULL, E_IO, E_INTERRUPTED. */
export async function packLayer(folder: string, tar: string, signal: AbortSignal | undefined): Promise<Layer> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(null, chunk);
    },
  });
  const excludes = EXCLUDED.map((pattern) => `--exclude=${pattern}`);
  // File capabilities are part of a package; overlayfs' own attributes are not.
  const format = ["--numeric-owner", "--sort=name", "--xattrs", "--xattrs-include=security.capability"];
  await run(["tar", "-C", folder, ...format, ...excludes, "-cf", "-", "."], {
    what: "packing a layer",
    onStdout: (stdout) => pipeline(stdout, count, createWriteStream(tar)),
    ...(signal === undefined ? {} : { signal }),
  });
  return { tar, diffId: `sha256:${hash.digest("hex")}`, sizeBytes, created: new Date().toISOString(), packages: [] };
}
