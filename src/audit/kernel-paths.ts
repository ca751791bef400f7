import { isWithin } from "../strategy/paths.ts";

/** What dockerd makes read-only by itself; a list that is given takes its place. Source: moby daemon/pkg/oci/defaults.go. */
export const READ_ONLY_BY_DEFAULT = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"] as const;

/**
 * What dockerd, Podman, containerd and the kubelet hide alike, in every version in use (moby daemon/pkg/oci/defaults.go, containers/common
 * pkg/config, containerd pkg/oci, kubernetes pkg/securitycontext). Newer ones hide more; an engine that does not is no client's doing.
 */
export const MASKED_BY_DEFAULT = [
  "/proc/acpi",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/firmware",
] as const;

/** Whether one of `paths` is `path` or a directory above it. */
export function coversPath(paths: readonly string[], path: string): boolean {
  return paths.some((other) => isWithin(path, other));
}
