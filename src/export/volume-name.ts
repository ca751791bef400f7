/** Name of the volume that a workload has at a path: `redis` and `/var/lib/redis` give `redis-var-lib-redis`. */
export function volumeNameFor(workload: string, path: string): string {
  return `${workload}-${path}`.toLowerCase().replaceAll(/[^a-z0-9_.]+/g, "-");
}
