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

/** The value of `docker run -v`; also Compose's short syntax. */
export function shortForm(mount: StoredMount): string {
  const options = [mount.readOnly ? "ro" : "", mount.kind === "bind" ? (mount.options ?? "") : ""];
  const parts = [sourceOf(mount) ?? "", mount.target, options.filter((option) => option !== "").join(",")];
  return parts.filter((part) => part !== "").join(":");
}

/** The value of `docker run --mount`, which the docker CLI reads as one line of CSV. Throws E_EXPORT_UNSUPPORTED. */
export function longForm(mount: StoredMount): string {
  const source = sourceOf(mount);
  const fields = [
    `type=${mountType(mount)}`,
    ...(source === undefined ? [] : [`source=${source}`]),
    `target=${mount.target}`,
    ...(mount.readOnly ? ["readonly"] : []),
    ...(mount.kind === "volume" ? driverFields(mount) : []),
    ...(mount.kind === "bind" ? propagationFields(mount) : []),
  ];
  return csvLine(fields);
}

/** Fields as one line of CSV, which is how `--mount` of docker and podman is read. */
export function csvLine(fields: readonly string[]): string {
  return fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");
}

/** The propagation among a bind's options. Throws E_EXPORT_UNSUPPORTED for the others, which only the short form has. */
export function propagationOf(mount: PlannedMount & { kind: "bind" }): string | undefined {
  const options = mount.options?.split(",") ?? [];
  const label = options.find((option) => /^z$/i.test(option));
  if (label !== undefined)
    throw new PetrifyError(
      "E_EXPORT_UNSUPPORTED",
      `The SELinux option '${label}' of the bind at ${mount.target} cannot stand beside a path with a colon.`,
      { hint: "Use a host path and a target without a colon." },
    );
  return options[0];
}

function driverFields({ driver, driverOptions }: PlannedMount & { kind: "volume" }): string[] {
  return [
    ...(driver === undefined ? [] : [`volume-driver=${driver}`]),
    ...Object.entries(driverOptions ?? {}).map(([key, value]) => `volume-opt=${key}=${value}`),
  ];
}

function propagationFields(mount: PlannedMount & { kind: "bind" }): string[] {
  const propagation = propagationOf(mount);
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
