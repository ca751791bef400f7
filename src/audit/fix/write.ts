import type { ExistingMount } from "../../export/compose-splice/existing-mounts.ts";
import { spliceCompose } from "../../export/compose-splice.ts";
import { DEFAULT_KUBERNETES } from "../../export/kubernetes/options.ts";
import { spliceKubernetes } from "../../export/kubernetes-splice.ts";
import type { ExportResult } from "../../export/result.ts";
import type { Strategy } from "../../model/strategy.ts";
import type { AuditedContainer, AuditMount, Settings } from "../container.ts";

/**
 * The text with the container read-only under the strategy; every other byte stays. Throws E_COMPOSE_INVALID, E_MANIFEST_INVALID,
 * E_EXPORT_UNSUPPORTED.
 */
export function writeStrategy(text: string, container: AuditedContainer, strategy: Strategy): ExportResult {
  const { source, workload, place, settings } = container;
  const own = ofContainer(strategy, container);
  if (source.kind === "compose") return spliceCompose(text, own, { service: workload, elsewhere: elsewhere(settings) });
  return spliceKubernetes(text, own, DEFAULT_KUBERNETES, place === undefined ? {} : { at: place });
}

/**
 * A strategy names volumes and claims by itself: two containers for which it fits would share them, and mix their data. What
 * fills a volume copies from the image, which may be another version than was learned.
 */
function ofContainer(strategy: Strategy, container: AuditedContainer): Strategy {
  const { workload, settings } = container;
  const image = settings.image?.value ?? strategy.workload.image;
  return { ...strategy, name: ownName(workload, container.container), workload: { ...strategy.workload, image } };
}

/** `web`; of a pod `shop-web`, or `web` when the object is called the same. */
function ownName(workload: string, container: string | undefined): string {
  if (container === undefined) return workload;
  const object = workload.slice(workload.search(/[ /][^ /]*$/) + 1);
  return object === container ? object : `${object}-${container}`;
}

function elsewhere({ mounts = [], environment }: Settings): {
  readonly mounts: readonly ExistingMount[];
  readonly variables: ReadonlyMap<string, string | undefined>;
} {
  return {
    mounts: mounts
      .filter(({ at }) => at?.file !== undefined)
      .map((mount) => ({ target: mount.target, readOnly: mount.readOnly, kind: kindOf(mount) })),
    variables: new Map(
      (environment?.value ?? []).map((variable) => {
        const [name = "", ...value] = variable.split("=");
        return [name, value.length === 0 ? undefined : value.join("=")];
      }),
    ),
  };
}

function kindOf({ type, source }: AuditMount): ExistingMount["kind"] {
  if (type === "tmpfs") return "tmpfs";
  return type === "volume" && source === undefined ? "anonymous" : "stored";
}
