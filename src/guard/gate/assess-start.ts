import type { GuardRequest } from "../../policy/request.ts";
import type { ApiCall } from "../api-call.ts";
import { type Assessment, judge, judgeOf, PASS, refuseMissing } from "./assessment.ts";
import type { ExistingContainer, Lookups } from "./lookups.ts";
import { hasQuery, queryValue } from "./query.ts";
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
  if (found === undefined) return of === "restore" ? judge(RESTORE) : refuseMissing(name, call);
  // What runs then is what lies in a directory that the query may name, with the rights that are written there.
  const restored = of === "container" && (queryValue(call, "checkpoint") ?? "") !== "" ? [CHECKPOINT] : [];
  if (found.pod === undefined) return judgeOf(found, await startOf(found, lookups), ...restored);
  // Its infra container starts before it.
  const pod = await lookups.pod(found.pod);
  const infra = pod?.infra === undefined ? undefined : await lookups.container(pod.infra);
  const all = infra === undefined ? [found] : [asInfra(infra), found];
  return judgeOf(found, ...(await Promise.all(all.map((each) => startOf(each, lookups)))), ...restored);
}

const RESTORE: GuardRequest = { action: "unknown", what: "restoring a container that the engine does not have" };

const CHECKPOINT: GuardRequest = { action: "unknown", what: "starting a container from a checkpoint" };

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
