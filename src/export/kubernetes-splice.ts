import { PetrifyError } from "../model/errors.ts";
import type { Strategy } from "../model/strategy.ts";
import { decideAdditions } from "./compose-splice/additions.ts";
import { mountNotes } from "./kubernetes/notes.ts";
import { DEFAULT_KUBERNETES, type KubernetesOptions } from "./kubernetes/options.ts";
import { podMounts } from "./kubernetes/pod-mounts.ts";
import { claimNotes, missingClaims, namespaceOf, withDocuments } from "./kubernetes-splice/claims.ts";
import { splitDocuments } from "./kubernetes-splice/documents.ts";
import { manifestEdits } from "./kubernetes-splice/edits.ts";
import { existingPodMounts, existingVariables, podMountDifferences } from "./kubernetes-splice/existing.ts";
import { placeNotes } from "./kubernetes-splice/place-notes.ts";
import { severalPodsNotes } from "./kubernetes-splice/several-pods.ts";
import {
  type ContainerChoice,
  chooseContainer,
  containerAt,
  findContainers,
  nameOf,
  placeText,
} from "./kubernetes-splice/workloads.ts";
import { planMounts } from "./mount-plan.ts";
import { missingSettings } from "./setting-additions.ts";
import { strategyNotes } from "./notes.ts";
import type { ExportResult } from "./result.ts";
import { applyEdits, dataAt, listOf } from "./splice/edits.ts";
import { MANIFEST, isData, readYaml } from "./splice/source.ts";

/**
 * The manifest file with one container made read-only under the strategy; every byte that is not about that stays, of the same
 * document and of all others. What the container has already is kept; a second run changes nothing. At the end the document is
 * read again, and when anything else than intended would mean something else, nothing is given back.
 * Throws E_USAGE, E_MANIFEST_INVALID, E_EXPORT_UNSUPPORTED.
 */
export function spliceKubernetes(
  text: string,
  strategy: Strategy,
  options: KubernetesOptions = DEFAULT_KUBERNETES,
  choice: ContainerChoice = {},
): ExportResult {
  const byteOrderMark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const documents = splitDocuments(text.slice(byteOrderMark.length));
  const found =
    choice.at === undefined
      ? chooseContainer(findContainers(documents), strategy, choice)
      : containerAt(documents, choice.at);
  const before = readYaml(documents[found.document] ?? "", MANIFEST);
  const podData = dataAt(before.data, found.podSpec);
  const pod = isData(podData) ? podData : {};
  const templates = listOf(dataAt(before.data, [...found.object, "spec", "volumeClaimTemplates"]));
  const templateNames = new Set(templates.flatMap((template) => nameOf(dataAt(template, ["metadata"]))));

  const planned = planMounts(strategy, strategy.workload);
  const existing = existingPodMounts(found.settings, pod, templateNames);
  const { missing, notes } = decideAdditions(planned, existing, podMountDifferences);
  const added = planned.filter(({ target }) => missing.has(target));
  const mounts = podMounts(added, strategy, options, {
    volumes: [...listOf(pod["volumes"]).flatMap(nameOf), ...templateNames],
    containers: ["containers", "initContainers"].flatMap((key) => listOf(pod[key]).flatMap(nameOf)),
  });
  if (mounts.initContainers.length > 0 && found.path.includes("initContainers"))
    throw new PetrifyError(
      "E_EXPORT_UNSUPPORTED",
      `${placeText(found)} is an init container, and directories that must be filled first would come too late.`,
      {
        hint: "Write the init container by hand, as --to kubernetes without --into shows it.",
      },
    );

  const severalPods = severalPodsNotes(found, dataAt(before.data, found.object), mounts);
  const set = missingSettings(strategy.settings ?? [], existingVariables(found.settings), placeText(found));
  const after = applyEdits(before, manifestEdits(found, pod, mounts, set.missing));
  const rest = documents.map((document, index) => (index === found.document ? after.text : document));
  const claims = missingClaims(found, mounts, documents, namespaceOf(dataAt(before.data, found.object)));
  return {
    text: byteOrderMark + withDocuments(rest.join(""), claims, before.lineBreak),
    notes: [
      ...strategyNotes(strategy),
      ...mountNotes(added, mounts, strategy, options),
      ...placeNotes(found, pod, strategy),
      ...claimNotes(found, mounts, before.text),
      ...severalPods,
      ...notes,
      ...set.notes,
    ],
  };
}
