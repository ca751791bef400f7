import { DOCKERD } from "../../src/engine/embedded/dockerd.ts";
import type { EngineProgram } from "../../src/engine/embedded/program.ts";

/** Of the host; root in every container is the first of them. */
export const FIRST_ID = 30_000_000;

/**
 * dockerd with `--userns-remap`. It looks for its user and the ranges in /etc, so that is laid over in this mount namespace alone.
 * The copy of /run it works with is the host's: what it adds there is its layout's.
 */
export const REMAPPED_DOCKERD: EngineProgram = {
  packages: DOCKERD.packages,
  prepare(layout, packages, proxy) {
    const launch = DOCKERD.prepare(layout, packages, proxy);
    return {
      ...launch,
      script: SET_UP + launch.script.replace("exec dockerd", "exec dockerd --userns-remap petrify-remap"),
      env: { ...launch.env, PETRIFY_RUN_DIR: layout.runDir },
    };
  },
};

const SET_UP = `
etc=$PETRIFY_RUN_DIR/etc
mkdir -p "$etc"
mount -t tmpfs -o mode=0755 petrify "$etc"
mkdir "$etc/upper" "$etc/work"
mount -t overlay -o "lowerdir=/etc,upperdir=$etc/upper,workdir=$etc/work" petrify /etc
echo petrify-remap:x:64322:64322::/:/bin/sh >> /etc/passwd
echo petrify-remap:x:64322: >> /etc/group
for file in subuid subgid; do echo "petrify-remap:${FIRST_ID}:65536" > "/etc/$file"; done
`;
