import { PetrifyError } from "../model/errors.ts";
import { seccompOf } from "../model/seccomp.ts";
import type { Strategy } from "../model/strategy.ts";
import { exportCompose } from "./compose.ts";
import { spliceCompose } from "./compose-splice.ts";
import { exportOnDataDir } from "./data-dir.ts";
import { exportDocker } from "./docker.ts";
import { type ChartConvention, exportHelmValues } from "./helm-values.ts";
import { spliceKubernetes } from "./kubernetes-splice.ts";
import { type ManifestKind, exportKubernetes } from "./kubernetes/manifest.ts";
import { DEFAULT_KUBERNETES, type KubernetesOptions } from "./kubernetes/options.ts";
import type { ContainerChoice } from "./kubernetes-splice/workloads.ts";
import type { ExportedRun, Logging } from "./logging.ts";
import { workloadUnder } from "../strategy/settings.ts";
import { exportKustomize } from "./kustomize.ts";
import { exportPodman } from "./podman.ts";
import { exportQuadlet } from "./quadlet.ts";
import type { ExportResult } from "./result.ts";
import { type UnitEngine, exportSystemd } from "./systemd.ts";
import type { Version } from "./version.ts";

export interface ExportOptions {
  /** Text of a file to write into, byte for byte the same but for what the strategy needs. */
  readonly existing?: string;
  /** Service of a Compose file. */
  readonly service?: string;
  /** Object of a manifest or kustomization. */
  readonly workload?: string;
  /** Container of that object. */
  readonly container?: string;
  /** A Pod instead of a Deployment. */
  readonly kind?: ManifestKind;
  readonly kubeVersion?: Version;
  readonly exactModes?: boolean;
  readonly seedImage?: string;
  readonly volumeSizeBytes?: number;
  readonly podmanVersion?: Version;
  readonly chart?: ChartConvention;
  /** Directory of the host below which Docker's volumes without code lie, because it can be mounted noexec. */
  readonly dataDir?: string;
  /** What a systemd unit starts. */
  readonly engine?: UnitEngine;
  readonly logging?: Logging;
}

interface TargetDefinition {
  /** Options that mean something for it. */
  readonly options: readonly (keyof ExportOptions)[];
  readonly write: (strategy: Strategy, options: ExportOptions) => ExportResult;
}

const KUBERNETES = ["kubeVersion", "exactModes", "seedImage", "volumeSizeBytes"] as const;

const DEFINITIONS = {
  docker: {
    options: ["dataDir", "logging"],
    write: (strategy, options) => exportDocker(strategy, runOf(strategy, options)),
  },
  podman: { options: ["logging"], write: (strategy, options) => exportPodman(strategy, runOf(strategy, options)) },
  compose: {
    options: ["existing", "service", "dataDir", "logging"],
    write: (strategy, options) => {
      const { existing, service } = options;
      return existing === undefined
        ? exportCompose(strategy, runOf(strategy, options))
        : spliceCompose(existing, strategy, service === undefined ? {} : { service });
    },
  },
  kubernetes: {
    options: ["existing", "workload", "container", "kind", ...KUBERNETES],
    write: (strategy, options) =>
      options.existing === undefined
        ? exportKubernetes(strategy, kubernetesOptions(options), options.kind)
        : spliceKubernetes(options.existing, strategy, kubernetesOptions(options), choiceOf(options)),
  },
  kustomize: {
    options: ["workload", "container", ...KUBERNETES],
    write: (strategy, options) => exportKustomize(strategy, kubernetesOptions(options), choiceOf(options)),
  },
  "helm-values": {
    options: ["chart", ...KUBERNETES],
    write: (strategy, options) => exportHelmValues(strategy, kubernetesOptions(options), options.chart),
  },
  quadlet: {
    options: ["podmanVersion", "logging"],
    write: (strategy, options) => exportQuadlet(strategy, options.podmanVersion, runOf(strategy, options)),
  },
  systemd: {
    options: ["engine", "dataDir", "logging"],
    write: (strategy, options) => exportSystemd(strategy, options.engine, runOf(strategy, options)),
  },
} as const satisfies Readonly<Record<string, TargetDefinition>>;

export type Target = keyof typeof DEFINITIONS;
export const TARGETS = Object.keys(DEFINITIONS) as readonly Target[];

/** The flag of each option, for messages. */
const FLAGS: Readonly<Record<keyof ExportOptions, string>> = {
  existing: "--into",
  service: "--service",
  workload: "--workload",
  container: "--container",
  kind: "--pod",
  kubeVersion: "--kube-version",
  exactModes: "--exact-modes",
  seedImage: "--seed-image",
  volumeSizeBytes: "--volume-size",
  podmanVersion: "--podman-version",
  chart: "--chart",
  dataDir: "--data-dir",
  engine: "--with",
  logging: "--log-driver",
};

/** A strategy in the words of a target. Throws E_EXPORT_UNSUPPORTED, E_COMPOSE_INVALID, E_MANIFEST_INVALID, E_USAGE. */
export function exportTo(target: Target, strategy: Strategy, options: ExportOptions = {}): ExportResult {
  const { options: known, write }: TargetDefinition = DEFINITIONS[target];
  const given = (Object.keys(options) as (keyof ExportOptions)[]).filter((option) => options[option] !== undefined);
  const strange = given.find((option) => !known.includes(option));
  if (strange !== undefined) {
    const meant = TARGETS.filter((other) => (DEFINITIONS[other] as TargetDefinition).options.includes(strange));
    throw new PetrifyError("E_USAGE", `${FLAGS[strange]} means nothing for --to ${target}.`, {
      hint: `It is for --to ${meant.join(", ")}.`,
    });
  }
  if (options.logging !== undefined && options.existing !== undefined)
    throw new PetrifyError("E_USAGE", "A file that exists keeps its own log driver.", {
      hint: "Leave --log-driver and --log-opt out, and write them there.",
    });
  // A file that exists already has its kind, and choices in it are made by name.
  const misplaced = given.find((option) => ONLY_INTO.has(option));
  if (misplaced !== undefined && options.existing === undefined && target !== "kustomize")
    throw new PetrifyError("E_USAGE", `${FLAGS[misplaced]} is for a file that exists.`, { hint: "Give --into FILE." });
  // A file that exists keeps its own settings.
  if (options.existing === undefined && target !== "kustomize") failIfProfileIsInline(strategy);
  const { dataDir } = options;
  return dataDir === undefined
    ? write(strategy, options)
    : exportOnDataDir(strategy, dataDir, (placed) => write(placed, options));
}

/** A container that was learned by its name tells what is in its profile, and not where it lies: no target takes that. */
function failIfProfileIsInline({ workload }: Strategy): void {
  if (workload.securityOpt.every((option) => seccompOf(option)?.kind !== "text")) return;
  throw new PetrifyError(
    "E_EXPORT_UNSUPPORTED",
    "The strategy holds a seccomp profile itself, and exports name a file.",
    {
      hint: "Save what follows seccomp= in workload.securityOpt as a file, and write seccomp=/PATH/OF/IT there.",
    },
  );
}

const ONLY_INTO: ReadonlySet<keyof ExportOptions> = new Set(["service", "workload", "container"]);

function runOf(strategy: Strategy, { logging }: ExportOptions): ExportedRun {
  return { ...workloadUnder(strategy), ...(logging === undefined ? {} : { logging }) };
}

function kubernetesOptions({ kubeVersion, exactModes, seedImage, volumeSizeBytes }: ExportOptions): KubernetesOptions {
  return {
    version: kubeVersion ?? DEFAULT_KUBERNETES.version,
    exactModes: exactModes ?? DEFAULT_KUBERNETES.exactModes,
    volumeSizeBytes: volumeSizeBytes ?? DEFAULT_KUBERNETES.volumeSizeBytes,
    ...(seedImage === undefined ? {} : { seedImage }),
  };
}

function choiceOf({ workload, container }: ExportOptions): ContainerChoice {
  return { ...(workload === undefined ? {} : { workload }), ...(container === undefined ? {} : { container }) };
}
