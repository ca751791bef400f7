import type { ChartConvention } from "../../src/export/helm-values.ts";

/** Where a chart of each convention puts its values: into the container, the pod, or beside the workload. */
const PLACES: Readonly<
  Record<ChartConvention, Readonly<Record<string, readonly ["container" | "pod" | "beside", string]>>>
> = {
  bitnami: {
    containerSecurityContext: ["container", "securityContext"],
    podSecurityContext: ["pod", "securityContext"],
    extraVolumeMounts: ["container", "volumeMounts"],
    extraVolumes: ["pod", "volumes"],
    initContainers: ["pod", "initContainers"],
    extraDeploy: ["beside", ""],
  },
  "helm-create": {
    securityContext: ["container", "securityContext"],
    podSecurityContext: ["pod", "securityContext"],
    volumeMounts: ["container", "volumeMounts"],
    volumes: ["pod", "volumes"],
  },
};

const CONTAINER = { name: "app", image: "app:1" };
const LABELS = { app: "app" };

/** What the smallest chart of the convention makes of values: manifests. Throws on a value that it does not know, where Helm would be silent. */
export function renderedByHand(values: Readonly<Record<string, unknown>>, convention: ChartConvention): unknown[] {
  const parts = { container: { ...CONTAINER }, pod: {}, beside: [] as unknown[] };
  for (const [key, value] of Object.entries(values)) {
    const place = PLACES[convention][key];
    if (place === undefined) throw new Error(`${convention} knows no value ${key}`);
    if (place[0] === "beside") parts.beside = value as unknown[];
    else Object.assign(parts[place[0]], { [place[1]]: value });
  }
  return [deployment({ ...parts.pod, containers: [parts.container] }), ...parts.beside];
}

function deployment(pod: unknown): unknown {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "app" },
    spec: { selector: { matchLabels: LABELS }, template: { metadata: { labels: LABELS }, spec: pod } },
  };
}

/** The same chart as Helm reads it, by file name. */
export function chartFiles(convention: ChartConvention): Readonly<Record<string, string>> {
  const of = (where: string): string[] =>
    Object.entries(PLACES[convention]).flatMap(([key, [place, field]]) =>
      place === where ? [`{{- with .Values.${key} }}${field === "" ? "" : `\n${field}:`}`, `KEY ${key}`] : [],
    );
  const block = (where: "container" | "pod", indent: number): string =>
    of(where)
      .map((line) =>
        line.startsWith("KEY ")
          ? `\n${" ".repeat(indent + 2)}{{- toYaml . | nindent ${indent + 2} }}\n${" ".repeat(indent)}{{- end }}\n`
          : line.replace("\n", `\n${" ".repeat(indent)}`).replace(/^/, " ".repeat(indent)),
      )
      .join("");
  const beside = of("beside").length === 0 ? "" : `{{- range .Values.extraDeploy }}\n---\n{{ toYaml . }}\n{{- end }}\n`;
  return {
    "Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
    "templates/all.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  selector:
    matchLabels: ${JSON.stringify(LABELS)}
  template:
    metadata:
      labels: ${JSON.stringify(LABELS)}
    spec:
${block("pod", 6)}      containers:
        - name: app
          image: app:1
${block("container", 10)}${beside}`,
  };
}
