import type { Strategy } from "../../model/strategy.ts";
import { fits } from "../compose-splice/service.ts";
import { dataAt } from "../splice/edits.ts";
import type { YamlData } from "../splice/source.ts";
import { type FoundContainer, placeText } from "./workloads.ts";

/** How the container differs from the run that was learned, as far as the file tells. */
export function placeNotes(found: FoundContainer, pod: YamlData, strategy: Strategy): string[] {
  const { settings } = found;
  const place = placeText(found);
  const { image } = settings;
  const isFalse = dataAt(settings, ["securityContext", "readOnlyRootFilesystem"]) === false;
  const atPod = dataAt(pod, ["securityContext", "readOnlyRootFilesystem"]) === true;
  const privileged = strategy.workload.privileged || dataAt(settings, ["securityContext", "privileged"]) === true;
  return [
    ...(fits(settings, strategy)
      ? []
      : [
          `${place} has ${typeof image === "string" ? `the image ${image}` : "no image"}; the strategy is made for ${strategy.fits.repositories.join(", ")}.`,
        ]),
    ...(isFalse ? [`${place} had readOnlyRootFilesystem: false; it is true now.`] : []),
    ...(atPod ? ["readOnlyRootFilesystem of a pod is ignored by Kubernetes: it is the container's now."] : []),
    ...(privileged ? [`${place} is privileged: it can make its root writable again.`] : []),
  ];
}
