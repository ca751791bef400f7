import { posix } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import type { WorkloadMount } from "../../model/workload.ts";
import type { BindMount, ContainerSpec, VolumeMount } from "../engine.ts";

/** The parts of a HostConfig that mount something. */
export interface MountConfig {
  readonly Tmpfs: Readonly<Record<string, string>>;
  readonly Mounts: readonly MountEntry[];
  readonly Binds: readonly string[];
}
export interface MountEntry {
  readonly Type: "bind" | "volume";
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly: boolean;
  readonly BindOptions?: { readonly Propagation: string };
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly DriverConfig?: { readonly Name: string; readonly Options: Readonly<Record<string, string>> };
  };
}

const PROPAGATIONS = new Set(["shared", "slave", "private", "rshared", "rslave", "rprivate"]);

/** All that a container mounts, each target once, without `.` and `..` in it. */
export interface ChosenMounts {
  /** Options are those of `docker run --tmpfs`. */
  readonly tmpfs: readonly { readonly target: string; readonly options: string }[];
  readonly volumes: readonly (VolumeMount & { readonly options?: string })[];
  readonly binds: readonly BindMount[];
}

/**
 * What `spec` mounts. At one target an entry of the spec itself (tmpfs, volumes, binds) wins over what the user's
 * workload mounts there: a run decides what the workload meets.
 */
export function chosenMounts(spec: ContainerSpec): ChosenMounts {
  const tmpfs = Object.entries(spec.tmpfs).map(([target, options]) => ({ target: clean(target), options }));
  const volumes = spec.volumes.map((volume) => ({ ...volume, target: clean(volume.target) }));
  const binds = spec.binds.map((bind) => ({ ...bind, target: clean(bind.target) }));
  const decided = new Set([...tmpfs, ...volumes, ...binds].map((mount) => mount.target));
  const own = spec.workload.mounts
    .map((mount) => ({ ...mount, target: clean(mount.target) }))
    .filter((mount) => !decided.has(mount.target));
  const ofType = (type: WorkloadMount["type"]): readonly WorkloadMount[] => own.filter((mount) => mount.type === type);
  return {
    tmpfs: [...ofType("tmpfs").map((mount) => ({ target: mount.target, options: tmpfsText(mount) })), ...tmpfs],
    volumes: [...volumes, ...ofType("volume").map(toVolume)],
    binds: [...binds, ...ofType("bind").map(toBind)],
  };
}

/** The mounts of `spec` as a HostConfig has them. Throws E_USAGE. */
export function mountConfig(spec: ContainerSpec): MountConfig {
  const { tmpfs, volumes, binds } = chosenMounts(spec);
  return {
    Tmpfs: Object.fromEntries(tmpfs.map(({ target, options }) => [target, options])),
    Mounts: [...volumes.map(volumeEntry), ...binds.filter((bind) => !needsBindsSyntax(bind)).map(bindEntry)],
    Binds: binds.filter(needsBindsSyntax).map(bindText),
  };
}

function clean(target: string): string {
  const path = posix.normalize(target);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function toBind(mount: WorkloadMount): BindMount {
  const { source = "", target, readOnly, options } = mount;
  return { source, target, readOnly, ...(options !== undefined && { options }) };
}

function toVolume(mount: WorkloadMount): VolumeMount & { readonly options?: string } {
  const { source, target, readOnly, options, driver, driverOptions } = mount;
  return {
    target,
    readOnly,
    ...(source !== undefined && { name: source }),
    ...(options !== undefined && { options }),
    ...(driver !== undefined && { driver }),
    ...(driverOptions !== undefined && { driverOptions }),
  };
}

function tmpfsText(mount: WorkloadMount): string {
  return [...words(mount.options), ...(mount.readOnly ? ["ro"] : [])].join(",");
}

function volumeEntry(volume: VolumeMount & { readonly options?: string }): MountEntry {
  const { name, target, readOnly, driver, driverOptions } = volume;
  const noCopy = volume.noCopy === true || words(volume.options).includes("nocopy");
  const withDriver = driver !== undefined || driverOptions !== undefined;
  return {
    Type: "volume",
    ...(name !== undefined && { Source: name }),
    Target: target,
    ReadOnly: readOnly,
    ...((noCopy || withDriver) && {
      VolumeOptions: {
        ...(noCopy && { NoCopy: true }),
        ...(withDriver && { DriverConfig: { Name: driver ?? "local", Options: driverOptions ?? {} } }),
      },
    }),
  };
}

/** `Mounts` refuses a source that does not exist, where `Binds` would make an empty directory of root's on the host. */
function bindEntry(bind: BindMount): MountEntry {
  const propagation = words(bind.options).find((word) => PROPAGATIONS.has(word));
  return {
    Type: "bind",
    Source: bind.source,
    Target: bind.target,
    ReadOnly: bind.readOnly || words(bind.options).includes("ro"),
    ...(propagation !== undefined && { BindOptions: { Propagation: propagation } }),
  };
}

/** SELinux relabelling (`z`, `Z`) and options of one product exist only in the text form. */
function needsBindsSyntax(bind: BindMount): boolean {
  return words(bind.options).some((word) => !PROPAGATIONS.has(word) && word !== "ro" && word !== "rw");
}

function bindText(bind: BindMount): string {
  if (bind.source.includes(":") || bind.target.includes(":"))
    throw new PetrifyError("E_USAGE", `The bind mount of '${bind.source}' has a colon in a path, and options.`, {
      hint: "Leave the options out, or use a path without a colon.",
    });
  const options = new Set([...words(bind.options).filter((word) => word !== "rw"), ...(bind.readOnly ? ["ro"] : [])]);
  return [bind.source, bind.target, [...options].join(",")].join(":");
}

/** The options of a mount, one by one. */
export function words(options: string | undefined): readonly string[] {
  return (options ?? "").split(",").filter((word) => word !== "");
}
