import { PetrifyError } from "../model/errors.ts";
import type { Strategy } from "../model/strategy.ts";
import { type YamlMap, mapLines } from "../strategy/yaml-text.ts";
import { compact, filled } from "./compact.ts";
import { settingVariables } from "./kubernetes/container-settings.ts";
import { documentsText } from "./kubernetes/manifest.ts";
import { dnsLabel } from "./kubernetes/names.ts";
import { mountNotes } from "./kubernetes/notes.ts";
import { DEFAULT_KUBERNETES, type KubernetesOptions } from "./kubernetes/options.ts";
import { podMounts } from "./kubernetes/pod-mounts.ts";
import { fsGroupSettings } from "./kubernetes/pod-settings.ts";
import { POD_KINDS } from "./kubernetes/pod-kinds.ts";
import type { ContainerChoice } from "./kubernetes-splice/workloads.ts";
import { planMounts } from "./mount-plan.ts";
import { introduction, oneLine, strategyNotes } from "./notes.ts";
import { type ExportResult, severalFiles } from "./result.ts";

/**
 * The strategy as a component of Kustomize: a strategic-merge patch of one container, the claims, and the file that names them.
 * `workload` is `KIND/NAME`, or a name of a Deployment. Throws E_EXPORT_UNSUPPORTED, E_USAGE.
 */
export function exportKustomize(
  strategy: Strategy,
  options: KubernetesOptions = DEFAULT_KUBERNETES,
  { workload = dnsLabel(strategy.name), container = dnsLabel(strategy.name) }: ContainerChoice = {},
): ExportResult {
  const { kind, name } = workloadName(workload);
  const planned = planMounts(strategy, strategy.workload);
  const mounts = podMounts(planned, strategy, options);
  const security = fsGroupSettings(mounts.fsGroup);
  const pod = compact({
    securityContext: Object.keys(security).length === 0 ? undefined : security,
    initContainers: filled(mounts.initContainers),
    containers: [
      compact({
        name: container,
        env: filled(settingVariables(strategy.settings)),
        securityContext: { readOnlyRootFilesystem: true },
        volumeMounts: filled(mounts.volumeMounts),
      }),
    ],
    volumes: filled(mounts.volumes),
  });
  const patch: YamlMap = {
    apiVersion: POD_KINDS[kind]?.apiVersion ?? "apps/v1",
    kind,
    metadata: { name },
    ...nested(POD_KINDS[kind]?.podSpec ?? [], pod),
  };
  const component: YamlMap = compact({
    apiVersion: "kustomize.config.k8s.io/v1alpha1",
    kind: "Component",
    resources: mounts.claims.length > 0 ? [CLAIMS_FILE] : undefined,
    patches: [{ path: PATCH_FILE }],
  });
  const comments = introduction(strategy)
    .map((line) => `# ${oneLine(line)}\n`)
    .join("");
  return severalFiles(
    [
      { name: "kustomization.yaml", text: documentsText([component]) },
      { name: PATCH_FILE, text: `${comments}${mapLines(patch).join("\n")}\n` },
      ...(mounts.claims.length > 0
        ? [{ name: CLAIMS_FILE, text: documentsText(mounts.claims.map(({ manifest }) => manifest)) }]
        : []),
    ],
    [
      ...strategyNotes(strategy),
      ...mountNotes(planned, mounts, strategy, options),
      // A patch of volumeClaimTemplates would replace those that are there: the list has no merge key.
      ...(kind === "StatefulSet" && mounts.claims.length > 0
        ? [`All pods of StatefulSet ${name} share the claims: for more than one, write volumeClaimTemplates.`]
        : []),
      `It patches the container ${container} of ${kind} ${name} (--workload, --container): name the directory in 'components:' of your kustomization.`,
    ],
  );
}

const PATCH_FILE = "read-only.yaml";
const CLAIMS_FILE = "claims.yaml";

function workloadName(text: string): { readonly kind: string; readonly name: string } {
  const [first = "", second] = text.split("/", 2);
  if (second === undefined) return { kind: "Deployment", name: first };
  const kind = Object.keys(POD_KINDS).find((known) => known.toLowerCase() === first.toLowerCase());
  if (kind !== undefined && second !== "") return { kind, name: second };
  throw new PetrifyError("E_USAGE", `'${text}' names no workload.`, {
    hint: `Write KIND/NAME; kinds are ${Object.keys(POD_KINDS).join(", ")}.`,
  });
}

function nested(path: readonly (string | number)[], value: YamlMap): YamlMap {
  return path.reduceRight<YamlMap>((inner, step) => ({ [step]: inner }), value);
}
