import { PetrifyError } from "../../model/errors.ts";
import type { Strategy } from "../../model/strategy.ts";
import { Commented, type YamlMap } from "../../strategy/yaml-text.ts";
import type { PlannedMount } from "../mount-plan.ts";
import { oneLine } from "../notes.ts";
import { FreeNames, dnsLabel } from "./names.ts";
import { type KubernetesOptions, has } from "./options.ts";
import { prepareContainer } from "./prepare.ts";
import { type Claim, claimOf, volumeSource } from "./volume-source.ts";

/** A planned mount with the pod volume that stands for it. */
export interface PodMount {
  readonly mount: PlannedMount;
  /** Of the pod's volume; the init container has it at `/petrify/NAME`. */
  readonly name: string;
  /** The image has files there, and the volume starts as a copy of them. */
  readonly isSeeded: boolean;
}

/** What a pod needs so that its container has the mounts. */
export interface PodMounts {
  readonly volumes: readonly YamlMap[];
  readonly volumeMounts: readonly Commented[];
  readonly initContainers: readonly YamlMap[];
  readonly claims: readonly Claim[];
  /** Group that must own the claims, where one decides. */
  readonly fsGroup?: number;
}

/** Names that a pod has already. */
export interface TakenNames {
  readonly volumes?: Iterable<string>;
  readonly containers?: Iterable<string>;
}

/** The mounts in the words of a pod. Throws E_EXPORT_UNSUPPORTED. */
export function podMounts(
  mounts: readonly PlannedMount[],
  strategy: Strategy,
  options: KubernetesOptions,
  taken: TakenNames = {},
): PodMounts {
  const seeds = new Set(
    strategy.entries
      .filter((entry) => entry.kind === "seeded" || (entry.kind === "volume" && entry.seeded))
      .map(({ path }) => path),
  );
  const names = new FreeNames(taken.volumes);
  const named: readonly PodMount[] = mounts.map((mount) => ({
    mount,
    name: names.take(dnsLabel(mount.target, "mount")),
    isSeeded: seeds.has(mount.target),
  }));
  const prepare = prepareContainer(named, strategy, options, names, new FreeNames(taken.containers));
  const fsGroup = groupOfClaims(mounts, strategy);
  return {
    volumes: [...named.map(({ name, mount }) => ({ name, ...volumeSource(mount, options) })), ...prepare.volumes],
    volumeMounts: named.map((each) => new Commented([oneLine(each.mount.why)], volumeMount(each, options))),
    initContainers: prepare.containers,
    claims: named.flatMap(({ mount, name }) => claimOf(mount, name, strategy, options)),
    ...(fsGroup === undefined ? {} : { fsGroup }),
  };
}

function volumeMount({ mount, name }: PodMount, options: KubernetesOptions): YamlMap {
  if (mount.target.includes(":"))
    throw new PetrifyError(
      "E_EXPORT_UNSUPPORTED",
      `Kubernetes mounts nothing at ${mount.target}: it allows no colon in a path.`,
      {
        hint: "Let the application use a directory whose name has no colon.",
      },
    );
  const noexec = mount.kind !== "bind" && !mount.exec && has("bindMountOptions", options);
  const propagation = mount.kind === "bind" ? PROPAGATION[mount.options ?? ""] : undefined;
  return {
    name,
    mountPath: mount.target,
    ...(mount.readOnly && { readOnly: true }),
    ...(propagation !== undefined && { mountPropagation: propagation }),
    ...(noexec && { bindMountOptions: ["noexec", "nosuid", "nodev"] }),
  };
}

const PROPAGATION: Readonly<Record<string, string>> = { rslave: "HostToContainer", rshared: "Bidirectional" };

/** A new claim belongs to root: a process with other rights can write there only through the group, when all have the same. */
function groupOfClaims(mounts: readonly PlannedMount[], { entries }: Strategy): number | undefined {
  const claimed = new Set(mounts.filter(({ kind }) => kind === "volume").map(({ target }) => target));
  const groups = new Set(
    entries.flatMap((entry) => (entry.kind === "volume" && claimed.has(entry.path) ? [entry.gid] : [])),
  );
  const [group] = groups;
  return groups.size === 1 && group !== 0 ? group : undefined;
}
