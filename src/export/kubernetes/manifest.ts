import type { Strategy } from "../../model/strategy.ts";
import type { Workload } from "../../model/workload.ts";
import { type YamlMap, mapLines } from "../../strategy/yaml-text.ts";
import { compact, filled } from "../compact.ts";
import { planMounts } from "../mount-plan.ts";
import { introduction, oneLine, strategyNotes } from "../notes.ts";
import type { ExportResult } from "../result.ts";
import { containerSecurity, containerSettings } from "./container-settings.ts";
import { dnsLabel } from "./names.ts";
import { mountNotes, podNotes } from "./notes.ts";
import { DEFAULT_KUBERNETES, type KubernetesOptions } from "./options.ts";
import { type PodMounts, podMounts } from "./pod-mounts.ts";
import { workloadUnder } from "../../strategy/settings.ts";
import { podSettings } from "./pod-settings.ts";

export const MANIFEST_KINDS = ["Deployment", "Pod"] as const;
export type ManifestKind = (typeof MANIFEST_KINDS)[number];

/** The strategy as a Deployment, or as a Pod, with the claims that it needs. Throws E_EXPORT_UNSUPPORTED. */
export function exportKubernetes(
  strategy: Strategy,
  options: KubernetesOptions = DEFAULT_KUBERNETES,
  kind: ManifestKind = "Deployment",
  workload: Workload = workloadUnder(strategy),
): ExportResult {
  const planned = planMounts(strategy, workload);
  const mounts = podMounts(planned, strategy, options);
  const name = dnsLabel(strategy.name);
  const labels = { "app.kubernetes.io/name": name };
  const spec = podSpec(name, mounts, workload);
  const documents: readonly YamlMap[] = [
    ...mounts.claims.map(({ manifest }) => manifest),
    kind === "Pod"
      ? { apiVersion: "v1", kind, metadata: { name, labels }, spec }
      : {
          apiVersion: "apps/v1",
          kind,
          metadata: { name, labels },
          spec: {
            replicas: 1,
            // A claim is for one pod at a time: the old one must be gone before the new one starts.
            ...(mounts.claims.length > 0 && { strategy: { type: "Recreate" } }),
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec },
          },
        },
  ];
  return {
    text: [...introduction(strategy).map((line) => `# ${oneLine(line)}`), documentsText(documents)].join("\n"),
    notes: [...strategyNotes(strategy), ...mountNotes(planned, mounts, strategy, options), ...podNotes(workload)],
  };
}

/** YAML documents, one below the other. */
export function documentsText(documents: readonly YamlMap[]): string {
  return documents.map((document) => `${mapLines(document).join("\n")}\n`).join("---\n");
}

function podSpec(
  name: string,
  { volumeMounts, volumes, initContainers, fsGroup }: PodMounts,
  workload: Workload,
): YamlMap {
  return compact({
    ...podSettings(workload, fsGroup),
    initContainers: filled(initContainers),
    containers: [
      compact({
        name,
        image: workload.image,
        ...containerSettings(workload),
        securityContext: containerSecurity(workload),
        volumeMounts: filled(volumeMounts),
      }),
    ],
    volumes: filled(volumes),
  });
}
