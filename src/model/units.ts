import { PetrifyError } from "./errors.ts";

const SIZE_SUFFIX: Readonly<Record<string, number>> = { "": 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const DURATION_SUFFIX_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Bytes of a size as Docker writes it: `64m`, `1g`, `512k`, `4096`, `1.5GiB`. Throws E_USAGE. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim());
  const factor = match === null ? undefined : SIZE_SUFFIX[(match[2] ?? "").toLowerCase()];
  if (match === null || factor === undefined)
    throw new PetrifyError("E_USAGE", `'${text}' is not a size.`, { hint: "Write it like 64m, 1g or 4096." });
  return Math.round(Number(match[1]) * factor);
}

/** Shortest exact binary size: `64MiB`, `4KiB`, `1500B`. */
export function formatSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (unit < units.length - 1 && value >= 1024 && value % 1024 === 0) {
    value /= 1024;
    unit++;
  }
  return `${value}${units[unit]}`;
}

/** Size for people, at most one decimal: `1.4 MiB`. */
export function formatApproximateSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (unit < units.length - 1 && value >= 1024) {
    value /= 1024;
    unit++;
  }
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Milliseconds of a duration: `30s`, `5m`, `1h`, `250ms`, `90` (seconds). Throws E_USAGE. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  const factor = match === null ? undefined : DURATION_SUFFIX_MS[match[2] ?? "s"];
  if (match === null || factor === undefined)
    throw new PetrifyError("E_USAGE", `'${text}' is not a duration.`, { hint: "Write it like 30s, 5m or 1h." });
  return Math.round(Number(match[1]) * factor);
}

/** Octal permission text with four digits: `0755`, `1777`. */
export function formatMode(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}

/** `1 path`, `2 paths`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
