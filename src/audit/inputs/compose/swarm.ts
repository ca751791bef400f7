import { type ComposeFile, type Entry, type Mapping, type Tree, entryAt, entryOf, textOf } from "./tree.ts";

/** Keys below `deploy` that only a swarm reads. */
const SWARM_ONLY = ["placement", "update_config", "rollback_config", "endpoint_mode"];
const SWARM_MODES = new Set(["global", "replicated", "replicated-job", "global-job"]);

/** What a swarm ignores in a service (docker/cli cli/compose/types: UnsupportedProperties, DeprecatedProperties). */
const IGNORED: ReadonlySet<string> = new Set(
  (
    "build cgroupns_mode cgroup_parent container_name devices domainname expose external_links ipc links mac_address " +
    "network_mode pid privileged restart security_opt shm_size userns_mode"
  ).split(" "),
);

/** What a stack is refused for: ForbiddenProperties there, and keys of Compose that its schema does not have. */
const REFUSED = (
  "extends volume_driver volumes_from cpu_quota cpu_shares cpuset mem_limit memswap_limit cpus pids_limit runtime uts " +
  "cgroup profiles develop platform use_api_socket"
).split(" ");

/** Whether a file is a stack: it says how to place or to renew services, and holds nothing that a stack cannot. */
export function isStack({ root }: ComposeFile): boolean {
  const services = entryOf(root, "services")?.value;
  if (services?.kind !== "map" || entryOf(root, "include") !== undefined) return false;
  const all = [...services.entries.values()].map(({ value }) => value);
  const isOfCompose = all.some((service) => REFUSED.some((key) => entryOf(service, key) !== undefined));
  return !isOfCompose && all.some(isForSwarm);
}

function isForSwarm(service: Tree): boolean {
  const mode = textOf(entryAt(service, "deploy", "mode")?.value) ?? "";
  return SWARM_MODES.has(mode) || SWARM_ONLY.some((key) => entryAt(service, "deploy", key) !== undefined);
}

/** A service without what a swarm ignores, and that. */
export function asSwarmReads(service: Mapping): {
  readonly settings: Mapping;
  readonly ignored: readonly (readonly [key: string, entry: Entry])[];
} {
  const entries = [...service.entries];
  return {
    settings: { ...service, entries: new Map(entries.filter(([key]) => !IGNORED.has(key))) },
    ignored: entries.filter(([key]) => IGNORED.has(key)),
  };
}
