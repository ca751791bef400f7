import type { YamlData } from "../../../export/splice/source.ts";
import { isData } from "../../../export/splice/source.ts";
import type { AuditProblem } from "../../../model/finding.ts";
import type { AuditedContainer } from "../../container.ts";
import type { ReadContainers } from "../../inputs.ts";
import { type PodContainers, containersIn, workloadName } from "./containers.ts";
import { type Owner, keyOf, ownerOf } from "./owners.ts";

/**
 * The containers of a cluster, from the List that `kubectl get -o json` gives. A pod says what really runs, with what admission
 * put into it; the template of a workload is taken only where there is no pod of it. What pods of one workload have in common
 * is there once.
 */
export function readCluster(answer: string, name: string): ReadContainers {
  let data: unknown;
  try {
    data = JSON.parse(answer);
  } catch {
    data = undefined;
  }
  if (!isData(data)) return { containers: [], problems: [notJson(name)] };
  const problems: AuditProblem[] = [];
  const manifest = { data, plain: () => undefined };
  const found = containersIn(manifest, { source: { kind: "kubernetes", name } }, problems);
  const byKey = new Map(found.map((one) => [keyOf(one.kind, one.object), one]));
  const workloads = new Map<
    string,
    { readonly name: string; readonly pods: PodContainers[]; readonly own: PodContainers[] }
  >();
  for (const one of found) {
    const root = rootOf(one, byKey);
    const workload = workloads.get(root.key) ?? { name: root.name, pods: [], own: [] };
    workloads.set(root.key, workload);
    if (one.kind === "Pod") workload.pods.push(one);
    else if (keyOf(one.kind, one.object) === root.key) workload.own.push(one);
  }
  const containers = [...workloads.values()].flatMap(({ name: workload, pods, own }) =>
    distinct((pods.length > 0 ? pods : own).flatMap((one) => one.containers)).map((container) => ({
      ...container,
      workload,
    })),
  );
  return { containers, problems };
}

/** What made an object in the end: the Deployment of a pod, also when only its name is known. */
function rootOf(
  one: PodContainers,
  byKey: ReadonlyMap<string, PodContainers>,
): { readonly key: string; readonly name: string } {
  const seen = new Set<string>();
  let { kind, object }: Pick<PodContainers, "kind" | "object"> = one;
  for (;;) {
    const key = keyOf(kind, object);
    const owner = seen.has(key) ? undefined : ownerOf(object);
    if (owner === undefined) return { key, name: workloadName(kind, object) };
    seen.add(key);
    const next = byKey.get(owner.key);
    if (next === undefined) return { key: owner.key, name: workloadName(owner.kind, named(object, owner)) };
    ({ kind, object } = next);
  }
}

function named(object: YamlData, { name }: Owner): YamlData {
  const metadata = isData(object["metadata"]) ? object["metadata"] : {};
  return { metadata: { ...metadata, name } };
}

/** The replicas of a StatefulSet differ in the names of their claims, which are no difference here. */
function distinct(containers: readonly AuditedContainer[]): readonly AuditedContainer[] {
  const byContent = new Map<string, AuditedContainer>();
  for (const one of containers) {
    const { container, role, os, settings } = one;
    const mounts = settings.mounts?.map(({ source, ...mount }) =>
      mount.type === "volume" ? mount : { source, ...mount },
    );
    const content = JSON.stringify([container, role, os, { ...settings, mounts }]);
    if (!byContent.has(content)) byContent.set(content, one);
  }
  return [...byContent.values()];
}

function notJson(source: string): AuditProblem {
  return {
    source,
    code: "E_CLUSTER",
    message: "What kubectl gave is no list of objects.",
    hint: "kubectl get pods -A -o json must work for this context.",
  };
}
