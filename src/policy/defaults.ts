import type { Change } from "./decision.ts";
import type { Subject } from "./rule.ts";

/** What the policy adds to a container that does not say it itself. */
export function defaultChanges({ container, policy: { defaults } }: Subject): readonly Change[] {
  const { noNewPrivileges, pidsLimit, memoryBytes, logDriver } = defaults;
  const names = droppable(container, defaults.dropCapabilities);
  return [
    ...(noNewPrivileges && container.noNewPrivileges === undefined ? [{ kind: "noNewPrivileges" } as const] : []),
    // The docker command sends 0 for what was not given.
    ...(pidsLimit !== undefined && isUnsaid(container.pidsLimit)
      ? [{ kind: "pidsLimit", limit: pidsLimit } as const]
      : []),
    ...(memoryBytes !== undefined && isUnsaid(container.memoryBytes)
      ? [{ kind: "memory", bytes: memoryBytes } as const]
      : []),
    ...(names.length > 0 ? [{ kind: "dropCapabilities", names } as const] : []),
    ...(logDriver !== undefined && (container.logDriver ?? "") === ""
      ? [{ kind: "logDriver", driver: logDriver.driver, options: logDriver.options } as const]
      : []),
  ];
}

function isUnsaid(limit: number | undefined): boolean {
  return limit === undefined || limit === 0;
}

/** Those of the policy that the client names neither to add nor to drop. A privileged container has all of them whatever is dropped. */
function droppable(
  { capAdd, capDrop, privileged }: Subject["container"],
  wanted: readonly string[],
): readonly string[] {
  if (privileged || capAdd.includes("ALL") || capDrop.includes("ALL")) return [];
  return wanted.filter((name) => !capAdd.includes(name) && !capDrop.includes(name));
}
