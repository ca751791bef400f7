/**
 * What CRI-O makes writable with read_only (server/container_create_linux.go, getSpecGen), bounded here: an unbounded tmpfs
 * can take half of the host's memory. /dev/shm is there anyway.
 */
export const TEMPLATE_TMPFS: Readonly<Record<string, string>> = {
  "/run": "rw,noexec,nosuid,nodev,size=64m,mode=0755",
  "/tmp": "rw,noexec,nosuid,nodev,size=256m,mode=1777",
  "/var/tmp": "rw,noexec,nosuid,nodev,size=256m,mode=1777",
};
