import { hostBinds, isEngineSocket, isHostSystem } from "../host-paths.ts";
import type { Rule } from "../rule.ts";

export const writableHostSystem: Rule = {
  id: "writable-host-system",
  title: "System directories of the host are writable",
  severity: "high",
  why:
    "The container can change the host's programs, configuration or container storage, and so take the host over. Its own " +
    "read-only root does not matter then.",
  fix: "Mount only the directory that it needs, and read-only.",
  topic: "isolation",
  maps: {
    cisDocker: ["5.6"],
    cisKubernetes: ["5.2.12"],
    nist800190: ["4.4.3", "4.5.5"],
    stig: ["V-235783"],
  },
  needs: ["mounts"],
  check: ({ settings }) =>
    hostBinds(settings)
      .filter(({ source, readOnly }) => !readOnly && isHostSystem(source) && !isEngineSocket(source))
      .map(({ source, target, at }) => ({
        message: `${source} of the host is writable in the container, at ${target}.`,
        at,
        key: `${source}:${target}`,
      })),
  fires: [
    { what: "the host's root", settings: { mounts: [bind("/", "/host")] } },
    { what: "its configuration", settings: { mounts: [bind("/etc", "/etc")] } },
    { what: "the engine's state", settings: { mounts: [bind("/var/lib/docker", "/var/lib/docker")] } },
    { what: "one program", settings: { mounts: [bind("/usr/bin/docker", "/usr/bin/docker")] } },
  ],
  silent: [
    { what: "read-only", settings: { mounts: [{ ...bind("/", "/host"), readOnly: true }] } },
    { what: "a directory for data", settings: { mounts: [bind("/srv/data", "/data")] } },
    { what: "one volume of the engine", settings: { mounts: [bind("/var/lib/docker/volumes/x/_data", "/data")] } },
    { what: "the host's time zone", settings: { mounts: [bind("/etc/localtime", "/etc/localtime")] } },
  ],
};

function bind(source: string, target: string) {
  return { type: "bind", source, target, readOnly: false } as const;
}
