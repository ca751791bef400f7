import type { GuardRequest } from "../../policy/request.ts";
import type { ApiCall } from "../api-call.ts";
import { type Assessment, judge, PASS } from "./assessment.ts";
import type { ExistingContainer, Lookups } from "./lookups.ts";
import { hasQuery } from "./query.ts";
import { asItIs } from "./as-it-is.ts";

/**
 * Containers that are about to run, as the engine has them: whatever a reader of requests got wrong shows here.
 */
export async function assessStart(
  call: ApiCall,
  of: "container" | "pod" | "restore",
  name: string,
  lookups: Lookups,
): Promise<Assessment> {
  if (of === "pod") return assessPod(name, lookups);
  // From an archive in the body, which holds a configuration of its own (podman pkg/api/handlers/libpod, Restore).
  if (of === "restore" && hasQuery(call, "import")) return judge(RESTORE);
  const found = await lookups.container(name);
  // Podman looks for a checkpoint image of this name next, and makes a container of it.
  if (found === undefined) return of === "restore" ? judge(RESTORE) : PASS;
  if (found.pod === undefined) return judge(await startOf(found, lookups));
  // Its infra container starts before it.
  const pod = await lookups.pod(found.pod);
  const infra = pod?.infra === undefined ? undefined : await lookups.container(pod.infra);
  const all = infra === undefined ? [found] : [asInfra(infra), found];
  return judge(...(await Promise.all(all.map((each) => startOf(each, lookups)))));
}

const RESTORE: GuardRequest = { action: "unknown", what: "restoring a container that the engine does not have" };

async function assessPod(name: string, lookups: Lookups): Promise<Assessment> {
  const pod = await lookups.pod(name);
  const requests: GuardRequest[] = [];
  for (const id of pod?.containers ?? []) {
    const found = await lookups.container(id);
    if (found !== undefined) requests.push(await startOf(id === pod?.infra ? asInfra(found) : found, lookups));
  }
  return requests.length === 0 ? PASS : judge(...requests);
}

/** No setting makes the root of a pod's infra container read-only (before Podman 5 there is none); Podman's own pause writes nothing, and the policy says whether its name is enough. */
function asInfra(found: ExistingContainer): ExistingContainer {
  const { container } = found;
  const isPause = /^localhost\/podman-pause(?::|$)/.test(container.imageReference);
  return isPause ? { ...found, container: { ...container, readOnlyRoot: true, isPause } } : found;
}

async function startOf({ container, createdMs }: ExistingContainer, lookups: Lookups): Promise<GuardRequest> {
  return { action: "start", container: await asItIs(container, lookups), createdMs };
}
