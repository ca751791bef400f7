/** How much of what is forgotten with the container lies in memory, which is charged to it: a tmpfs that fills up ends it. */
export const MEMORY = {
  /** A single place with a larger bound goes to disk. */
  placeBytes: 512 * 2 ** 20,
  /** All of them together, as a share of the workload's memory limit: what the kernel lets one tmpfs take of the host's (tmpfs(5)). */
  share: { of: 1 / 2, name: "half" },
} as const;
