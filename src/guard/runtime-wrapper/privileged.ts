import type { OciDeviceRule, OciSpec, SpecNumber } from "./spec.ts";

/**
 * Whether a container is what engines make of `--privileged`. The specification has no such flag, so every trace of it must be there:
 * all capabilities, every device, no path hidden or read-only, a writable /sys, no seccomp filter (moby oci_linux.go and
 * oci_opts.go; podman pkg/specgen/generate; containerd pkg/cri). With one of them missing it is not privileged, and so made read-only.
 * `capabilities`: those that this host can give, `CAP_` first.
 */
export function isPrivileged({ process, linux, mounts = [] }: OciSpec, capabilities: readonly string[]): boolean {
  const { bounding, effective, permitted } = process?.capabilities ?? {};
  return (
    capabilities.length > 0 &&
    [bounding, effective, permitted].every((set) => capabilities.every((name) => set?.includes(name) === true)) &&
    isEmpty(linux?.maskedPaths) &&
    isEmpty(linux?.readonlyPaths) &&
    linux?.seccomp === undefined &&
    process?.noNewPrivileges !== true &&
    allowsEveryDevice(linux?.resources?.devices) &&
    mounts.some(({ destination, options }) => destination === "/sys" && options?.includes("ro") !== true)
  );
}

/** The last rule that is about all devices decides, and nothing is taken back after it. */
function allowsEveryDevice(rules: readonly OciDeviceRule[] = []): boolean {
  const index = rules.findLastIndex(isAboutAll);
  const last = rules[index];
  return (
    last !== undefined &&
    ["r", "w", "m"].every((letter) => last.access?.includes(letter) === true) &&
    rules.slice(index).every(({ allow }) => allow)
  );
}

function isAboutAll({ type, major, minor }: OciDeviceRule): boolean {
  return (type === undefined || type === "" || type === "a") && isAny(major) && isAny(minor);
}
function isAny(number: SpecNumber | undefined): boolean {
  return number === undefined || number === -1;
}
function isEmpty(list: readonly unknown[] = []): boolean {
  return list.length === 0;
}

/**
 * Names of the capabilities 0 to `last`, in the order of linux/capability.h; of newer ones than this list has, nothing is known, and
 * with them no container is taken for privileged by the others alone.
 */
export function capabilitiesUpTo(last: number): readonly string[] {
  const known = CAPABILITIES.slice(0, last + 1).map((name) => `CAP_${name}`);
  return last < CAPABILITIES.length ? known : [...known, `capability ${last}`];
}
const CAPABILITIES = (
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST " +
  "NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE " +
  "SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM " +
  "BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
).split(" ");
