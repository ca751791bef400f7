import { type PodObject, podsIn } from "../../../export/kubernetes/pods-in.ts";
import { type YamlData, isData } from "../../../export/splice/source.ts";
import { dataAt, listOf } from "../../../export/splice/edits.ts";
import type { AuditProblem, AuditSource } from "../../../model/finding.ts";
import { type Budget, OVER_BUDGET, OVER_BUDGET_HINT } from "../../budget.ts";
import type { AuditedContainer } from "../../container.ts";
import { Fields } from "./fields.ts";
import type { Manifest } from "./manifest.ts";
import { settingsOf } from "./settings.ts";

/** Where a manifest was found. */
export interface ManifestPlace {
  readonly source: AuditSource;
  /** Which document of the file, from 0; absent: there is no file. */
  readonly document?: number;
  /** Of a text; what is beyond it is a problem, and left out. */
  readonly budget?: Budget;
}

/** An object with a pod, and its containers. */
export interface PodContainers {
  readonly object: YamlData;
  readonly kind: string;
  readonly containers: readonly AuditedContainer[];
}

const LISTS = ["initContainers", "containers", "ephemeralContainers"] as const;

/** The containers of every pod that a manifest describes. What Kubernetes would refuse is added to `problems`. */
export function containersIn(
  manifest: Manifest,
  place: ManifestPlace,
  problems: AuditProblem[],
): readonly PodContainers[] {
  return podsIn(manifest.data).map((pod) => ({
    object: pod.object,
    kind: pod.kind,
    containers: containersOf(pod, manifest, place, problems),
  }));
}

/** `Deployment shop/web`. */
export function workloadName(kind: string, object: YamlData): string {
  const { name, generateName, namespace } = isData(object["metadata"]) ? object["metadata"] : {};
  const named = [name, generateName].find((text) => typeof text === "string");
  return `${kind} ${typeof namespace === "string" ? `${namespace}/` : ""}${named ?? ""}`.trimEnd();
}

function containersOf(
  { kind, object, objectPath, pod, podPath }: PodObject,
  manifest: Manifest,
  { source, document, budget }: ManifestPlace,
  problems: AuditProblem[],
): readonly AuditedContainer[] {
  const fieldsAt = (path: PodObject["podPath"], data: YamlData): Fields =>
    new Fields(manifest, source.name, problems, path, data);
  const podFields = fieldsAt(podPath, pod);
  const metadataPath = [...podPath.slice(0, -1), "metadata"];
  const metadata = dataAt(manifest.data, metadataPath);
  const around = {
    pod: podFields,
    volumes: new Map(podFields.maps("volumes").map((volume) => [volume.data["name"], volume])),
    metadata: fieldsAt(metadataPath, isData(metadata) ? metadata : {}),
    claims: claimsOf(fieldsAt(objectPath, object)),
  };
  const os = isWindows(podFields) ? "windows" : "linux";
  const containers: AuditedContainer[] = [];
  if (budget?.isSpent === true) return containers;
  for (const list of LISTS)
    for (const fields of podFields.maps(list)) {
      // Without an image it is a patch for a container that is elsewhere.
      if (!fields.has("image")) continue;
      const name = fields.text("name")?.value;
      const at = fields.at();
      const settings = settingsOf({ fields, os, ...around });
      if (budget?.spend(settings) === false) {
        const told = { source: source.name, code: "E_MANIFEST_INVALID", message: OVER_BUDGET, hint: OVER_BUDGET_HINT };
        problems.push({ ...told, ...(at === undefined ? {} : { at }) });
        return containers;
      }
      containers.push({
        source,
        workload: workloadName(kind, object),
        ...(name === undefined ? {} : { container: name }),
        role: roleOf(list, fields),
        os,
        ...(at === undefined ? {} : { at }),
        ...(document === undefined ? {} : { place: { document, path: fields.path } }),
        settings,
        strategy: { standing: "none" },
      });
    }
  return containers;
}

function roleOf(list: (typeof LISTS)[number], fields: Fields): AuditedContainer["role"] {
  if (list === "containers") return "main";
  if (list === "ephemeralContainers") return "ephemeral";
  return fields.data["restartPolicy"] === "Always" ? "sidecar" : "init";
}

function claimsOf(object: Fields): ReadonlySet<string> {
  return new Set(
    listOf(dataAt(object.data, ["spec", "volumeClaimTemplates"])).flatMap((claim) => {
      const name = dataAt(claim, ["metadata", "name"]);
      return typeof name === "string" ? [name] : [];
    }),
  );
}

function isWindows(pod: Fields): boolean {
  const { data } = pod;
  return (
    dataAt(data, ["os", "name"]) === "windows" ||
    dataAt(data, ["nodeSelector", "kubernetes.io/os"]) === "windows" ||
    dataAt(data, ["nodeSelector", "beta.kubernetes.io/os"]) === "windows" ||
    dataAt(data, ["securityContext", "windowsOptions", "hostProcess"]) === true
  );
}
