import { normalize } from "node:path/posix";
import { listOf } from "../splice/edits.ts";
import { type YamlData, type Data, isData } from "../splice/source.ts";

/** A mount that a service has already. */
export interface ExistingMount {
  readonly target: string;
  /** A volume without a name is made anew for each container; a stored one is a volume with a name, or a bind. */
  readonly kind: "tmpfs" | "anonymous" | "stored";
  readonly readOnly: boolean;
  /** Of a tmpfs in the short syntax: its options. */
  readonly options?: string;
}

/** The mounts of a service's settings in every syntax; targets that hold variables cannot be known and are left out. */
export function existingMounts(settings: YamlData): ExistingMount[] {
  const tmpfs = listOf(settings["tmpfs"]).flatMap((item) => (typeof item === "string" ? tmpfsMount(item) : []));
  const volumes = listOf(settings["volumes"]).flatMap((item) => {
    if (typeof item === "string") return shortMount(item);
    return isData(item) ? longMount(item) : [];
  });
  return [...tmpfs, ...volumes];
}

/** Mounts of which it cannot be known where they are, as they are written. */
export function mountsSomewhere({ tmpfs, volumes }: YamlData): string[] {
  const targets = [
    ...listOf(tmpfs).map((item) => (typeof item === "string" ? splitAtColons(item)[0] : undefined)),
    ...listOf(volumes).map((item) => {
      if (typeof item !== "string") return isData(item) ? item["target"] : undefined;
      const [first, second] = splitAtColons(item);
      return second ?? first;
    }),
  ];
  return targets.filter((target) => typeof target === "string").filter((target) => hasVariable(target));
}

function tmpfsMount(item: string): ExistingMount[] {
  const [path = "", ...options] = splitAtColons(item);
  const mount = { kind: "tmpfs", readOnly: false, options: unescapeDollar(options.join(":")) } as const;
  return targetsOf(path).map((target) => ({ ...mount, target }));
}

function shortMount(item: string): ExistingMount[] {
  const [first = "", second, options = ""] = splitAtColons(item);
  const readOnly = options.split(",").includes("ro");
  const kind = second === undefined ? "anonymous" : "stored";
  return targetsOf(second ?? first).map((target) => ({ kind, readOnly, target }));
}

function longMount({ type, source, target: path, read_only: readOnly }: YamlData): ExistingMount[] {
  const kind = type === "tmpfs" ? "tmpfs" : source === undefined ? "anonymous" : "stored";
  return targetsOf(path).map((target) => ({ kind, readOnly: isTrue(readOnly), target }));
}

function targetsOf(path: Data | undefined): string[] {
  if (typeof path !== "string" || hasVariable(path)) return [];
  const target = normalize(unescapeDollar(path)).replace(/(.)\/$/, "$1");
  return target.startsWith("/") ? [target] : [];
}

function hasVariable(path: string): boolean {
  return path.replaceAll("$$", "").includes("$");
}

/** Compose takes these words for true after it has replaced variables (compose-go interpolation, toBoolean). */
export function isTrue(value: Data | undefined): boolean {
  return value === true || (typeof value === "string" && /^(?:true|y|yes|on)$/i.test(value));
}

/** Parts of a short syntax; colons inside `${VARIABLE:-default}` do not divide. */
export function splitAtColons(item: string): string[] {
  return item.match(/(?:\$\{[^}]*\}|[^:])+/g) ?? [];
}

function unescapeDollar(text: string): string {
  return text.replaceAll("$$", "$");
}
