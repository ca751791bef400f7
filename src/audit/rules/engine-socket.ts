import { hostBinds, isEngineSocket } from "../host-paths.ts";
import type { Rule } from "../rule.ts";

export const engineSocket: Rule = {
  id: "engine-socket",
  title: "The socket of a container engine is in the container",
  severity: "high",
  why:
    "Who talks to the engine can start a privileged container, and so is root on the host. Mounting the socket read-only changes " +
    "nothing, because a connection is no write.",
  fix: "Remove the mount, or put a proxy between that lets through only what is needed.",
  topic: "isolation",
  maps: {
    cisDocker: ["5.32"],
    cisKubernetes: ["5.2.12"],
    nist800190: ["4.4.3"],
    nist80053: ["CM-7"],
    stig: ["V-235818"],
  },
  needs: ["mounts"],
  windows: true,
  check: ({ settings }) =>
    hostBinds(settings)
      .filter(({ source }) => isEngineSocket(source))
      .map(({ source, at }) => ({ message: `${source} gives the container the host's engine.`, at, key: source })),
  fires: [
    { what: "docker.sock", settings: { mounts: [bind("/var/run/docker.sock")] } },
    { what: "read-only", settings: { mounts: [{ ...bind("/run/docker.sock"), readOnly: true }] } },
    { what: "Podman's", settings: { mounts: [bind("/run/user/1000/podman/podman.sock")] } },
    { what: "containerd's", settings: { mounts: [bind("/run/containerd/containerd.sock")] } },
    { what: "the directory of sockets", settings: { mounts: [bind("/var/run")] } },
    { what: "a socket elsewhere", settings: { mounts: [bind("/srv/engine/docker.sock")] } },
  ],
  silent: [
    { what: "another socket", settings: { mounts: [bind("/run/postgresql/.s.PGSQL.5432")] } },
    { what: "a volume of that name", settings: { mounts: [{ ...bind("docker.sock"), type: "volume" }] } },
    { what: "no mounts", settings: {} },
  ],
};

function bind(source: string) {
  return { type: "bind", source, target: "/mnt/x", readOnly: false } as const;
}
