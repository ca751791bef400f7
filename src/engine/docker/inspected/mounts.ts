import { normalize } from "node:path/posix";
import type { AuditMount } from "../../../audit/container.ts";
import { localVolume, tmpfsSize, type VolumeSettings } from "../../../audit/local-volume.ts";
import { words } from "../mounts.ts";
import type { InspectedAnswer } from "../schemas.ts";
import { ANONYMOUS_VOLUME } from "../settings-of.ts";

export interface MountFacts {
  /** Driver and options of the volumes that have a name. */
  readonly volumes: ReadonlyMap<string, VolumeSettings>;
  /** `ro` of a bind is said of the topmost mount alone. */
  readonly readOnlyOnTop: boolean;
  /** A tmpfs is executable unless it says otherwise: Podman's. Docker's is not. */
  readonly tmpfsIsExec: boolean;
}

/** Every mount that an inspection tells of, by target. */
export function mountsOf({ HostConfig: host, Mounts }: InspectedAnswer, facts: MountFacts): readonly AuditMount[] {
  const tmpfs = Object.entries(host.Tmpfs).map(([target, options]): AuditMount => {
    const said = words(options);
    const size = tmpfsSize(options);
    return {
      type: "tmpfs",
      target: clean(target),
      readOnly: said.includes("ro"),
      ...(size === undefined ? {} : { sizeBytes: size }),
      exec: facts.tmpfsIsExec ? !said.includes("noexec") : said.includes("exec"),
    };
  });
  // Docker names a long tmpfs (`--mount type=tmpfs`) among the mounts too, without its size.
  const long = host.Mounts.filter(({ Type }) => Type === "tmpfs").map(
    ({ Target, ReadOnly, TmpfsOptions }): AuditMount => ({
      type: "tmpfs",
      target: clean(Target),
      readOnly: ReadOnly,
      sizeBytes: TmpfsOptions?.SizeBytes || null,
      exec: false,
    }),
  );
  const alone = new Set(
    host.Mounts.flatMap(({ Target, BindOptions }) => (BindOptions?.NonRecursive === true ? [Target] : [])),
  );
  const mounted = Mounts.filter(({ Type }) => Type !== "tmpfs").map((mount): AuditMount => {
    const found = mountOf(mount, facts);
    const isOnTop = found.type === "bind" && facts.readOnlyOnTop && !alone.has(mount.Destination);
    return isOnTop && found.readOnly ? { ...found, readOnlyBelow: false } : found;
  });
  const byTarget = new Map([...mounted, ...tmpfs, ...long].map((mount) => [mount.target, mount]));
  return [...byTarget.values()].toSorted((a, b) => (a.target < b.target ? -1 : 1));
}

function mountOf(mount: InspectedAnswer["Mounts"][number], { volumes }: MountFacts): AuditMount {
  const { Type, Name, Source, Destination, RW, Propagation } = mount;
  const common = {
    target: clean(Destination),
    readOnly: !RW,
    ...(Propagation === "" ? {} : { propagation: Propagation }),
  };
  if (Type === "bind") return { type: "bind", source: clean(Source), ...common };
  if (Type === "image") return { type: "image", ...common };
  if (Type !== "volume") return { type: "other", ...common };
  if (ANONYMOUS_VOLUME.test(Name)) return { type: "volume", sizeBytes: null, exec: true, ...common };
  const volume = volumes.get(Name);
  return { source: Name, ...(volume === undefined ? { type: "volume" } : localVolume(volume)), ...common };
}

function clean(path: string): string {
  const normal = normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}
