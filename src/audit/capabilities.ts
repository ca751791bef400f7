/**
 * What Docker leaves every container: oci/caps/defaults.go of moby. Podman's list is the same without AUDIT_WRITE, MKNOD and
 * NET_RAW (containers.conf, default_capabilities).
 */
export const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set(
  (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID " +
    "SYS_CHROOT"
  ).split(" "),
);

/** Capabilities that lead to the host, each with how. Source: capabilities(7). */
export const HOST_CAPABILITIES: ReadonlyMap<string, string> = new Map([
  ["ALL", "does what the host's root does"],
  ["SYS_ADMIN", "mounts file systems, the host's disks among them where devices are to be had"],
  ["SYS_MODULE", "loads code into the host's kernel"],
  ["SYS_RAWIO", "reads and writes the host's memory and ports"],
  ["SYS_PTRACE", "reads and changes other processes, the host's where they are visible"],
  ["SYS_BOOT", "restarts the host"],
  ["DAC_READ_SEARCH", "opens any file of the host by its handle"],
  ["BPF", "loads programs into the host's kernel"],
  ["MAC_ADMIN", "changes the host's SELinux or AppArmor policy"],
  ["MAC_OVERRIDE", "acts beyond the host's SELinux or AppArmor policy"],
  ["SYSLOG", "reads the kernel's addresses and log"],
]);
/** Those with which a mounted root can be made writable again. */
export const REMOUNTING: ReadonlySet<string> = new Set(["ALL", "SYS_ADMIN"]);
