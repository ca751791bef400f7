import { expect, test } from "vitest";
import { renderPlan } from "./render-plan.ts";

function plan(files: Readonly<Record<string, string>>): { roots: string[]; covered: string[] } {
  const { roots, covered } = renderPlan(Object.entries(files).map(([name, text]) => ({ name, text })));
  return { roots: roots.map(({ tool, folder }) => `${tool} ${folder}`), covered: [...covered] };
}

test("a chart covers all that lies in it, and the charts that it brings along", () => {
  expect(
    plan({
      "web/Chart.yaml": "",
      "web/values.yaml": "",
      "web/templates/a.yaml": "",
      "web/charts/db/Chart.yaml": "",
      "web/x/kustomization.yaml": "resources: [../../webshop.yaml]",
      "webshop.yaml": "",
    }),
  ).toEqual({
    roots: ["helm web"],
    covered: [
      "web/Chart.yaml",
      "web/values.yaml",
      "web/templates/a.yaml",
      "web/charts/db/Chart.yaml",
      "web/x/kustomization.yaml",
    ],
  });
});

test("a chart in the folder where one stands", () => {
  expect(plan({ "Chart.yaml": "", "templates/a.yaml": "", "../b.yaml": "", "/c.yaml": "" })).toEqual({
    roots: ["helm ."],
    covered: ["Chart.yaml", "templates/a.yaml"],
  });
});

test("a kustomization covers what it names; those that others name, and components, are not rendered by themselves", () => {
  expect(
    plan({
      "base/kustomization.yaml": "resources: [web.yaml, https://example.org/x.yaml]",
      "base/web.yaml": "",
      "base/other.yaml": "",
      "part/kustomization.yml": "kind: Component\npatches: [{path: p.yaml}, {patch: '- op: remove'}]",
      "part/p.yaml": "",
      "live/Kustomization":
        'resources: [../base/]\ncomponents: [../part]\npatchesStrategicMerge: [s.yaml, "kind: Pod\\n"]',
      "live/s.yaml": "",
      "broken/kustomization.yaml": "resources: [",
    }),
  ).toEqual({
    roots: ["kustomize live", "kustomize broken"],
    covered: [
      "base/kustomization.yaml",
      "base/web.yaml",
      "part/kustomization.yml",
      "part/p.yaml",
      "live/Kustomization",
      "live/s.yaml",
      "broken/kustomization.yaml",
    ],
  });
});

test("nothing to render", () => {
  expect(plan({ "web.yaml": "kind: Pod" })).toEqual({ roots: [], covered: [] });
});
