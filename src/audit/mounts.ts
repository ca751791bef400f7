import { nearest } from "../strategy/paths.ts";
import type { AuditedContainer, AuditMount, Settings } from "./container.ts";

/** The mounts through which it can write. */
export function writableMounts({ mounts = [] }: Settings): readonly AuditMount[] {
  return mounts.filter(({ type, readOnly }) => !readOnly && type !== "image");
}

/** The mount that a path lies on: the nearest at it or above it. */
export function mountAt(path: string, { mounts = [] }: Settings): AuditMount | undefined {
  return nearest(path, new Map(mounts.map((mount) => [mount.target, mount])));
}

/** What it has is gone or orphaned with the container (or pod): memory, anonymous volumes, emptyDir. */
export function forgets({ type, source }: AuditMount): boolean {
  return type === "tmpfs" || (type === "volume" && source === undefined);
}

/** VOLUMEs of the image to which no mount of the user's own was given. */
export function bareVolumes({ image, settings }: AuditedContainer): readonly string[] {
  return (image?.volumes ?? []).filter((path) => {
    const mount = mountAt(path, settings);
    return mount === undefined || (mount.type === "volume" && mount.source === undefined);
  });
}

/** Whether its root is read-only. */
export function isReadOnly({ readOnlyRoot }: Settings): boolean {
  return readOnlyRoot?.value === true;
}
