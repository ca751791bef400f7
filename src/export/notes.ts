import type { Strategy } from "../model/strategy.ts";
import { formatSize } from "../model/units.ts";
import type { Workload } from "../model/workload.ts";
import type { PlannedMount } from "./mount-plan.ts";

/** What is true of a strategy whatever the target, and must not get lost on the way there. */
export function strategyNotes({ entries, incomplete, verifiedOn, test }: Strategy): string[] {
  const denied = entries.filter((entry) => entry.kind === "deny").map((entry) => entry.path);
  const images = entries.flatMap((entry) => (entry.kind === "image" ? [entry] : []));
  const worked = test.kind === "none" ? "it ran, untested, without it" : "everything tested worked without it";
  const proof =
    verifiedOn.length === 0 ? "whether all works without it is not verified" : `${worked} when it was verified`;
  const seeded = entries.filter((entry) => entry.kind === "volume" && entry.seeded).map((entry) => entry.path);
  return [
    ...incomplete.map((reason) => `The profile is incomplete, so the strategy may be too: ${reason}`),
    ...(verifiedOn.length === 0 ? ["The strategy has not been verified: run petrify verify."] : []),
    ...(denied.length > 0 ? [`Denied on purpose, by the read-only root itself: ${denied.join(", ")}; ${proof}.`] : []),
    ...images.map(
      ({ path, fix }) => `Must change in the image, and is refused until then: ${path}. ${oneLine(fix.join(" "))}`,
    ),
    ...seeded.map(
      (path) => `The volume at ${path} starts as a copy of the image's files, and a new image does not renew it.`,
    ),
  ];
}

/** The mounts that are forgotten with the container and are no tmpfs: volumes without a name on Docker. */
export function unnamedVolumes(mounts: readonly PlannedMount[]): (PlannedMount & { kind: "seeded" | "scratch" })[] {
  return mounts.flatMap((mount) => (mount.kind === "seeded" || mount.kind === "scratch" ? [mount] : []));
}

/** What Docker cannot do for volumes: bound those without a name (docs/adr/0009), and forbid to run code in any. */
export function volumeNotes(mounts: readonly PlannedMount[]): string[] {
  const bounds = unnamedVolumes(mounts).map(({ target, sizeBytes }) => `${target} (${formatSize(sizeBytes)})`);
  const noexec = mounts.filter(isRunnableUnasked).map(({ target }) => target);
  return [
    ...(bounds.length > 0 ? [`Docker does not hold a volume to a size: nothing bounds ${bounds.join(", ")}.`] : []),
    ...(noexec.length > 0 ? [`Docker lets code in a volume be run: also in ${noexec.join(", ")}.`] : []),
  ];
}

/** No code in it was run, and Docker has no option that forbids it. Of a volume with a device that is where the flag comes from. */
function isRunnableUnasked(mount: PlannedMount): boolean {
  if (mount.kind === "volume" && mount.driverOptions?.["device"] !== undefined) return false;
  return mount.kind !== "tmpfs" && mount.kind !== "bind" && !mount.exec;
}

/** What must be known of a workload by whoever starts it from an export. */
export function workloadNotes({ env, privileged }: Workload): string[] {
  const fromHost = env.filter((variable) => !variable.includes("="));
  return [
    ...(fromHost.length > 0 ? [`Taken from the environment of whoever starts it: ${fromHost.join(", ")}.`] : []),
    ...(privileged ? ["It is privileged: it can make its root writable again."] : []),
  ];
}

/** Lines that introduce an export: what it is, and why it must not be trusted blindly. */
export function introduction(strategy: Strategy): string[] {
  return [
    `${strategy.name} with a read-only root file system, under its data writing strategy. Written by petrify export.`,
    ...strategy.incomplete.map((reason) => `The profile is incomplete: ${reason}`),
    ...(strategy.settings ?? []).map(({ name, value, why }) => `${name}=${value}: ${why}`),
  ];
}

/** A comment's text on one line: a line break in it would end the comment, and the rest would be read as code. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\uFEFF\uFFFE\uFFFF]+/gu, " ").trim();
}
