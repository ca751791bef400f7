import type { MountEntry, Strategy } from "../model/strategy.ts";
import type { AuditedContainer, AuditMount, StrategyStanding } from "./container.ts";
import { mountAt, writableMounts } from "./mounts.ts";

/** What CRI-O's read-only mode and Podman's read-only-tmpfs give every container, whatever it runs. */
const TEMPLATE: ReadonlySet<string> = new Set(["/tmp", "/run", "/var/run", "/var/tmp"]);

/** The strategy that fits, if one does. */
export function strategyOf({
  strategy,
}: AuditedContainer): Exclude<StrategyStanding, { readonly standing: "none" }> | undefined {
  return strategy.standing === "none" ? undefined : strategy;
}

/** The places at which a strategy mounts something. */
export function mountEntries({ entries }: Strategy): readonly MountEntry[] {
  return entries.filter((entry): entry is MountEntry => entry.kind !== "deny" && entry.kind !== "image");
}

/**
 * Whether a container lacks what a strategy has at a place. VOLUMEs of the image are writable without being named, but not under
 * every runtime of Kubernetes (CRI-O only makes the directory: image_volumes = "mkdir").
 */
export function isMissing(entry: MountEntry, { settings, image, source }: AuditedContainer): boolean {
  const mount = mountAt(entry.path, settings);
  if (mount === undefined) return source.kind === "kubernetes" || image?.volumes?.includes(entry.path) !== true;
  return mount.readOnly && !(entry.kind === "bind" && entry.readOnly);
}

/** Its writable places; `template` when they are those that every container is given by some engines. */
export function placesOf({ settings, image }: AuditedContainer): {
  readonly mounts: readonly AuditMount[];
  readonly are: "none" | "template" | "own";
} {
  const mounts = writableMounts(settings);
  if ((image?.volumes ?? []).length > 0) return { mounts, are: "own" };
  if (mounts.length === 0) return { mounts, are: "none" };
  return { mounts, are: mounts.every(({ target }) => TEMPLATE.has(target)) ? "template" : "own" };
}
