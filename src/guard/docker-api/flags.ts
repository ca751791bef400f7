import { csvLine } from "../../export/docker-mounts.ts";
import { shellQuote } from "../../export/shell-quote.ts";
import type { Change } from "../../policy/decision.ts";
import { formatTmpfsOptions } from "../../strategy/tmpfs-options.ts";

/**
 * The flags of `docker run` that do the same as the changes, each with its value and quoted for a shell: for an enforcement point
 * that cannot change a request. Single read-only paths have no flag: nothing stands for them.
 */
export function flagsFor(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(flagsOf).map((words) => words.map(shellQuote).join(" "));
}

function flagsOf(change: Change): readonly (readonly string[])[] {
  switch (change.kind) {
    case "readOnlyRoot":
      return [["--read-only"]];
    case "tmpfs":
      return [["--tmpfs", `${change.path}:${formatTmpfsOptions(change)}`]];
    case "volume":
      return [["--mount", volumeFields(change)]];
    case "readOnlyPaths":
      return [];
    case "env":
      return [["--env", `${change.name}=${change.value}`]];
    case "noNewPrivileges":
      return [["--security-opt", "no-new-privileges"]];
    case "pidsLimit":
      return [["--pids-limit", String(change.limit)]];
    case "memory":
      return [["--memory", String(change.bytes)]];
    case "dropCapabilities":
      return change.names.map((name) => ["--cap-drop", name]);
    case "logDriver":
      break;
  }
  const options = Object.entries(change.options).map(([key, value]) => ["--log-opt", `${key}=${value}`]);
  return [["--log-driver", change.driver], ...options];
}

function volumeFields({ path, name, driver, options = {} }: Change & { readonly kind: "volume" }): string {
  return csvLine([
    "type=volume",
    ...(name === undefined ? [] : [`source=${name}`]),
    `target=${path}`,
    ...(driver === undefined ? [] : [`volume-driver=${driver}`]),
    ...Object.entries(options).map(([key, value]) => `volume-opt=${key}=${value}`),
  ]);
}
