import { quoteForTerminal } from "../../model/quote.ts";
import { shellQuote } from "../../export/shell-quote.ts";
import type { Change } from "../../policy/decision.ts";

/** Changes as flags of `docker run`, each with its value as one word of a shell; what has no flag is named as the API names it. */
export function flagsOf(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(flagsOfChange).map(quoteForTerminal);
}

function flagsOfChange(change: Change): readonly string[] {
  switch (change.kind) {
    case "readOnlyRoot":
      return ["--read-only"];
    case "tmpfs":
      return [`--tmpfs ${word(`${change.path}:${tmpfsOptions(change)}`)}`];
    case "volume":
      return [volumeFlag(change)];
    case "readOnlyPaths":
      return [`HostConfig.ReadonlyPaths=${change.paths.map(word).join(",")}`];
    case "env":
      return [`--env ${word(`${change.name}=${change.value}`)}`];
    case "noNewPrivileges":
      return ["--security-opt no-new-privileges"];
    case "pidsLimit":
      return [`--pids-limit ${change.limit}`];
    case "memory":
      return [`--memory ${change.bytes}`];
    case "dropCapabilities":
      return change.names.map((name) => `--cap-drop ${word(name)}`);
    case "logDriver":
      return [
        `--log-driver ${word(change.driver)}`,
        ...Object.entries(change.options).map(([key, value]) => `--log-opt ${word(`${key}=${value}`)}`),
      ];
  }
}

function tmpfsOptions({ sizeBytes, mode, uid, gid, exec }: Change & { readonly kind: "tmpfs" }): string {
  const owner = uid === 0 && gid === 0 ? [] : [`uid=${uid}`, `gid=${gid}`];
  return ["rw", `size=${sizeBytes}`, `mode=${mode.toString(8)}`, ...owner, ...(exec ? ["exec"] : [])].join(",");
}

function volumeFlag({ path, name, driver, options = {} }: Change & { readonly kind: "volume" }): string {
  if (driver === undefined && Object.keys(options).length === 0)
    return `--volume ${word(name === undefined ? path : `${name}:${path}`)}`;
  // `--mount` reads its value as one line of CSV.
  const fields = [
    "type=volume",
    ...(name === undefined ? [] : [`source=${name}`]),
    `target=${path}`,
    ...(driver === undefined ? [] : [`volume-driver=${driver}`]),
    ...Object.entries(options).map(([key, value]) => `volume-opt=${key}=${value}`),
  ];
  return `--mount ${word(fields.map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(","))}`;
}

/** NUL, which no word can hold, is shown and not taken. */
function word(text: string): string {
  return shellQuote(text.replaceAll("\0", "\uFFFD"));
}
