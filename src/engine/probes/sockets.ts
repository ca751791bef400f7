import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Probe } from "./probe.ts";

/** The sockets at which engines are by default, Docker's before Podman's, the system's before the user's. */
export const socketProbes: readonly Probe[] = [
  socketProbe("docker socket", () => "/var/run/docker.sock"),
  socketProbe("rootless docker socket", (env) => inRuntimeDirectory(env, "docker.sock")),
  socketProbe("podman socket", () => "/run/podman/podman.sock"),
  socketProbe("rootless podman socket", (env) => inRuntimeDirectory(env, "podman/podman.sock")),
];

function inRuntimeDirectory(env: NodeJS.ProcessEnv, path: string): string | undefined {
  const directory = env["XDG_RUNTIME_DIR"];
  return directory ? join(directory, path) : undefined;
}

/** Finds a socket file where `place` says that one would be. */
export function socketProbe(name: string, place: (env: NodeJS.ProcessEnv) => string | undefined): Probe {
  return {
    name,
    async find(_options, env) {
      const path = place(env);
      if (path === undefined) return undefined;
      const found = await stat(path).catch(() => undefined);
      return found?.isSocket() === true
        ? { endpoint: { kind: "unix", path }, foundBy: `socket ${path}`, named: false }
        : undefined;
    },
  };
}
