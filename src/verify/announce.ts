import type { Strategy } from "../model/strategy.ts";
import type { TestPlan } from "../learn/test-plan.ts";
import { seccompOf } from "../model/seccomp.ts";
import type { Workload } from "../model/workload.ts";

/** What a strategy's run gets of this host, in words; each row is empty when it gets none. */
const GRANTS: readonly ((workload: Workload) => readonly string[])[] = [
  ({ privileged }) => (privileged ? ["every privilege"] : []),
  ({ network }) => (network === "host" || network?.startsWith("container:") ? [`the network of ${network}`] : []),
  ({ userns }) => (userns === undefined ? [] : [`the users of ${userns}`]),
  ({ capAdd }) => capAdd.map((name) => `the capability ${name}`),
  ({ securityOpt }) =>
    securityOpt.map((option) => (seccompOf(option)?.kind === "text" ? "a seccomp profile of its own" : option)),
  ({ runtime }) => (runtime === undefined ? [] : [`the runtime ${runtime}`]),
  ({ mounts }) => mounts.flatMap(({ type, source }) => (type === "bind" && source !== undefined ? [source] : [])),
];

/**
 * Lines to be shown before a strategy is tried: the command that runs on this host, and what the container gets of it.
 * The file may be somebody else's, and nothing of this must happen unseen.
 */
export function announcements({ workload }: Strategy, { command }: TestPlan): readonly string[] {
  const grants = GRANTS.flatMap((grant) => grant(workload));
  return [
    ...(command === undefined ? [] : [`test: ${command}`]),
    ...(grants.length === 0 ? [] : [`the container gets: ${grants.join(", ")}`]),
  ];
}
