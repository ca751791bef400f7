import { formatMode, parseSize } from "../model/units.ts";
import type { TmpfsEntry } from "../model/strategy.ts";

export interface TmpfsOptions {
  readonly sizeBytes?: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly exec?: boolean;
}

/** The options of `docker run --tmpfs PATH:OPTIONS` that a strategy keeps; what it cannot express (a size in percent, nr_inodes) is left out. */
export function parseTmpfsOptions(text: string): TmpfsOptions {
  let options: TmpfsOptions = {};
  // size=0 means "no limit" to the kernel (tmpfs(5)), and a strategy bounds every tmpfs: as good as not given.
  for (const option of text.split(",")) {
    const [name = "", value = ""] = option.trim().split("=", 2);
    if (name === "exec" || name === "noexec") options = { ...options, exec: name === "exec" };
    else if (name === "size" && /^0*[1-9]\d{0,14}[bkmg]?$/i.test(value))
      options = { ...options, sizeBytes: parseSize(value) };
    else if (name === "mode" && /^[0-7]{1,5}$/.test(value))
      options = { ...options, mode: Number.parseInt(value, 8) & 0o7777 };
    else if ((name === "uid" || name === "gid") && /^\d{1,10}$/.test(value))
      options = { ...options, [name]: Number(value) };
  }
  return options;
}

/** The entry as options of Docker's `HostConfig.Tmpfs`: complete, so that no default of an engine decides. */
export function formatTmpfsOptions(entry: Pick<TmpfsEntry, "exec" | "sizeBytes" | "mode" | "uid" | "gid">): string {
  const { exec, sizeBytes, mode, uid, gid } = entry;
  const size = formatTmpfsSize(sizeBytes);
  return `rw,nosuid,nodev,${exec ? "exec" : "noexec"},size=${size},mode=${formatMode(mode)},uid=${uid},gid=${gid}`;
}

/** Shortest exact size in the kernel's units (lib/cmdline.c, memparse): `64m`. */
export function formatTmpfsSize(bytes: number): string {
  const unit = (["g", "m", "k"] as const).find((suffix) => bytes > 0 && bytes % parseSize(`1${suffix}`) === 0);
  return unit === undefined ? `${bytes}` : `${bytes / parseSize(`1${unit}`)}${unit}`;
}
