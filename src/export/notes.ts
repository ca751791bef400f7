import type { Strategy } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";

/** What is true of a strategy whatever the target, and must not get lost on the way there. */
export function commonNotes(strategy: Strategy, workload: Workload): string[] {
  const denied = strategy.entries.filter((entry) => entry.kind === "deny").map((entry) => entry.path);
  const seeded = strategy.entries.filter((entry) => entry.kind === "volume" && entry.seeded).map((entry) => entry.path);
  const fromHost = workload.env.filter((variable) => !variable.includes("="));
  return [
    ...strategy.incomplete.map((reason) => `The profile is incomplete, so the strategy may be too: ${reason}`),
    ...(strategy.verifiedOn.length === 0 ? ["The strategy has not been verified: run petrify verify."] : []),
    ...(denied.length > 0 ? [`Denied on purpose, by the read-only root itself: ${denied.join(", ")}.`] : []),
    ...seeded.map(
      (path) => `The volume at ${path} starts as a copy of the image's files, and a new image does not renew it.`,
    ),
    ...(fromHost.length > 0 ? [`Taken from the environment of whoever starts it: ${fromHost.join(", ")}.`] : []),
    ...(workload.privileged ? ["It is privileged: it can make its root writable again."] : []),
  ];
}

/** Lines that introduce an export: what it is, and why it must not be trusted blindly. */
export function introduction(strategy: Strategy): string[] {
  return [
    `${strategy.name} with a read-only root file system, under its data writing strategy.`,
    ...strategy.incomplete.map((reason) => `The profile is incomplete: ${reason}`),
  ];
}

/** A comment's text on one line: a line break in it would end the comment, and the rest would be read as code. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\uFEFF\uFFFE\uFFFF]+/gu, " ").trim();
}
