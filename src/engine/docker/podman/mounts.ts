import { randomBytes } from "node:crypto";
import type { BindMount, ContainerSpec, VolumeMount } from "../../engine.ts";
import { chosenMounts, words } from "../mounts.ts";

/** A mount of Podman's own create body (runtime-spec, Mount). */
export interface SpecMount {
  readonly type: "bind" | "tmpfs";
  readonly source: string;
  readonly destination: string;
  readonly options: readonly string[];
}
/** pkg/specgen, NamedVolume. */
export interface NamedVolume {
  /** Empty: anonymous. */
  readonly Name: string;
  readonly Dest: string;
  readonly Options: readonly string[];
}

/** A volume that has to be there before the container. */
export interface NeededVolume {
  readonly name: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  /** It stands for a tmpfs, and goes with the container. */
  readonly isTmpfs: boolean;
}

/** Its name is of `newTmpfsVolume`. */
export function isTmpfsVolume(name: string): boolean {
  return /^petrify-tmpfs-[0-9a-f]{16}$/.test(name);
}
export function newTmpfsVolume(): string {
  return `petrify-tmpfs-${randomBytes(8).toString("hex")}`;
}

export interface PodmanMounts {
  readonly mounts: readonly SpecMount[];
  readonly volumes: readonly NamedVolume[];
  readonly needed: readonly NeededVolume[];
}

/**
 * The mounts of `spec` for Podman, each meaning what it means to Docker. `newName` names the volumes that stand for a
 * tmpfs with an owner.
 */
export function podmanMounts(spec: ContainerSpec, newName: () => string): PodmanMounts {
  const chosen = chosenMounts(spec);
  const mounts: SpecMount[] = chosen.binds.map(bindMount);
  const volumes: NamedVolume[] = [];
  const needed: NeededVolume[] = [];
  for (const volume of chosen.volumes) {
    const { name = "", target, driver, driverOptions } = volume;
    volumes.push({ Name: name, Dest: target, Options: volumeOptions(volume) });
    if (driver !== undefined || driverOptions !== undefined)
      needed.push({ name, driver: driver ?? "local", options: driverOptions ?? {}, isTmpfs: false });
  }
  for (const { target, options } of chosen.tmpfs) {
    const tmpfs = parseTmpfs(options);
    if (tmpfs.owner.length === 0) {
      const all = [...tmpfs.flags, ...tmpfs.values, "notmpcopyup"];
      mounts.push({ type: "tmpfs", source: "tmpfs", destination: target, options: all });
      continue;
    }
    const name = newName();
    volumes.push({ Name: name, Dest: target, Options: [...tmpfs.flags, "nocopy"] });
    const o = [...tmpfs.flags, ...tmpfs.values, ...tmpfs.owner].join(",");
    needed.push({ name, driver: "local", options: { type: "tmpfs", device: "tmpfs", o }, isTmpfs: true });
  }
  return { mounts, volumes, needed };
}

function volumeOptions(volume: VolumeMount & { readonly options?: string }): readonly string[] {
  const { options, noCopy, noExec, readOnly } = volume;
  const asked = [
    ...words(options),
    ...(noCopy === true ? ["nocopy"] : []),
    ...(noExec === true ? DEFAULT_FLAGS.map(([flag]) => flag) : []),
    ...(readOnly ? ["ro"] : []),
  ];
  return [...new Set(asked)];
}

interface Tmpfs {
  readonly flags: readonly string[];
  /** `size=64m`, `mode=1777`. */
  readonly values: readonly string[];
  /** `uid=` and `gid=` that are not root's. */
  readonly owner: readonly string[];
}

/** What Docker takes for granted (moby daemon/oci_linux.go, withMounts), said. */
export const DEFAULT_FLAGS = [
  ["noexec", "exec"],
  ["nosuid", "suid"],
  ["nodev", "dev"],
] as const;

function isOwner(option: string): boolean {
  return /^[ug]id=/.test(option);
}

function parseTmpfs(options: string): Tmpfs {
  const all = words(options);
  const flags = all.filter((word) => !word.includes("="));
  const defaults = DEFAULT_FLAGS.filter((pair) => !pair.some((flag) => flags.includes(flag))).map(([flag]) => flag);
  return {
    flags: [...flags, ...defaults],
    values: all.filter((word) => word.includes("=") && !isOwner(word)),
    owner: all.filter((word) => isOwner(word) && !/=0+$/.test(word)),
  };
}

function bindMount({ source, target, readOnly, options }: BindMount): SpecMount {
  const given = words(options).filter((word) => word !== "rw" && word !== "ro");
  const isReadOnly = readOnly || words(options).includes("ro");
  return {
    type: "bind",
    source,
    destination: target,
    options: ["rbind", isReadOnly ? "ro" : "rw", ...given],
  };
}
