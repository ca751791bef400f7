import type { MountEntry, RefusedEntry, StrategyEntry } from "../model/strategy.ts";

/** Whether the entry lets something be written, or was given as a mount. */
export function isMount(entry: StrategyEntry): entry is MountEntry {
  return !isRefused(entry);
}

/** Whether the entry names what the read-only root refuses. */
export function isRefused(entry: StrategyEntry): entry is RefusedEntry {
  return entry.kind === "deny" || entry.kind === "image";
}
