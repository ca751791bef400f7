import { PetrifyError } from "../model/errors.ts";
import type { Workload } from "../model/workload.ts";
import { compact, filled } from "./compact.ts";
import { type StoredMount, bindOptions, mountType, shortForm, sourceOf } from "./docker-mounts.ts";
import { cpusText, publishText } from "./docker-flags.ts";
import type { ExportedRun } from "./logging.ts";
import type { PlannedMount } from "./mount-plan.ts";
import { oneLine, volumeNotes, unnamedVolumes } from "./notes.ts";
import { Commented, type YamlItem, type YamlMap } from "../strategy/yaml-text.ts";

/** The mounts of a service: its `tmpfs` and `volumes`, and what they need at the top of the file. */
export interface ComposeMounts {
  /** `/run:rw,...` */
  readonly tmpfs: readonly ComposeMount[];
  readonly volumes: readonly ComposeMount[];
  /** Top-level volumes by name; null is one with nothing to say. */
  readonly topLevel: Readonly<Record<string, YamlMap | null>>;
}
export interface ComposeMount {
  readonly target: string;
  /** With `$` doubled, which Compose would replace. */
  readonly item: string | YamlMap;
  readonly why: string;
}

/** The mounts as Compose writes them. Throws E_EXPORT_UNSUPPORTED. */
export function composeMounts(mounts: readonly PlannedMount[]): ComposeMounts {
  const tmpfs: ComposeMount[] = [];
  const volumes: ComposeMount[] = [];
  const topLevel = new Map<string, YamlMap | null>();
  for (const mount of mounts) {
    const about = { target: mount.target, why: oneLine(mount.why) };
    if (mount.kind === "tmpfs") tmpfs.push({ ...about, item: tmpfsItem(mount) });
    else volumes.push({ ...about, item: volumeItem(mount) });
    if (mount.kind === "volume") topLevel.set(mount.name, volumeDefinition(mount));
  }
  return { tmpfs, volumes, topLevel: Object.fromEntries(topLevel) };
}

/** A mount with its reason as comment. */
export function withReason({ item, why }: ComposeMount): YamlItem {
  return new Commented([why], item);
}

/** The settings of a service but its mounts; what Compose does not have is left out. */
export function composeSettings(workload: ExportedRun): YamlMap {
  const { entrypoint, command, env, labels, sysctls, ulimits, nanoCpus, ports, stopTimeoutSeconds, logging } = workload;
  return literal({
    platform: workload.platform,
    runtime: workload.runtime,
    init: workload.init || undefined,
    stdin_open: workload.openStdin || undefined,
    tty: workload.tty || undefined,
    restart: workload.restart,
    user: workload.user,
    working_dir: workload.workingDir,
    entrypoint,
    command,
    environment: filled(env),
    labels: filledMap(labels),
    ...networkSettings(workload.network),
    userns_mode: workload.userns,
    hostname: workload.hostname,
    ports: filled(ports.map(publishText)),
    extra_hosts: filled(workload.extraHosts),
    dns: filled(workload.dns),
    privileged: workload.privileged || undefined,
    cap_drop: filled(workload.capDrop),
    cap_add: filled(workload.capAdd),
    security_opt: filled(workload.securityOpt),
    group_add: filled(workload.groupAdd),
    sysctls: filledMap(sysctls),
    ulimits:
      ulimits.length === 0
        ? undefined
        : Object.fromEntries(ulimits.map(({ name, soft, hard }) => [name, { soft, hard }])),
    mem_limit: workload.memoryBytes,
    cpus: nanoCpus === undefined ? undefined : cpusText(nanoCpus),
    pids_limit: workload.pidsLimit,
    shm_size: workload.shmSizeBytes,
    logging: logging === undefined ? undefined : compact({ ...logging, options: filledMap(logging.options) }),
    stop_signal: workload.stopSignal,
    stop_grace_period:
      stopTimeoutSeconds === undefined || stopTimeoutSeconds < 0 ? undefined : `${stopTimeoutSeconds}s`,
  });
}

/** What Compose does with the mounts that their user must know. */
export function composeMountNotes(mounts: readonly PlannedMount[]): string[] {
  const targets = unnamedVolumes(mounts).map(({ target }) => target);
  const handedOn =
    "from a container to the one that replaces it, with what was written there and the old image's files: " +
    "docker compose up --renew-anon-volumes (-V) makes them anew.";
  return [
    ...volumeNotes(mounts),
    ...(targets.length > 0 ? [`Compose hands on ${targets.join(", ")} ${handedOn}`] : []),
  ];
}

/** What Compose cannot say of a workload. */
export function composeNotes({ stopTimeoutSeconds }: Workload): string[] {
  return stopTimeoutSeconds !== undefined && stopTimeoutSeconds < 0
    ? ["Compose cannot wait without end for a container to stop: stop_grace_period is left out."]
    : [];
}

/** A network that the user named exists already: the file refers to it and does not make one. */
export function externalNetworks({ network }: Workload): YamlMap {
  return network === undefined || hasMode(network) ? {} : { [network]: { external: true } };
}

function networkSettings(network: string | undefined): { network_mode?: string; networks?: readonly string[] } {
  if (network === undefined) return {};
  return hasMode(network) ? { network_mode: network === "default" ? "bridge" : network } : { networks: [network] };
}

function hasMode(network: string): boolean {
  return /^(?:default|bridge|host|none|container:.*)$/.test(network);
}

function tmpfsItem({ target, options }: PlannedMount & { kind: "tmpfs" }): string {
  if (target.includes(":"))
    throw new PetrifyError(
      "E_EXPORT_UNSUPPORTED",
      `Compose cannot mount a tmpfs with an owner at ${target}: the short syntax ends the path at the colon, and the long one knows no owner.`,
      { hint: "Let the application use a directory whose name has no colon." },
    );
  return escapeDollar(`${target}:${options}`);
}

function volumeItem(mount: StoredMount): string | YamlMap {
  const source = sourceOf(mount);
  if (!mount.target.includes(":") && source?.includes(":") !== true) return escapeDollar(shortForm(mount));
  const { propagation, label: selinux } = mount.kind === "bind" ? bindOptions(mount) : {};
  return literal({
    type: mountType(mount),
    source,
    target: mount.target,
    read_only: mount.readOnly || undefined,
    bind: propagation === undefined && selinux === undefined ? undefined : { propagation, selinux },
  });
}

function volumeDefinition({
  name,
  nameIsGiven,
  driver,
  driverOptions,
}: PlannedMount & { kind: "volume" }): YamlMap | null {
  const definition = literal({
    // Without this Compose puts the project's name before it, and would not find the volume that the user means.
    name: nameIsGiven ? name : undefined,
    driver,
    driver_opts: filledMap(driverOptions ?? {}),
  });
  return Object.keys(definition).length === 0 ? null : definition;
}

function escapeDollar(text: string): string {
  return text.replaceAll("$", "$$$$");
}

function filledMap(map: Readonly<Record<string, string>>): YamlMap | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

/** What is defined, and literally so: Compose puts variables of whoever starts it into every value, though never into a key. */
function literal(map: object): YamlMap {
  return JSON.parse(JSON.stringify(map), (_key, value: unknown) =>
    typeof value === "string" ? escapeDollar(value) : value,
  ) as YamlMap;
}
