import type { Strategy } from "../../model/strategy.ts";
import { parseSize } from "../../model/units.ts";
import type { YamlMap } from "../../strategy/yaml-text.ts";
import type { PlannedMount } from "../mount-plan.ts";
import { dnsLabel, quantity } from "./names.ts";
import { type KubernetesOptions, has } from "./options.ts";

/** A PersistentVolumeClaim that the pod needs. */
export interface Claim {
  readonly name: string;
  /** The pod's volume that it is. */
  readonly volume: string;
  readonly target: string;
  readonly manifest: YamlMap;
  /** The size was not said by the strategy. */
  readonly sizeIsAssumed: boolean;
}

/** Where a mount's files come from, as one key of a pod's volume. */
export function volumeSource(mount: PlannedMount, options: KubernetesOptions): YamlMap {
  if (mount.kind === "bind") return { hostPath: { path: mount.source } };
  if (mount.kind === "volume") return nfsSource(mount) ?? { persistentVolumeClaim: { claimName: claimName(mount) } };
  const medium = mount.kind === "scratch" ? {} : { medium: "Memory" };
  return { emptyDir: { ...medium, ...emptyDirBounds(mount, options) } };
}

/** The claim of a volume. */
export function claimOf(
  mount: PlannedMount,
  volume: string,
  { name }: Strategy,
  { volumeSizeBytes }: KubernetesOptions,
): Claim[] {
  if (mount.kind !== "volume" || nfsSource(mount) !== undefined) return [];
  const size = sizeOption(mount);
  const claim = claimName(mount);
  return [
    {
      name: claim,
      volume,
      target: mount.target,
      sizeIsAssumed: size === undefined,
      manifest: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: claim, labels: { "app.kubernetes.io/name": dnsLabel(name) } },
        spec: claimSpec(size ?? volumeSizeBytes),
      },
    },
  ];
}

/** One pod at a time: two that write one volume would spoil it. */
export function claimSpec(sizeBytes: number): YamlMap {
  return { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: quantity(sizeBytes) } } };
}

function claimName({ name }: PlannedMount & { kind: "volume" }): string {
  return dnsLabel(name, "data");
}

function emptyDirBounds(
  { sizeBytes, mode }: { readonly sizeBytes: number; readonly mode: number },
  options: KubernetesOptions,
): YamlMap {
  // The field takes no setuid and no setgid bit.
  return { sizeLimit: quantity(sizeBytes), ...(has("emptyDirMode", options) && { mode: mode & 0o1777 }) };
}

/** `size=20GB`, of a volume's options or of the local driver's `o`. */
function sizeOption({ driverOptions = {} }: PlannedMount & { kind: "volume" }): number | undefined {
  const text = driverOptions["size"] ?? mountOption(driverOptions["o"], "size");
  return text !== undefined && /^\d+(?:\.\d+)?[bkmgt]?i?b?$/i.test(text) ? parseSize(text) : undefined;
}

/** What Docker's local driver mounts by NFS, Kubernetes mounts itself. */
function nfsSource({ driverOptions = {}, readOnly }: PlannedMount & { kind: "volume" }): YamlMap | undefined {
  const server = mountOption(driverOptions["o"], "addr");
  const path = driverOptions["device"]?.replace(/^[^/]*:/, "");
  if (!/^nfs4?$/.test(driverOptions["type"] ?? "") || server === undefined || !path?.startsWith("/")) return undefined;
  return { nfs: { server, path, ...(readOnly && { readOnly: true }) } };
}

function mountOption(options: string | undefined, name: string): string | undefined {
  return options
    ?.split(",")
    .find((option) => option.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}
