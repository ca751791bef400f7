import type { AuditMount } from "../../container.ts";
import { targetPath } from "../compose/short-syntax.ts";
import type { Fields } from "./tree.ts";

const MIB = 2 ** 20;

/** Mounts of a container: volumes of its task, and what linuxParameters.tmpfs asks for. */
export function mountsOf(container: Fields, task: Fields | undefined, isFargate: boolean): readonly AuditMount[] {
  const volumes = new Map(
    ["volumes", "volume"].flatMap((key) =>
      (task?.maps(key) ?? []).map((volume) => [volume.text("name")?.value, volume]),
    ),
  );
  const points = container.maps("mountPoints").flatMap((point): readonly AuditMount[] => {
    const target = targetPath(point.text("containerPath")?.value ?? "");
    if (target === undefined) return [];
    const name = point.text("sourceVolume")?.value;
    const readOnly = point.boolean("readOnly")?.value === true;
    return [{ ...sourceOf(volumes.get(name), name, isFargate), target, readOnly, at: point.place("containerPath") }];
  });
  return [...points, ...tmpfsOf(container.map("linuxParameters"))];
}

type Source = Pick<AuditMount, "type" | "source" | "sizeBytes" | "exec">;

function sourceOf(volume: Fields | undefined, name: string | undefined, isFargate: boolean): Source {
  const named = name === undefined ? {} : { source: name };
  if (volume === undefined) return { type: "other", ...named };
  const path = (volume.map("host")?.text("sourcePath") ?? volume.text("hostPath") ?? volume.text("host_path"))?.value;
  if (path !== undefined && path !== "") return { type: "bind", source: path };
  for (const key of [
    "efsVolumeConfiguration",
    "fsxWindowsFileServerVolumeConfiguration",
    "efs_volume_configuration",
    "s3filesVolumeConfiguration",
  ])
    if (volume.has(key)) return { type: "volume", source: volume.map(key)?.text("fileSystemId")?.value ?? name ?? key };
  const docker = volume.map("dockerVolumeConfiguration");
  if (docker?.text("scope")?.value === "shared") return { type: "volume", ...named };
  if (volume.boolean("configuredAtLaunch")?.value === true) return { type: "volume", ...named };
  // What is left goes with the task; on Fargate it shares the task's 20 GiB or more.
  return isFargate ? { type: "volume" } : { type: "volume", sizeBytes: null, exec: true };
}

/** `size` is in MiB and must be given; Docker adds noexec unless `exec` is said. */
function tmpfsOf(linux: Fields | undefined): readonly AuditMount[] {
  return (linux?.maps("tmpfs") ?? []).flatMap((tmpfs): readonly AuditMount[] => {
    const target = targetPath(tmpfs.text("containerPath")?.value ?? "");
    if (target === undefined) return [];
    const options = tmpfs.texts("mountOptions")?.value ?? [];
    const size = tmpfs.number("size")?.value ?? 0;
    return [
      {
        type: "tmpfs",
        target,
        readOnly: options.includes("ro"),
        ...(tmpfs.isUnknown("size") ? {} : { sizeBytes: size > 0 ? size * MIB : null }),
        exec: options.includes("exec"),
        at: tmpfs.place("containerPath"),
      },
    ];
  });
}
