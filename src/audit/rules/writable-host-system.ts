import { hostBinds, isEngineSocket, isHostSystem } from "../host-paths.ts";
import type { AuditMount, Settings } from "../container.ts";
import type { Rule } from "../rule.ts";
import { isRoot } from "./root-user.ts";

const BELOW = "what the host has mounted below it (/proc, /sys, /dev)";
const ONE_MOUNT =
  "Mount only the directory that it needs, or this one without what is mounted below it (--mount with bind-nonrecursive).";

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
    hostBinds(settings).flatMap((found) => {
      const { source, target, at } = found;
      const key = `${source}:${target}`;
      if (!found.readOnly && isHostSystem(source) && !isEngineSocket(source))
        return [{ message: `${source} of the host is writable in the container, at ${target}.`, at, key }];
      return isReadOnlyOnTop(found, settings)
        ? [
            {
              message: `${source} of the host is read-only at ${target}, but ${BELOW} is writable.`,
              fix: ONE_MOUNT,
              at,
              key,
            },
          ]
        : [];
    }),
  fires: [
    { what: "the host's root", settings: { mounts: [bind("/", "/host")] } },
    { what: "its configuration", settings: { mounts: [bind("/etc", "/etc")] } },
    { what: "the engine's state", settings: { mounts: [bind("/var/lib/docker", "/var/lib/docker")] } },
    {
      what: "its root read-only, by an engine that leaves what is mounted below as it is",
      input: "engine",
      settings: { mounts: [{ ...bind("/", "/host"), readOnly: true, readOnlyBelow: false }] },
    },
    { what: "one program", settings: { mounts: [bind("/usr/bin/docker", "/usr/bin/docker")] } },
  ],
  silent: [
    { what: "read-only", settings: { mounts: [{ ...bind("/", "/host"), readOnly: true }] } },
    {
      what: "its root read-only like that, for a user who may not write there",
      input: "engine",
      settings: {
        user: { value: "nobody" },
        mounts: [{ ...bind("/", "/host"), readOnly: true, readOnlyBelow: false }],
      },
    },
    { what: "a directory for data", settings: { mounts: [bind("/srv/data", "/data")] } },
    { what: "one volume of the engine", settings: { mounts: [bind("/var/lib/docker/volumes/x/_data", "/data")] } },
    { what: "the host's time zone", settings: { mounts: [bind("/etc/localtime", "/etc/localtime")] } },
  ],
};

function bind(source: string, target: string) {
  return { type: "bind", source, target, readOnly: false } as const;
}

/** A bind takes along what is mounted below, and `ro` is said of the topmost mount alone (mount(8), "Bind mounts"). */
function isReadOnlyOnTop(
  { source, readOnly, readOnlyBelow }: AuditMount & { readonly source: string },
  { user }: Settings,
): boolean {
  return source === "/" && readOnly && readOnlyBelow === false && isRoot(user?.value ?? "");
}
