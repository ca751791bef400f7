import { expect, test } from "vitest";
import { parse } from "yaml";
import { renderedByHand } from "../../test/support/helm-chart.ts";
import { type SchemaVersion, schemaErrors } from "../../test/support/kubernetes-schema.ts";
import { SAMPLES } from "../../test/support/strategy-samples.ts";
import { CHART_CONVENTIONS, exportHelmValues } from "./helm-values.ts";

test.each(CHART_CONVENTIONS.flatMap((convention) => Object.keys(SAMPLES).map((name) => [convention, name] as const)))(
  "a chart like those of %s knows each value for %s, and Kubernetes takes what it makes of them",
  (convention, name) => {
    const { text } = exportHelmValues(SAMPLES[name]!, undefined, convention);
    const manifests = renderedByHand(parse(text) as Record<string, unknown>, convention);
    for (const version of ["1.25", "1.37"] satisfies SchemaVersion[])
      expect(manifests.flatMap((manifest) => schemaErrors(version, manifest))).toEqual([]);
    expect(JSON.stringify(manifests[0])).toContain('"readOnlyRootFilesystem":true');
  },
);
