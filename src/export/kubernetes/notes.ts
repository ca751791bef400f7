import type { Strategy } from "../../model/strategy.ts";
import { seccompOf } from "../../model/seccomp.ts";
import { formatMode, formatSize } from "../../model/units.ts";
import type { Workload } from "../../model/workload.ts";
import { seededLogNotes } from "../log-notes.ts";
import type { PlannedMount } from "../mount-plan.ts";
import { isNoNewPrivileges, localSeccompProfile, secretName } from "./container-settings.ts";
import { type KubernetesOptions, has } from "./options.ts";
import type { PodMounts } from "./pod-mounts.ts";

/** What Kubernetes makes of the mounts that differs from what was verified, or that its user must do; one sentence each. */
export function mountNotes(
  mounts: readonly PlannedMount[],
  { initContainers, claims }: PodMounts,
  strategy: Strategy,
  options: KubernetesOptions,
): string[] {
  const forgotten = mounts.filter(({ kind }) => kind === "tmpfs" || kind === "scratch") as readonly ForgottenMount[];
  const other = forgotten.filter(({ mode, uid, gid }) => mode !== 0o777 || uid !== 0 || gid !== 0);
  const noexec = mounts.filter((mount) => mount.kind !== "bind" && !mount.exec);
  const disk = mounts.filter(({ kind }) => kind === "scratch");
  const binds = mounts.flatMap((mount) => (mount.kind === "bind" ? [mount.source] : []));
  const assumed = claims.filter(({ sizeIsAssumed }) => sizeIsAssumed);
  const drivers = mounts.flatMap((mount) =>
    mount.kind === "volume" && mount.driver !== undefined ? [mount.driver] : [],
  );
  return [
    ...(other.length > 0 && !options.exactModes
      ? [
          `An emptyDir is 0777 and root's${modeText(options)}: ${other.map(verifiedMode).join(", ")} was verified. A program that checks this needs --exact-modes.`,
        ]
      : []),
    ...(noexec.length > 0
      ? [`Code in a pod's volumes can be run${execText(options)}: also in ${targets(noexec)}.`]
      : []),
    ...(disk.length > 0 ? [`The kubelet evicts the pod when ${targets(disk)} grows over its sizeLimit.`] : []),
    ...initContainers.map(() => prepareNote(strategy.workload, options)),
    ...seededLogNotes(strategy, mounts),
    ...(options.seedImage !== undefined && initContainers.length > 0 && !has("imageVolumeIsStable", options)
      ? ["A volume of an image needs the feature gate ImageVolume before Kubernetes 1.36."]
      : []),
    ...(binds.length > 0 ? [`${binds.join(", ")} must be on every node that the pod can run on.`] : []),
    ...(assumed.length > 0
      ? [
          `The strategy says no size for ${assumed.map(({ target }) => target).join(", ")}: ${formatSize(options.volumeSizeBytes)} is asked for (--volume-size).`,
        ]
      : []),
    ...(drivers.length > 0
      ? [`The storage class decides, not the volume driver ${drivers.join(", ")}: give the claim one.`]
      : []),
  ];
}

type ForgottenMount = PlannedMount & { kind: "tmpfs" | "scratch" };

/** Settings of a run that Kubernetes has no field for, or only outside of the pod. */
const UNSAID: readonly (readonly [name: string, isSet: (workload: Workload) => boolean])[] = [
  ["--ulimit", ({ ulimits }) => ulimits.length > 0],
  ["--pids-limit", ({ pidsLimit }) => pidsLimit !== undefined],
  ["--init", ({ init }) => init],
  ["--runtime", ({ runtime }) => runtime !== undefined],
  ["--stop-signal", ({ stopSignal }) => stopSignal !== undefined],
  ["--label", ({ labels }) => Object.keys(labels).length > 0],
  ["--network", ({ network }) => network !== undefined && network !== "host"],
  ["--shm-size", ({ shmSizeBytes }) => shmSizeBytes !== undefined],
  ["--user by name", ({ user }) => user !== undefined && !/^\d+(?::\d+)?$/.test(user)],
  ["--group-add by name", ({ groupAdd }) => groupAdd.some((group) => !/^\d+$/.test(group))],
  [
    "--security-opt",
    ({ securityOpt }) => securityOpt.some((option) => !isNoNewPrivileges(option) && seccompOf(option) === undefined),
  ],
  ["--restart", ({ restart }) => restart !== undefined && restart !== "always" && restart !== "unless-stopped"],
];

/** What must be known of a workload that becomes a pod; one sentence each. */
export function podNotes(workload: Workload): string[] {
  const unsaid = UNSAID.filter(([, isSet]) => isSet(workload)).map(([name]) => name);
  const profile = localSeccompProfile(workload);
  const secrets = workload.env.filter((variable) => !variable.includes("="));
  return [
    ...(unsaid.length > 0 ? [`Left out, because a pod has no such field: ${unsaid.join(", ")}.`] : []),
    ...(secrets.length > 0
      ? [`Taken from the Secret ${secretName(workload)}, which must hold ${secrets.join(", ")}.`]
      : []),
    ...(profile !== undefined
      ? [
          `The seccomp profile ${profile.path} must be on each node, as seccomp/${profile.name} of the kubelet's directory.`,
        ]
      : []),
    ...(workload.ports.length > 0 ? ["A pod publishes no ports: give it a Service."] : []),
    ...(workload.privileged ? ["It is privileged: it can make its root writable again."] : []),
  ];
}

function targets(mounts: readonly PlannedMount[]): string {
  return mounts.map(({ target }) => target).join(", ");
}

function verifiedMode({ target, mode, uid, gid }: ForgottenMount): string {
  return `${target} ${formatMode(mode)} ${uid}:${gid}`;
}

function modeText(options: KubernetesOptions): string {
  return has("emptyDirMode", options)
    ? " unless the feature gate EmptyDirVolumeMode is on, which lets its mode be set"
    : "";
}

function execText(options: KubernetesOptions): string {
  return has("bindMountOptions", options) ? " unless the feature gate VolumeBindMountOptions is on" : "";
}

function prepareNote({ image }: Workload, { seedImage }: KubernetesOptions): string {
  const needs =
    seedImage === undefined
      ? `It needs sh and cp in ${image}: without them give --seed-image IMAGE.`
      : `It needs sh and cp in ${seedImage}.`;
  return `An init container, as root, fills or sets up directories before each start of the pod. ${needs}`;
}
