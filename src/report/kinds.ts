import type { StrategyEntry } from "../model/strategy.ts";
import { formatMode } from "../model/units.ts";
import { type Html, markup, size } from "./html.ts";

/** Kinds of entries, and `none`: paths that no entry covers. */
export type Kind = StrategyEntry["kind"] | "none";

/** In the order of the legend, each with a colour and a pattern in page.css, and what it means. */
export const KINDS: Readonly<Record<Kind, string>> = {
  tmpfs: "in memory, bounded, starts empty, gone with the container",
  seeded: "starts with what the image has there, gone with the container",
  scratch: "on disk, starts empty, gone with the container",
  volume: "on disk, outlives the container",
  bind: "a directory of the host, given by the user",
  deny: "stays read-only on purpose: the write fails, and that is harmless",
  image: "stays read-only although it lasts or is needed: no mount can be there, and the image must change",
  none: "no entry of the strategy: the root or another mount decides",
};

const LABELS: Readonly<Partial<Record<Kind, string>>> = { deny: "denied", image: "change the image", none: "no entry" };

export function kindLabel(kind: Kind): string {
  return LABELS[kind] ?? kind;
}

/** A swatch of the kind's colour and pattern, with its name. */
export function kindBadge(kind: Kind): Html {
  return markup`<span class="badge k-${kind}"><span class="swatch" aria-hidden="true"></span>${kindLabel(kind)}</span>`;
}

/** What an entry allows, as terms and values. */
export function entryFacts(entry: StrategyEntry): readonly (readonly [term: string, value: string])[] {
  switch (entry.kind) {
    case "tmpfs":
    case "seeded":
    case "scratch":
      return [["At most", size(entry.sizeBytes)], ...owner(entry), code(entry)];
    case "volume":
      return [
        ["Because", VOLUME_REASONS[entry.reason]],
        ["Starts", entry.seeded ? "as a copy of what the image has there" : "empty"],
        ...owner(entry),
        code(entry),
        ...told("Name", entry.source),
        ...told("Driver", entry.driver),
        ...told("Driver options", optionsText(entry.options)),
      ];
    case "bind":
      return [
        ["Directory of the host", entry.source],
        ["Access", entry.readOnly ? "read-only" : "writable"],
      ];
    case "image":
      return [
        ["Denied", entry.operations.join(", ")],
        ["In the Dockerfile", entry.fix.join(" ")],
      ];
    case "deny":
      break;
  }
  return [["Denied", entry.operations.join(", ")]];
}

const VOLUME_REASONS = {
  readBack: "it is read back after a restart",
  declared: "the image declares it a VOLUME",
  assumed: "it is assumed to be data; nothing proves it",
  given: "the user gave it",
} as const;

function owner({ uid, gid, mode }: { readonly uid: number; readonly gid: number; readonly mode: number }) {
  return [["Owner, mode", `${uid}:${gid} ${formatMode(mode)}`]] as const;
}

/** Docker mounts no volume noexec, so of these it is the target that decides. */
function code({ kind, exec }: { readonly kind: Kind; readonly exec: boolean }) {
  const refused =
    kind === "tmpfs" ? "may not be run (noexec)" : "may not be run where the engine can forbid it (noexec)";
  return ["Code in it", exec ? "may be run" : refused] as const;
}

function told(term: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[term, value]];
}

function optionsText(options: Readonly<Record<string, string>> | undefined): string | undefined {
  if (options === undefined) return undefined;
  return Object.entries(options)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}
