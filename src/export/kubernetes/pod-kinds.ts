export type Path = readonly (string | number)[];

/** The kinds that make pods: their API, and where each has the pod. */
export const POD_KINDS: Readonly<Record<string, { readonly apiVersion: string; readonly podSpec: Path }>> = {
  Pod: { apiVersion: "v1", podSpec: ["spec"] },
  Deployment: { apiVersion: "apps/v1", podSpec: ["spec", "template", "spec"] },
  StatefulSet: { apiVersion: "apps/v1", podSpec: ["spec", "template", "spec"] },
  DaemonSet: { apiVersion: "apps/v1", podSpec: ["spec", "template", "spec"] },
  ReplicaSet: { apiVersion: "apps/v1", podSpec: ["spec", "template", "spec"] },
  ReplicationController: { apiVersion: "v1", podSpec: ["spec", "template", "spec"] },
  Job: { apiVersion: "batch/v1", podSpec: ["spec", "template", "spec"] },
  CronJob: { apiVersion: "batch/v1", podSpec: ["spec", "jobTemplate", "spec", "template", "spec"] },
};
