import type { Strategy } from "../model/strategy.ts";
import { formatSize } from "../model/units.ts";
import { isImageId, parseReference } from "../strategy/reference.ts";
import type { Workload } from "../model/workload.ts";
import { formatTmpfsSize } from "../strategy/tmpfs-options.ts";
import { commandLines, commentLines, imageAndCommand, nameFlag } from "./command-text.ts";
import { dockerFlags } from "./docker-flags.ts";
import { bakedLogNotes } from "./log-notes.ts";
import { type PlannedMount, planMounts } from "./mount-plan.ts";
import { introduction, strategyNotes, workloadNotes } from "./notes.ts";
import { isForgottenOnDisk, podmanMount } from "./podman-mounts.ts";
import { workloadUnder } from "../strategy/settings.ts";
import type { ExportResult } from "./result.ts";

/** The strategy as `podman run` for a POSIX shell, after the volumes that only `podman volume create` can say. Throws E_EXPORT_UNSUPPORTED. */
export function exportPodman(strategy: Strategy, workload: Workload = workloadUnder(strategy)): ExportResult {
  const mounts = planMounts(strategy, workload);
  const comments = [...introduction(strategy), ...mounts.map(({ target, why }) => `${target}: ${why}`)];
  const run = [["podman", "run"], ...nameFlag(workload), ...podmanFlags(mounts, workload)];
  return {
    text:
      commentLines(comments) +
      mounts.flatMap(createVolume).join("") +
      commandLines([...run, imageAndCommand("podman", fullImage(workload), workload)]),
    notes: [
      ...strategyNotes(strategy),
      ...bakedLogNotes(strategy),
      ...podmanNotes(mounts),
      ...removalNotes(mounts),
      ...workloadNotes(workload),
    ],
  };
}

/** The flags of `podman run` but its name, image and command. Throws E_EXPORT_UNSUPPORTED. */
export function podmanFlags(mounts: readonly PlannedMount[], workload: Workload): string[][] {
  const hasShm = mounts.some(({ target }) => target === "/dev/shm");
  return [
    ["--read-only"],
    // Else Podman mounts a tmpfs without bound on /tmp, /run and /var/tmp, which was not verified.
    ["--read-only-tmpfs=false"],
    // From 4.7 on that makes /dev/shm read-only too, which docker does not (containers/podman issue 12937).
    ...(hasShm ? [] : [["--tmpfs", `/dev/shm:rw,nosuid,nodev,noexec,size=${shmSize(workload)},mode=1777,notmpcopyup`]]),
    ...mounts.map((mount) => [...podmanMount(mount)]),
    ...dockerFlags(workload).filter(([flag]) => flag !== "--shm-size" || hasShm),
  ];
}

/** The image's name in full: Podman does not complete short names as docker does. */
export function fullImage({ image }: Workload): string {
  if (isImageId(image) || image.startsWith("-")) return image;
  const { repository, tag, digest } = parseReference(image);
  return `${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** What Podman makes of the mounts that its user must know. */
export function podmanNotes(mounts: readonly PlannedMount[]): string[] {
  const unbounded = mounts
    .filter(isForgottenOnDisk)
    .map(({ target, sizeBytes }) => `${target} (${formatSize(sizeBytes)})`);
  const found = mounts.filter(
    (mount) => mount.kind === "volume" && mount.nameIsGiven && !mount.exec && !mount.readOnly,
  );
  return [
    ...(unbounded.length === 0
      ? []
      : [`Podman does not hold a volume to a size: nothing bounds ${unbounded.join(", ")}.`]),
    // An experiment gives the workload an empty volume instead of the user's.
    ...(found.length === 0
      ? []
      : [
          `Code at ${found.map(({ target }) => target).join(", ")} cannot be run, because none was when it was learned: for a volume that holds programs write exec: true into the strategy.`,
        ]),
  ];
}

function removalNotes(mounts: readonly PlannedMount[]): string[] {
  const targets = mounts
    .filter((mount) => podmanMount(mount)[1].startsWith("type=volume,destination="))
    .map(({ target }) => target);
  return targets.length === 0
    ? []
    : [`Start it with --rm, or remove it with podman rm --volumes: the volumes at ${targets.join(", ")} would stay.`];
}

/** Docker's default size (moby daemon/config, DefaultShmSize). */
function shmSize({ shmSizeBytes = 2 ** 26 }: Workload): string {
  return formatTmpfsSize(shmSizeBytes);
}

/** `volume create ...` of a volume that `podman run` cannot create as it must be; no words for the others. */
export function createVolumeWords(mount: PlannedMount): readonly (readonly string[])[] {
  if (mount.kind !== "volume" || (mount.driver === undefined && mount.driverOptions === undefined)) return [];
  const driver = mount.driver === undefined ? [] : ["--driver", mount.driver];
  const options = Object.entries(volumeOptions(mount)).flatMap(([key, value]) => ["--opt", `${key}=${value}`]);
  return [["volume", "create", ...driver, ...options, mount.name]];
}

/** The options of a volume as Podman takes them: its local driver has the size among those of the mount. */
export function volumeOptions({
  driver = "local",
  driverOptions = {},
}: PlannedMount & { kind: "volume" }): Record<string, string> {
  const { size, o, ...others } = driverOptions;
  if (driver !== "local" || size === undefined) return driverOptions;
  return { ...others, o: [...(o === undefined ? [] : [o]), `size=${size}`].join(",") };
}

function createVolume(mount: PlannedMount): string[] {
  return createVolumeWords(mount).map((create) => {
    const exists = commandLines([["podman", "volume", "exists", create.at(-1) ?? ""]]).trimEnd();
    return `${exists} ||\n  ${commandLines([["podman", ...create]])}`;
  });
}
