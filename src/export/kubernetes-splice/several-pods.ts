import { PetrifyError } from "../../model/errors.ts";
import type { PodMounts } from "../kubernetes/pod-mounts.ts";
import { dataAt } from "../splice/edits.ts";
import type { Data } from "../splice/source.ts";
import { type FoundContainer, placeText } from "./workloads.ts";

/** Where each kind says how many of its pods run at once; nothing said is one. */
const COUNT: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["spec", "replicas"],
  ReplicaSet: ["spec", "replicas"],
  ReplicationController: ["spec", "replicas"],
  Job: ["spec", "parallelism"],
  CronJob: ["spec", "jobTemplate", "spec", "parallelism"],
};

/** A setting without which a second pod starts beside the first. */
const ONE_AT_A_TIME: Readonly<
  Record<string, { readonly path: readonly string[]; readonly values: readonly string[] }>
> = {
  Deployment: { path: ["spec", "strategy", "type"], values: ["Recreate"] },
  CronJob: { path: ["spec", "concurrencyPolicy"], values: ["Forbid", "Replace"] },
};

/**
 * What the user must set so that never two pods write one new claim, which would spoil it. Throws E_EXPORT_UNSUPPORTED for an object
 * that has several pods: what each had for itself, all would share.
 */
export function severalPodsNotes(found: FoundContainer, object: Data | undefined, { claims }: PodMounts): string[] {
  if (claims.length === 0) return [];
  const { kind } = found;
  const targets = claims.map(({ target }) => target).join(", ");
  const count = COUNT[kind] && dataAt(object, COUNT[kind]);
  const isOne = count === undefined || count === null || count === 0 || count === 1;
  if (kind === "DaemonSet" || !isOne)
    throw new PetrifyError(
      "E_EXPORT_UNSUPPORTED",
      `${placeText(found)} can have several pods, which would all write one volume at ${targets}.`,
      { hint: "Make it a StatefulSet, whose pods have claims of their own, or mount there what they may share." },
    );
  const setting = ONE_AT_A_TIME[kind];
  const said = setting && dataAt(object, setting.path);
  if (setting === undefined || setting.values.some((value) => value === said)) return [];
  return [
    `A second pod would write ${targets} beside the first: set ${setting.path.join(".")} to ${setting.values[0]}.`,
  ];
}
