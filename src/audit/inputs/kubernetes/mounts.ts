import { join, normalize } from "node:path/posix";
import { quantity } from "../../../export/kubernetes/quantity.ts";
import type { AuditMount } from "../../container.ts";
import type { Fields } from "./fields.ts";
import type { PodContainer } from "./settings.ts";

type Volume = Pick<AuditMount, "type" | "source" | "readOnly" | "sizeBytes" | "exec">;

/** What each kind of volume is to a container; what is not here is storage of its own, by the volume's name. */
const VOLUMES: Readonly<Record<string, (volume: Fields, mount: Fields) => Volume>> = {
  emptyDir: (volume) => ({
    type: volume.text("medium")?.value === "Memory" ? "tmpfs" : "volume",
    readOnly: false,
    sizeBytes: quantity(volume.data["sizeLimit"]) ?? null,
    // Neither medium is mounted noexec (kubernetes pkg/volume/emptydir).
    exec: true,
  }),
  hostPath: (volume, mount) => ({
    type: "bind",
    source: join(volume.text("path")?.value ?? "/", mount.text("subPath")?.value ?? ""),
    readOnly: false,
  }),
  persistentVolumeClaim: (volume) => ({
    type: "volume",
    ...named(volume.text("claimName")?.value),
    readOnly: volume.boolean("readOnly")?.value === true,
  }),
  // Written by the kubelet, read-only to containers since 1.9.6 (CVE-2017-1002102).
  configMap: (volume) => ({ type: "other", ...named(volume.text("name")?.value), readOnly: true }),
  secret: (volume) => ({ type: "other", ...named(volume.text("secretName")?.value), readOnly: true }),
  projected: () => ({ type: "other", readOnly: true }),
  downwardAPI: () => ({ type: "other", readOnly: true }),
  image: (volume) => ({ type: "image", ...named(volume.text("reference")?.value), readOnly: true }),
};

// As Docker calls them.
const PROPAGATION: Readonly<Record<string, string>> = {
  None: "rprivate",
  HostToContainer: "rslave",
  Bidirectional: "rshared",
};

/** The mounts of a container, as the volumes of its pod make them. */
export function mountsOf({ fields, volumes, claims, os }: PodContainer): readonly AuditMount[] | undefined {
  if (!fields.has("volumeMounts")) return undefined;
  return fields.maps("volumeMounts").flatMap((mount): AuditMount[] => {
    const path = mount.text("mountPath")?.value;
    const name = mount.text("name")?.value;
    if (path === undefined || name === undefined) return [];
    const volume = claims.has(name)
      ? ({ type: "volume", source: name, readOnly: false } as const)
      : volumeOf(volumes.get(name), name, mount);
    const propagation = mount.text("mountPropagation")?.value;
    const at = mount.at();
    return [
      {
        ...volume,
        target: os === "windows" ? path : absolute(path),
        readOnly: volume.readOnly || mount.boolean("readOnly")?.value === true,
        ...(noexec(mount) ? { exec: false } : {}),
        ...(propagation === undefined ? {} : { propagation: PROPAGATION[propagation] ?? propagation }),
        ...(at === undefined ? {} : { at }),
      },
    ];
  });
}

function volumeOf(volume: Fields | undefined, name: string, mount: Fields): Volume {
  if (volume === undefined) return { type: "other", source: name, readOnly: false };
  const kind = Object.keys(volume.data).find((key) => key !== "name");
  // `name` alone is an emptyDir (kubernetes pkg/apis/core/v1/defaults.go).
  if (kind === undefined) return { type: "volume", readOnly: false, sizeBytes: null, exec: true };
  const read = Object.hasOwn(VOLUMES, kind) ? VOLUMES[kind] : undefined;
  if (read !== undefined) return read(volume.map(kind), mount);
  return { type: "volume", source: name, readOnly: volume.map(kind).data["readOnly"] === true };
}

/** Since 1.37, as alpha (kubernetes/enhancements KEP-5855). */
function noexec(mount: Fields): boolean {
  return mount.texts("bindMountOptions")?.value.includes("noexec") === true;
}

/** The kubelet takes a relative path from `/` (pkg/kubelet/kubelet_pods.go, makeMounts). */
function absolute(path: string): string {
  return normalize(`/${path}`)
    .replace(/(.)\/$/, "$1")
    .replace(/^\/\//, "/");
}

function named(source: string | undefined): { readonly source?: string } {
  return source === undefined ? {} : { source };
}
