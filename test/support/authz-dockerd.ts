import { DOCKERD } from "../../src/engine/embedded/dockerd.ts";
import type { EngineProgram } from "../../src/engine/embedded/program.ts";

/**
 * dockerd that asks the authorization plugin at `socketPath`. It finds plugins in /run/docker/plugins and, by a file that names the
 * socket, in /etc/docker/plugins: that is laid over in this mount namespace alone.
 */
export function authzDockerd(socketPath: string): EngineProgram {
  return {
    packages: DOCKERD.packages,
    prepare(layout, packages, proxy) {
      const launch = DOCKERD.prepare(layout, packages, proxy);
      return {
        ...launch,
        script: SET_UP + launch.script.replace("exec dockerd", "exec dockerd --authorization-plugin petrify"),
        env: { ...launch.env, PETRIFY_RUN_DIR: layout.runDir, PETRIFY_PLUGIN: `unix://${socketPath}` },
      };
    },
  };
}

const SET_UP = `
etc=$PETRIFY_RUN_DIR/etc
mkdir -p "$etc"
mount -t tmpfs -o mode=0755 petrify "$etc"
mkdir "$etc/upper" "$etc/work"
mount -t overlay -o "lowerdir=/etc,upperdir=$etc/upper,workdir=$etc/work" petrify /etc
mkdir -p /etc/docker/plugins
echo "$PETRIFY_PLUGIN" > /etc/docker/plugins/petrify.spec
`;
