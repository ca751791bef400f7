import { formatMode } from "../model/units.ts";
import { formatTmpfsSize } from "../strategy/tmpfs-options.ts";
import { bindOptions, csvLine, longFields, needsLongForm, shortForm } from "./docker-mounts.ts";
import type { PlannedMount } from "./mount-plan.ts";

type ForgottenMount = PlannedMount & { kind: "tmpfs" | "seeded" | "scratch" };

/** Of a volume in which no code is run, as verify mounts it. */
const NO_EXEC: readonly string[] = ["noexec", "nosuid", "nodev"];

/**
 * A mount as a flag of `podman run` and its value. Throws E_EXPORT_UNSUPPORTED.
 *
 * `--tmpfs` of Podman knows size, mode, exec, and whether the image's files are copied into it (pkg/util/mount_opts.go; tried
 * with 4.3 and 5.4). It knows neither `uid=` nor `gid=`, and its `U` means the user that the container starts as, which a daemon
 * that gives up its rights is not. With an owner it is therefore a volume without a name that has the options of a tmpfs.
 */
export function podmanMount(mount: PlannedMount): readonly [flag: string, value: string] {
  if (mount.kind === "bind") return stored(mount);
  if (mount.kind === "volume") {
    // Podman has them only when a volume is created.
    const { driver: _driver, driverOptions: _options, ...named } = mount;
    return stored(named);
  }
  return isTmpfs(mount) ? ["--tmpfs", `${mount.target}:${tmpfsOptions(mount)}`] : ["--mount", unnamedVolume(mount)];
}

/** Whether a mount lies on disk although it is forgotten with the container: there nothing bounds its size. */
export function isForgottenOnDisk(mount: PlannedMount): mount is PlannedMount & { kind: "seeded" | "scratch" } {
  return mount.kind === "scratch" || (mount.kind === "seeded" && !isTmpfs(mount));
}

function stored(mount: PlannedMount & { kind: "bind" | "volume" }): readonly [flag: string, value: string] {
  const flags = mount.kind === "volume" && !mount.exec ? NO_EXEC : [];
  if (!needsLongForm(mount)) return ["--volume", shortForm(mount, flags)];
  const label = mount.kind === "bind" ? bindOptions(mount).label : undefined;
  const relabel = label === undefined ? [] : [`relabel=${label === "z" ? "shared" : "private"}`];
  return ["--mount", csvLine([...longFields(mount), ...flags, ...relabel])];
}

function isTmpfs({ kind, uid, gid, target }: ForgottenMount): boolean {
  return kind !== "scratch" && uid === 0 && gid === 0 && !target.includes(":");
}

function tmpfsOptions({ kind, exec, sizeBytes, mode }: ForgottenMount): string {
  // Podman copies the image's files into a tmpfs unless it is told not to.
  const copy = kind === "seeded" ? "tmpcopyup" : "notmpcopyup";
  return `rw,nosuid,nodev,${exec ? "exec" : "noexec"},size=${formatTmpfsSize(sizeBytes)},mode=${formatMode(mode)},${copy}`;
}

function unnamedVolume({ kind, target, exec, sizeBytes, mode, uid, gid }: ForgottenMount): string {
  const options = `size=${formatTmpfsSize(sizeBytes)},mode=${formatMode(mode)},uid=${uid},gid=${gid}`;
  return csvLine([
    "type=volume",
    `destination=${target}`,
    // Not among the volume's own options, where Podman loses it.
    ...(exec ? [] : ["noexec"]),
    ...(kind === "tmpfs" ? ["volume-opt=type=tmpfs", "volume-opt=device=tmpfs", `volume-opt=o=${options}`] : []),
  ]);
}
