import { expect } from "vitest";
import { spliceKubernetes } from "../../src/export/kubernetes-splice.ts";
import { DEFAULT_KUBERNETES, type KubernetesOptions } from "../../src/export/kubernetes/options.ts";
import type { ContainerChoice } from "../../src/export/kubernetes-splice/workloads.ts";
import type { ExportResult } from "../../src/export/result.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import { schemaErrors } from "./kubernetes-schema.ts";
import { objectsOf } from "./manifest-objects.ts";
import { APP } from "./splice.ts";

/** The manifest after the splice, which Kubernetes' schema must allow, and of which a second run must change nothing. */
export function splicedManifest(
  text: string,
  subject: Strategy = APP,
  choice: ContainerChoice = {},
  options: KubernetesOptions = DEFAULT_KUBERNETES,
): ExportResult {
  const result = spliceKubernetes(text, subject, options, choice);
  expect(spliceKubernetes(result.text, subject, options, choice).text, "a second run changes nothing").toBe(
    result.text,
  );
  expect(objectsOf(result.text).flatMap((object) => schemaErrors("1.34", object))).toEqual([]);
  return result;
}
