import { parseTmpfsOptions } from "../strategy/tmpfs-options.ts";
import type { AuditMount } from "./container.ts";

export interface VolumeSettings {
  readonly driver: string;
  readonly options: Readonly<Record<string, string | undefined>>;
}

/** What a named volume is: options of Docker's own driver are those of mount(8), so it may be a tmpfs, or a path of the host in disguise. */
export function localVolume({
  driver,
  options,
}: VolumeSettings): Pick<AuditMount, "sizeBytes" | "exec"> &
  ({ readonly type: "volume" } | { readonly type: "bind"; readonly source: string }) {
  if (driver !== "local") return { type: "volume" };
  const { type, device, o = "" } = options;
  const words = o.split(",");
  if (type !== "tmpfs" && device !== undefined && words.some((word) => word === "bind" || word === "rbind"))
    return { type: "bind", source: device };
  const exec = !words.includes("noexec");
  // Any other file system has its own bound.
  if (type !== "tmpfs" && device !== undefined) return { type: "volume", exec };
  const sizeBytes = tmpfsSize(o);
  return { type: "volume", exec, ...(sizeBytes === undefined ? {} : { sizeBytes }) };
}

/** Bytes of `size=`; null when there is no bound, undefined when it is not known in bytes (a share of the memory, a variable). */
export function tmpfsSize(options: string): number | null | undefined {
  const { sizeBytes } = parseTmpfsOptions(options);
  if (sizeBytes !== undefined) return sizeBytes;
  return /(?:^|,)size=(?!0+[bkmg]?(?:,|$))/i.test(options) || options.includes("${") ? undefined : null;
}
