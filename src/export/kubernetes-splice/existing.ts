import { normalize } from "node:path/posix";
import { formatSize } from "../../model/units.ts";
import type { ExistingMount } from "../compose-splice/existing-mounts.ts";
import { quantity } from "../kubernetes/quantity.ts";
import type { PlannedMount } from "../mount-plan.ts";
import { dataAt, listOf } from "../splice/edits.ts";
import { type Data, type YamlData, isData } from "../splice/source.ts";

/** The variables that a container has; the value of one that comes from elsewhere is not known. */
export function existingVariables(container: YamlData): ReadonlyMap<string, string | undefined> {
  return new Map(
    listOf(container["env"]).flatMap((item): readonly (readonly [string, string | undefined])[] => {
      if (!isData(item) || typeof item["name"] !== "string") return [];
      const { value } = item;
      return [[item["name"], typeof value === "string" ? value.replaceAll("$$", "$") : undefined]];
    }),
  );
}

/** A mount that a container of a manifest has. */
export interface ExistingPodMount extends ExistingMount {
  /** Of an emptyDir: its bound; null is one without. */
  readonly sizeLimitBytes?: number | null;
  /** An init container has it too, and may have filled it. */
  readonly isPrepared: boolean;
}

/** The mounts of a container; `templates` are names of a StatefulSet's claim templates. */
export function existingPodMounts(
  container: YamlData,
  pod: YamlData,
  templates: ReadonlySet<string>,
): ExistingPodMount[] {
  const volumes = new Map(
    listOf(pod["volumes"]).flatMap((volume) => (isData(volume) ? [[volume["name"], volume] as const] : [])),
  );
  const prepared = new Set(
    listOf(pod["initContainers"]).flatMap((init) =>
      listOf(dataAt(init, ["volumeMounts"])).map((mount) => dataAt(mount, ["name"])),
    ),
  );
  return listOf(container["volumeMounts"]).flatMap((mount) => {
    const path = dataAt(mount, ["mountPath"]);
    const name = dataAt(mount, ["name"]);
    if (typeof path !== "string" || typeof name !== "string") return [];
    const emptyDir = templates.has(name) ? undefined : volumes.get(name)?.["emptyDir"];
    return [
      {
        target: normalize(path).replace(/(.)\/$/, "$1"),
        kind: emptyDir === undefined ? "stored" : "tmpfs",
        readOnly: dataAt(mount, ["readOnly"]) === true,
        isPrepared: prepared.has(name),
        ...(emptyDir !== undefined && { sizeLimitBytes: sizeLimit(emptyDir) }),
      } as const,
    ];
  });
}

const KEPT: Readonly<Record<string, string>> = {
  "tmpfs volume": "an emptyDir, which loses with the pod what the application keeps there",
  "tmpfs bind": "an emptyDir, which loses with the pod what the application keeps there",
  "stored tmpfs": "stored, although nothing that the application writes there must last",
  "stored scratch": "stored, although nothing that the application writes there must last",
  "stored seeded": "stored, so a new image does not renew its files there",
};

/** How a mount that a container has differs from the strategy's; one sentence each. */
export function podMountDifferences(planned: PlannedMount, existing: ExistingPodMount): string[] {
  const kept = `The mount at ${existing.target} stays as it is`;
  if (existing.readOnly && !planned.readOnly) return [`${kept}: read-only, although the application writes there.`];
  if (!existing.readOnly && planned.readOnly) return [`${kept}: writable, although the strategy has it read-only.`];
  const difference = KEPT[`${existing.kind} ${planned.kind}`];
  if (difference !== undefined) return [`${kept}: ${difference}.`];
  if (planned.kind === "volume" || planned.kind === "bind" || existing.kind !== "tmpfs") return [];
  if (planned.kind === "seeded" && !existing.isPrepared)
    return [`${kept}: an emptyDir that no init container fills, which hides what the image has there.`];
  const { sizeLimitBytes: limit } = existing;
  if (limit === null)
    return [`${kept}: an emptyDir without sizeLimit; the strategy's is ${formatSize(planned.sizeBytes)}.`];
  return limit !== undefined && limit < planned.sizeBytes
    ? [`${kept}: its sizeLimit is ${formatSize(limit)}, the strategy's ${formatSize(planned.sizeBytes)}.`]
    : [];
}

/** Bytes; null where there is none that can be read. */
function sizeLimit(emptyDir: Data): number | null {
  return quantity(dataAt(emptyDir, ["sizeLimit"])) ?? null;
}
