import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SYSTEM_PATH } from "../../src/engine/embedded/command.ts";
import { DOCKERD } from "../../src/engine/embedded/dockerd.ts";
import type { EngineProgram } from "../../src/engine/embedded/program.ts";
import { unpackedFromNextRelease } from "./next-release.ts";

/** Docker 26, set up as the embedded engine is, with the containerd image store. */
export const IMAGE_STORE = newerDocker({ features: { "containerd-snapshotter": true } });
/** The same with a graph driver (overlay2). */
export const NEWER_DOCKER = newerDocker({});

function newerDocker(settings: Readonly<Record<string, unknown>>): EngineProgram {
  return {
    packages: DOCKERD.packages,
    prepare(layout, packages, proxy) {
      const newer = unpackedFromNextRelease(["docker.io", "containerd", "runc", "libc6"]);
      const versions = { ...packages.versions, "docker.io": "26" };
      const { script, args, env } = DOCKERD.prepare(layout, { ...packages, versions }, proxy);
      const configFile = args.at(-1) ?? "";
      const config = JSON.parse(readFileSync(configFile, "utf8")) as Record<string, unknown>;
      writeFileSync(configFile, JSON.stringify({ ...config, ...settings }));
      return {
        script: OVERLAY + script,
        args: [join(newer, "usr"), join(packages.root, "usr"), ...args],
        // The unpacked programs and libraries lie in /usr itself; this host's loader does not go with the newer libc.
        env: { ...env, PATH: `${join(layout.runDir, "bin")}:${SYSTEM_PATH}`, LD_LIBRARY_PATH: "" },
      };
    },
  };
}

/** The newer runc needs a newer libc than Debian 12 has, and starts itself again by its path: neither goes with a library path. */
const OVERLAY = `
set -eu
mount -t overlay -o "lowerdir=$1:$2:/usr" petrify /usr
shift 2
`;
