import { join, normalize } from "node:path/posix";
import { parse } from "yaml";
import type { AuditText } from "../../inputs.ts";
import { type Renderable, renderableOf } from "./unrendered.ts";

/** What of some texts is rendered, and which of them are then not read themselves. */
export interface RenderPlan {
  readonly roots: readonly Renderable[];
  readonly covered: ReadonlySet<string>;
}

// Fields of a kustomization that name files and folders of this host.
const KUSTOMIZE_PATHS = [
  "resources",
  "bases",
  "components",
  "crds",
  "patchesStrategicMerge",
  "patches",
  "patchesJson6902",
];

/**
 * What to render: charts that no other one holds, and kustomizations that no other one names. Covered is all that lies in a chart,
 * and what a kustomization names; a file beside it that it does not name is read as it is.
 */
export function renderPlan(texts: readonly AuditText[]): RenderPlan {
  const found = texts.flatMap((text) => {
    const renderable = renderableOf(text.name);
    return renderable === undefined ? [] : [{ ...renderable, text }];
  });
  const charts = found.filter(({ tool }) => tool === "helm").map(({ folder }) => folder);
  const inChart = (name: string): boolean => charts.some((folder) => isBelow(name, folder));
  const kustomizations = found.filter(({ tool, text }) => tool === "kustomize" && !inChart(text.name));
  const named = new Set(
    kustomizations.flatMap(({ folder, text }) => pathsOf(text.text).map((path) => join(folder, path))),
  );
  const roots = [
    ...found.filter(
      ({ tool, folder }) => tool === "helm" && !charts.some((other) => other !== folder && isBelow(folder, other)),
    ),
    ...kustomizations.filter(({ folder, text }) => !named.has(normalize(folder)) && !isComponent(text.text)),
  ].map(({ tool, folder }) => ({ tool, folder }));
  const covered = texts
    .map(({ name }) => name)
    .filter((name) => renderableOf(name) !== undefined || inChart(name) || named.has(normalize(name)));
  return { roots, covered: new Set(covered) };
}

function pathsOf(text: string): readonly string[] {
  return KUSTOMIZE_PATHS.flatMap((key) => {
    const value = kustomization(text)[key];
    return Array.isArray(value) ? value.flatMap(pathOf) : [];
  });
}

function pathOf(item: unknown): readonly string[] {
  const path = typeof item === "object" && item !== null && "path" in item ? item.path : item;
  // A patch may stand there itself; what has a scheme is on another host.
  return typeof path === "string" && !path.includes("\n") && !path.includes("://")
    ? [path.replace(/(.)\/+$/, "$1")]
    : [];
}

function isComponent(text: string): boolean {
  return kustomization(text)["kind"] === "Component";
}

/** What cannot be read names nothing; the tool will say what is wrong with it. */
function kustomization(text: string): Readonly<Record<string, unknown>> {
  try {
    const data: unknown = parse(text, { logLevel: "silent" });
    return typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isBelow(name: string, folder: string): boolean {
  return folder === "." ? !name.startsWith("../") && !name.startsWith("/") : name.startsWith(`${folder}/`);
}
