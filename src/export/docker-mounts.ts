import { PetrifyError } from "../model/errors.ts";
import type { PlannedMount } from "./mount-plan.ts";

/**
 * What docker takes as a bind or as a volume. Seeded and scratch mounts are volumes without a name: new for each container, filled
 * with what the image has there, and with the owner and mode of the image's directory (moby daemon, CopyImagePathContent).
 */
export type StoredMount = Exclude<PlannedMount, { kind: "tmpfs" }>;

/** Whether `-v SOURCE:TARGET:OPTIONS` cannot say it: a colon in a path, or a driver. */
export function needsLongForm(mount: StoredMount): boolean {
  if (mount.target.includes(":") || sourceOf(mount)?.includes(":") === true) return true;
  return mount.kind === "volume" && (mount.driver !== undefined || mount.driverOptions !== undefined);
}

/** The value of `docker run -v`; also Compose's short syntax. `more` are options that only some engines take. */
export function shortForm(mount: StoredMount, more: readonly string[] = []): string {
  const options = [mount.readOnly ? "ro" : "", mount.kind === "bind" ? (mount.options ?? "") : "", ...more];
  const parts = [sourceOf(mount) ?? "", mount.target, options.filter((option) => option !== "").join(",")];
  return parts.filter((part) => part !== "").join(":");
}

/** The value of `docker run --mount`, which the docker CLI reads as one line of CSV. Throws E_EXPORT_UNSUPPORTED. */
export function longForm(mount: StoredMount): string {
  const label = mount.kind === "bind" ? bindOptions(mount).label : undefined;
  if (label !== undefined)
    throw new PetrifyError(
      "E_EXPORT_UNSUPPORTED",
      `docker run cannot say the SELinux option '${label}' of the bind at ${mount.target} beside a path with a colon.`,
      { hint: "Use a host path and a target without a colon." },
    );
  return csvLine(longFields(mount));
}

/** The fields of `--mount` that docker and podman have in common; a bind's SELinux label is not among them. */
export function longFields(mount: StoredMount): readonly string[] {
  const source = sourceOf(mount);
  return [
    `type=${mountType(mount)}`,
    ...(source === undefined ? [] : [`source=${source}`]),
    `target=${mount.target}`,
    ...(mount.readOnly ? ["readonly"] : []),
    ...(mount.kind === "volume" ? driverFields(mount) : []),
    ...(mount.kind === "bind" ? propagationFields(mount) : []),
  ];
}

/** Fields as one line of CSV, which is how `--mount` of docker and podman is read. */
export function csvLine(fields: readonly string[]): string {
  return fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");
}

/** A bind's options: how mounts go on into it, and how SELinux shall label it: `z` shared, `Z` for this container alone. */
export function bindOptions({ options }: PlannedMount & { kind: "bind" }): {
  readonly propagation?: string;
  readonly label?: "z" | "Z";
} {
  const words = options?.split(",") ?? [];
  const propagation = words.find((word) => !/^z$/i.test(word));
  const label = words.find((word): word is "z" | "Z" => /^z$/i.test(word));
  return { ...(propagation === undefined ? {} : { propagation }), ...(label === undefined ? {} : { label }) };
}

function driverFields({ driver, driverOptions }: PlannedMount & { kind: "volume" }): string[] {
  return [
    ...(driver === undefined ? [] : [`volume-driver=${driver}`]),
    ...Object.entries(driverOptions ?? {}).map(([key, value]) => `volume-opt=${key}=${value}`),
  ];
}

function propagationFields(mount: PlannedMount & { kind: "bind" }): string[] {
  const { propagation } = bindOptions(mount);
  return propagation === undefined ? [] : [`bind-propagation=${propagation}`];
}

/** Volume name or host path; undefined for a volume without a name. */
export function sourceOf(mount: StoredMount): string | undefined {
  if (mount.kind === "bind") return mount.source;
  return mount.kind === "volume" ? mount.name : undefined;
}

export function mountType({ kind }: StoredMount): "bind" | "volume" {
  return kind === "bind" ? "bind" : "volume";
}
