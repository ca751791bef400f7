import { isBelow, isWithin } from "../../strategy/paths.ts";
import { formatTmpfsSize } from "../../strategy/tmpfs-options.ts";
import { formatMode } from "../../model/units.ts";
import type { Change } from "../../policy/decision.ts";
import { cleaned } from "./spec-mounts.ts";
import { CAPABILITY_SETS, type OciLinux, type OciMount, type OciProcess, type OciSpec } from "./spec.ts";

/** A specification with the changes of a policy, and which of them no specification can express. */
export interface ChangedSpec {
  readonly spec: OciSpec;
  readonly impossible: readonly Change[];
}

/** Makes changes in the terms of the OCI runtime specification. */
export function changeSpec(spec: OciSpec, changes: readonly Change[]): ChangedSpec {
  const impossible: Change[] = [];
  let changed = spec;
  for (const change of changes) {
    const next = withChange(changed, change);
    if (next === null) impossible.push(change);
    else changed = next;
  }
  return { spec: changed, impossible };
}

function withChange(spec: OciSpec, change: Change): OciSpec | null {
  switch (change.kind) {
    case "readOnlyRoot":
      return { ...spec, root: { ...spec.root, readonly: true } };
    case "tmpfs":
      return { ...spec, mounts: withMount(spec.mounts ?? [], tmpfs(change)) };
    case "readOnlyPaths":
      return withLinux(spec, { readonlyPaths: united(spec.linux?.readonlyPaths, change.paths) });
    case "env":
      return withProcess(spec, { env: withVariable(spec.process?.env ?? [], change.name, change.value) });
    case "noNewPrivileges":
      return withProcess(spec, { noNewPrivileges: true });
    case "pidsLimit":
      return withResources(spec, { pids: { ...spec.linux?.resources?.pids, limit: change.limit } });
    case "memory":
      return withResources(spec, { memory: { ...spec.linux?.resources?.memory, limit: change.bytes } });
    case "dropCapabilities":
      return withProcess(spec, { capabilities: without(spec.process?.capabilities, change.names) });
    // A volume is the engine's to make, keep and remove; the log is read by the engine.
    case "volume":
    case "logDriver":
      break;
  }
  return null;
}

function withProcess(spec: OciSpec, fields: Partial<OciProcess>): OciSpec {
  return { ...spec, process: { ...spec.process, ...fields } };
}
function withLinux(spec: OciSpec, fields: Partial<OciLinux>): OciSpec {
  return { ...spec, linux: { ...spec.linux, ...fields } };
}
function withResources(spec: OciSpec, fields: NonNullable<OciLinux["resources"]>): OciSpec {
  return withLinux(spec, { resources: { ...spec.linux?.resources, ...fields } });
}

/** `tmpcopyup` is of runc and crun: it starts with what the image has there, and hides nothing; `size` bounds that, too. */
function tmpfs({ path, sizeBytes, mode, uid, gid, exec }: Change & { readonly kind: "tmpfs" }): OciMount {
  const owner = [`mode=${formatMode(mode)}`, `uid=${uid}`, `gid=${gid}`];
  const options = [
    "nosuid",
    "nodev",
    exec ? "exec" : "noexec",
    `size=${formatTmpfsSize(sizeBytes)}`,
    ...owner,
    "tmpcopyup",
  ];
  return { destination: path, type: "tmpfs", source: "tmpfs", options };
}

/** Runtimes mount in the order of the list: after what it lies in, before what lies in it. */
function withMount(mounts: readonly OciMount[], mount: OciMount): readonly OciMount[] {
  const targets = mounts.map(({ destination }) => cleaned(destination));
  const around = targets.findLastIndex((target) => isWithin(mount.destination, target)) + 1;
  const below = targets.findIndex((target, index) => index >= around && isBelow(target, mount.destination));
  const index = below === -1 ? mounts.length : below;
  return mounts.toSpliced(index, 0, mount);
}

function united(list: readonly string[] = [], added: readonly string[]): readonly string[] {
  return [...new Set([...list, ...added])];
}

function withVariable(env: readonly string[], name: string, value: string): readonly string[] {
  return [...env.filter((variable) => !variable.startsWith(`${name}=`)), `${name}=${value}`];
}

type Capabilities = NonNullable<OciProcess["capabilities"]>;

function without(sets: Capabilities = {}, names: readonly string[]): Capabilities {
  const all = CAPABILITY_SETS.flatMap((set) => sets[set] ?? []);
  const dropped = new Set(names.flatMap((name) => (name === "ALL" ? all : [`CAP_${name}`])));
  return Object.fromEntries(
    CAPABILITY_SETS.flatMap((set) => {
      const list = sets[set];
      return list === undefined ? [] : [[set, list.filter((name) => !dropped.has(name))]];
    }),
  );
}
