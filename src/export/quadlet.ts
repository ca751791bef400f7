import type { Strategy } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import { PetrifyError } from "../model/errors.ts";
import { imageAndCommand } from "./command-text.ts";
import { sourceOf } from "./docker-mounts.ts";
import { bakedLogNotes } from "./log-notes.ts";
import { type PlannedMount, planMounts } from "./mount-plan.ts";
import { introduction, strategyNotes, workloadNotes } from "./notes.ts";
import { createVolumeWords, fullImage, podmanFlags, podmanNotes, volumeOptions } from "./podman.ts";
import { podmanMount } from "./podman-mounts.ts";
import { type ExportedFile, type ExportResult, severalFiles } from "./result.ts";
import { type UnitSection, unitText, unitValue, unitWord } from "./unit-file.ts";
import { restartSetting, serviceFlags, serviceName, serviceNotes } from "./unit-run.ts";
import { workloadUnder } from "../strategy/settings.ts";
import { type Version, isAtLeast, versionText } from "./version.ts";

type Setting = readonly [key: string, value: string];

/** Flags of `podman run` that have a key (podman-systemd.unit(5)), and whether its value is read as words or as it stands. */
const KEYS: Readonly<Record<string, { readonly key: string; readonly words: boolean; readonly since: Version }>> = {
  "--tmpfs": { key: "Tmpfs", words: false, since: [4, 8] },
  "--volume": { key: "Volume", words: false, since: [4, 4] },
  "--env": { key: "Environment", words: true, since: [4, 4] },
  "--label": { key: "Label", words: true, since: [4, 4] },
  "--publish": { key: "PublishPort", words: false, since: [4, 4] },
  "--cap-add": { key: "AddCapability", words: true, since: [4, 4] },
  "--cap-drop": { key: "DropCapability", words: true, since: [4, 4] },
};
const FIRST: Version = [4, 4];
/** ReadOnlyTmpfs= came with it (containers/podman issue 20439); before, ReadOnly= meant that no tmpfs is added. */
const READ_ONLY_TMPFS: Version = [4, 8];
export const DEFAULT_PODMAN: Version = READ_ONLY_TMPFS;

/** The strategy as units of Podman's Quadlet: NAME.container, and NAME.volume for each volume. Throws E_EXPORT_UNSUPPORTED, E_USAGE. */
export function exportQuadlet(
  strategy: Strategy,
  podman: Version = DEFAULT_PODMAN,
  workload: Workload = workloadUnder(strategy),
): ExportResult {
  if (!isAtLeast(podman, FIRST))
    throw new PetrifyError(
      "E_EXPORT_UNSUPPORTED",
      `Podman ${versionText(podman)} has no Quadlet, which came with 4.4.`,
      {
        hint: "Use --to systemd --with podman.",
      },
    );
  const mounts = planMounts(strategy, workload);
  const volumes = mounts.flatMap((mount) => (mount.kind === "volume" && hasUnit(mount) ? [mount] : []));
  const name = serviceName(workload);
  return severalFiles(
    [
      { name: `${name}.container`, text: containerUnit(strategy, mounts, workload, podman) },
      ...volumes.map((volume) => volumeUnit(volume, strategy)),
    ],
    [
      ...strategyNotes(strategy),
      ...bakedLogNotes(strategy),
      ...podmanNotes(mounts),
      ...serviceNotes(workload),
      ...workloadNotes(workload),
    ],
  );
}

function containerUnit(
  strategy: Strategy,
  mounts: readonly PlannedMount[],
  workload: Workload,
  podman: Version,
): string {
  const [image = "", ...command] = imageAndCommand("podman", fullImage(workload), workload);
  const settings: Setting[] = [
    ["ContainerName", serviceName(workload)],
    ["Image", unitValue(image)],
    ...(command.length > 0 ? [["Exec", command.map(unitWord).join(" ")] as const] : []),
    ["ReadOnly", "true"],
    ...(isAtLeast(podman, READ_ONLY_TMPFS) ? [["ReadOnlyTmpfs", "false"] as const] : []),
    ...serviceFlags(podmanFlags(mounts, workload))
      .filter(([flag = ""]) => !flag.startsWith("--read-only"))
      .map((flag) => containerSetting(flag, mounts, podman)),
  ];
  const comments = [...introduction(strategy), ...mounts.map(({ target, why }) => `${target}: ${why}`)];
  const restart = restartSetting(workload);
  return unitText(comments, [
    { name: "Container", settings },
    ...(restart.length > 0 ? [{ name: "Service", settings: restart }] : []),
    { name: "Install", settings: [["WantedBy", "multi-user.target default.target"]] },
  ]);
}

function containerSetting(
  [flag = "", value]: readonly string[],
  mounts: readonly PlannedMount[],
  podman: Version,
): Setting {
  const known = KEYS[flag];
  // Mount= is not used: Quadlet of 5.4 panics on a volume without a source. Environment= needs a value.
  const isInherited = flag === "--env" && value?.includes("=") === false;
  if (known === undefined || value === undefined || isInherited || !isAtLeast(podman, known.since))
    return ["PodmanArgs", [flag, ...(value === undefined ? [] : [unitWord(value)])].join(" ")];
  const unit = mounts.find(
    (mount) => mount.kind === "volume" && flag === "--volume" && value.startsWith(`${sourceOf(mount)}:${mount.target}`),
  );
  const text = unit?.kind === "volume" ? value.replace(unit.name, `${unit.name}.volume`) : value;
  return [known.key, known.words ? unitWord(text) : unitValue(text)];
}

/** A volume of the flag `--mount` cannot name a unit; Podman makes it, when there is nothing else to say. Throws E_EXPORT_UNSUPPORTED. */
function hasUnit(mount: PlannedMount & { kind: "volume" }): boolean {
  const [flag] = podmanMount(mount);
  if (flag !== "--volume" && createVolumeWords(mount).length > 0)
    throw new PetrifyError(
      "E_EXPORT_UNSUPPORTED",
      `Quadlet cannot mount a volume with a driver at ${mount.target}: Volume= ends the path at the colon.`,
      {
        hint: "Let the application use a directory whose name has no colon.",
      },
    );
  return flag === "--volume";
}

/** Options of the local driver that Quadlet has keys for, which it takes together with a device only. */
const LOCAL_OPTIONS: Readonly<Record<string, string>> = { type: "Type", device: "Device", o: "Options" };

function volumeUnit(volume: PlannedMount & { kind: "volume" }, strategy: Strategy): ExportedFile {
  const { name, target, driver } = volume;
  const options = volumeOptions(volume);
  const settings: Setting[] = [
    ["VolumeName", unitValue(name)],
    ...(driver === undefined ? [] : [["Driver", unitValue(driver)] as const]),
    ...Object.entries(options).map(([key, value]): Setting => {
      const known = options["device"] === undefined ? undefined : LOCAL_OPTIONS[key];
      return known === undefined ? ["PodmanArgs", `--opt ${unitWord(`${key}=${value}`)}`] : [known, unitValue(value)];
    }),
  ];
  const section: UnitSection = { name: "Volume", settings };
  return { name: `${name}.volume`, text: unitText([`Volume of ${strategy.name} at ${target}.`], [section]) };
}
