import type { Strategy } from "../model/strategy.ts";
import { Commented, type YamlItem, mapLines } from "../strategy/yaml-text.ts";
import { compact, filled } from "./compact.ts";
import { containerSecurity, settingVariables } from "./kubernetes/container-settings.ts";
import { mountNotes } from "./kubernetes/notes.ts";
import { DEFAULT_KUBERNETES, type KubernetesOptions } from "./kubernetes/options.ts";
import { podMounts } from "./kubernetes/pod-mounts.ts";
import { fsGroupSettings } from "./kubernetes/pod-settings.ts";
import { planMounts } from "./mount-plan.ts";
import { introduction, oneLine, strategyNotes } from "./notes.ts";
import type { ExportResult } from "./result.ts";

/** How a chart calls what it puts into the pod. */
interface ChartNames {
  readonly container: string;
  readonly pod: string;
  readonly mounts: string;
  readonly volumes: string;
  /** Absent where the convention has no such value. */
  readonly env?: string;
  readonly init?: string;
  readonly manifests?: string;
}

/** The two conventions that most charts follow. */
const CONVENTIONS = {
  /** bitnami/charts and those written after it. */
  bitnami: {
    container: "containerSecurityContext",
    pod: "podSecurityContext",
    mounts: "extraVolumeMounts",
    volumes: "extraVolumes",
    env: "extraEnvVars",
    init: "initContainers",
    manifests: "extraDeploy",
  },
  /** What `helm create` writes (helm pkg/chartutil/create.go). */
  "helm-create": {
    container: "securityContext",
    pod: "podSecurityContext",
    mounts: "volumeMounts",
    volumes: "volumes",
  },
} as const satisfies Readonly<Record<string, ChartNames>>;

export const CHART_CONVENTIONS = ["bitnami", "helm-create"] as const satisfies readonly (keyof typeof CONVENTIONS)[];
export type ChartConvention = (typeof CHART_CONVENTIONS)[number];

/** The strategy as values for a Helm chart of a convention. Throws E_EXPORT_UNSUPPORTED. */
export function exportHelmValues(
  strategy: Strategy,
  options: KubernetesOptions = DEFAULT_KUBERNETES,
  convention: ChartConvention = "bitnami",
): ExportResult {
  const names: ChartNames = CONVENTIONS[convention];
  const planned = planMounts(strategy, strategy.workload);
  const mounts = podMounts(planned, strategy, options);
  const fsGroup = fsGroupSettings(mounts.fsGroup);
  const parts: readonly (readonly [key: string | undefined, what: string, value: YamlItem | undefined])[] = [
    [names.container, "", containerSecurity(strategy.workload)],
    [names.pod, "", Object.keys(fsGroup).length > 0 ? fsGroup : undefined],
    [names.env, "The list of variables", filled(settingVariables(strategy.settings))],
    [names.init, "The init container", filled(mounts.initContainers)],
    [names.mounts, "", filled(mounts.volumeMounts)],
    [names.volumes, "", filled(mounts.volumes)],
    [
      names.manifests,
      "The list of claims",
      mounts.claims.length === 0
        ? undefined
        : new Commented(
            [
              "The chart may make claims itself, below 'persistence': then drop these, and the mounts of the same paths.",
            ],
            mounts.claims.map(({ manifest }) => manifest),
          ),
    ],
  ];
  const values = compact(
    Object.fromEntries(parts.flatMap(([key, , value]) => (key === undefined ? [] : [[key, value]]))),
  );
  const lost = parts.flatMap(([key, what, value]) => (key === undefined && value !== undefined ? [what] : []));
  return {
    text: [...introduction(strategy).map((line) => `# ${oneLine(line)}`), ...mapLines(values), ""].join("\n"),
    notes: [
      ...strategyNotes(strategy),
      ...mountNotes(planned, mounts, strategy, options),
      ...lost.map((what) => `${what} has no value in this convention: see --to kubernetes, and add it to the chart.`),
      `The names are those of ${convention} (--chart): Helm ignores values that a chart does not know, so look for readOnlyRootFilesystem in what helm template prints.`,
    ],
  };
}
