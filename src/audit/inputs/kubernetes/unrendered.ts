import { basename, dirname } from "node:path/posix";
import type { AuditProblem } from "../../../model/finding.ts";
import type { Data } from "../../../export/splice/source.ts";
import { isData } from "../../../export/splice/source.ts";
import type { AuditText } from "../../inputs.ts";
import { locationIn } from "../../locator.ts";

// Actions that Helm's charts are made of; other programs' `{{ }}` stand in texts of rendered manifests, too.
const ACTION =
  /\{\{-?\s*(?:\.(?:Values|Chart|Release|Capabilities|Files|Template)\b|(?:include|template|define|toYaml|tpl|if|else|end|range|with)\b|\$|\/\*)/;
// What a pod may say with `{{ }}` in it when it is rendered.
const FREE_TEXT = new Set(["env", "args", "command", "annotations", "data"]);

/** Where the first action of a Helm template stands in a text; undefined when it has none. */
export function actionIn(text: string): number | undefined {
  const found = text.includes("{{") ? ACTION.exec(text) : null;
  return found?.index;
}

/** Whether an action is left where a rendered manifest has a setting. */
export function hasAction(data: Data): boolean {
  if (typeof data === "string") return data.includes("{{");
  if (typeof data !== "object" || data === null) return false;
  if (!isData(data)) return data.some(hasAction);
  // A map as a key is how YAML reads `{{ .Values.x }}` without quotes.
  return Object.entries(data).some(
    ([key, value]) => key.startsWith("{") || key.includes("{{") || (!FREE_TEXT.has(key) && hasAction(value)),
  );
}

/** That a text has to be rendered first, and how. */
export function unrendered({ name, text }: AuditText, action: number): AuditProblem {
  const folder = chartOf(name);
  return {
    source: name,
    code: "E_UNRENDERED",
    message: "This is a template: what it asks for is only known when it is rendered.",
    hint: `Run helm template ${folder} | petrify audit -, or petrify audit --render ${folder}.`,
    at: locationIn(text, action),
  };
}

/** What a folder is made of that a tool renders. */
export interface Renderable {
  readonly tool: "helm" | "kustomize";
  readonly folder: string;
}

/** The folder that a file by its name makes one to be rendered. */
export function renderableOf(name: string): Renderable | undefined {
  const tool = RENDERED[basename(name)];
  return tool === undefined ? undefined : { tool, folder: dirname(name) };
}

// helm.sh/docs/topics/charts; kubectl.docs.kubernetes.io/references/kustomize/glossary, "kustomization".
const RENDERED: Readonly<Record<string, Renderable["tool"]>> = {
  "Chart.yaml": "helm",
  "kustomization.yaml": "kustomize",
  "kustomization.yml": "kustomize",
  Kustomization: "kustomize",
};

/** That a chart or a kustomization is no manifest yet. */
export function unrenderedFolder(name: string, { tool, folder }: Renderable): AuditProblem {
  const [what, command] =
    tool === "helm"
      ? ["a Helm chart", `helm template ${folder}`]
      : ["a Kustomize folder", `kubectl kustomize ${folder}`];
  return {
    source: name,
    code: "E_UNRENDERED",
    message: `This belongs to ${what}: what it asks for is only known when it is rendered.`,
    hint: `Run ${command} | petrify audit -, or petrify audit --render ${folder}.`,
    at: { line: 1, column: 1 },
  };
}

function chartOf(name: string): string {
  const steps = name.split("/");
  const templates = steps.lastIndexOf("templates");
  return templates > 0 ? steps.slice(0, templates).join("/") : "CHART";
}
