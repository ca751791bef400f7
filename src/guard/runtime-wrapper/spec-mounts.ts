import { normalize } from "node:path/posix";
import type { RequestedMount } from "../../policy/request.ts";
import { isBelow } from "../../strategy/paths.ts";
import type { OciMount, OciSpec } from "./spec.ts";

/**
 * The mounts of a specification that somebody asked for: without those that engines give to every container, and without what lies in
 * the directory that the engine made for this one (secrets and configs of a service).
 */
export function requestedMounts({ mounts = [] }: OciSpec, ownDirectory?: string): readonly RequestedMount[] {
  const isOwn = ({ source = "" }: OciMount): boolean =>
    ownDirectory !== undefined && isBelow(normalize(source), ownDirectory);
  return mounts.filter((mount) => !isEnginesOwn(mount) && !isOwn(mount)).map(requestedMount);
}

function requestedMount(mount: OciMount): RequestedMount {
  const { source, options = [] } = mount;
  const type = typeOf(mount);
  const propagation = options.find((option) => /^r?(?:shared|slave|private|unbindable)$/.test(option));
  return {
    type,
    ...(type !== "tmpfs" && source !== undefined && { source: normalize(source) }),
    target: cleaned(mount.destination),
    readOnly: options.includes("ro") || options.includes("rro"),
    ...(propagation !== undefined && { propagation }),
    ...(type === "tmpfs" && { exec: !options.includes("noexec") }),
  };
}

function typeOf({ type, source = "", options = [] }: OciMount): RequestedMount["type"] {
  if (type === "tmpfs") return "tmpfs";
  if (type !== "bind" && !options.includes("bind") && !options.includes("rbind")) return "other";
  return VOLUME.test(normalize(source)) ? "volume" : "bind";
}
/** Where Docker and Podman keep the content of their volumes. */
const VOLUME = /\/volumes\/[^/]+\/_data$/;

/** Absolute, as runtimes take it: from the container's root. */
export function cleaned(path: string): string {
  const clean = normalize(`/${path}`);
  return clean.length > 1 ? clean.replace(/\/$/, "") : clean;
}

/** The kernel's file systems, each at the one place where engines put it. */
const KERNEL: Readonly<Record<string, readonly string[]>> = {
  "/proc": ["proc"],
  "/sys": ["sysfs"],
  "/dev": ["tmpfs"],
  "/dev/pts": ["devpts"],
  "/dev/mqueue": ["mqueue"],
  "/dev/shm": ["tmpfs"],
  "/sys/fs/cgroup": ["cgroup", "cgroup2"],
};

/**
 * Files and the shared memory that an engine keeps for each container, below a directory that is named by its id: nobody can mount
 * anything else by such a pair of source and target, as the engine itself makes what lies there.
 */
const KEPT: Readonly<Record<string, RegExp>> = {
  "/etc/hosts": /\/(?:containers|sandboxes|overlay-containers)\/[0-9a-f]{64}\/(?:userdata\/)?hosts$/,
  "/etc/hostname": /\/(?:containers|sandboxes|overlay-containers)\/[0-9a-f]{64}\/(?:userdata\/)?hostname$/,
  "/etc/resolv.conf": /\/(?:containers|sandboxes|overlay-containers)\/[0-9a-f]{64}\/(?:userdata\/)?resolv\.conf$/,
  "/run/.containerenv": /\/overlay-containers\/[0-9a-f]{64}\/userdata\/\.containerenv$/,
  "/dev/shm": /\/(?:containers|sandboxes|overlay-containers)\/[0-9a-f]{64}\/(?:mounts\/shm|userdata\/shm|shm)$/,
};

function isEnginesOwn({ destination, type = "", source = "" }: OciMount): boolean {
  const target = cleaned(destination);
  return KERNEL[target]?.includes(type) === true || KEPT[target]?.test(source) === true;
}
