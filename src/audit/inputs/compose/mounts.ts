import { dirname, isAbsolute, join } from "node:path/posix";
import { parseTmpfsOptions } from "../../../strategy/tmpfs-options.ts";
import type { AuditMount } from "../../container.ts";
import { localVolume, tmpfsSize } from "../../local-volume.ts";
import { type Context, isTrueTree, sizeOf } from "./setting.ts";
import { isHostPath, parseVolume, targetPath } from "./short-syntax.ts";
import { type Place, type Scalar, type Tree, entryAt, entryOf, isUnknown, itemsOf, textOf } from "./tree.ts";

/** Docker mounts these at the path that it names. */
const SOCKET = "/var/run/docker.sock";
const PROPAGATIONS = new Set(["shared", "rshared", "slave", "rslave", "private", "rprivate"]);

/**
 * Mounts of a service; of two at one target the later one, as Docker has it. Those whose target is not known are left out, and
 * one whose source is not known is `other`.
 */
export function readMounts(context: Context): readonly AuditMount[] {
  const { settings, locate } = context;
  const volumes = itemsOf(entryOf(settings, "volumes")?.value);
  const tmpfs = itemsOf(entryOf(settings, "tmpfs")?.value);
  const socket = entryOf(settings, "use_api_socket");
  const mounts = [
    ...volumes.flatMap((item) => (item.kind === "map" ? longVolume(context, item) : shortVolume(context, item))),
    ...tmpfs.flatMap((item) => (item.kind === "scalar" ? shortTmpfs(context, item) : [])),
    ...(socket !== undefined && isTrueTree(socket.value)
      ? [{ type: "bind", source: SOCKET, target: SOCKET, readOnly: false, at: locate(socket.at) } as const]
      : []),
  ];
  return [...new Map(mounts.map((mount) => [mount.target, mount])).values()];
}

/** `PATH:OPTIONS`: Docker adds noexec unless `exec` is said (moby daemon/oci_linux.go). */
function shortTmpfs({ locate }: Context, item: Scalar): readonly AuditMount[] {
  const [path = "", ...rest] = (textOf(item) ?? "").split(":");
  const options = rest.join(":");
  const target = targetPath(path);
  if (target === undefined) return [];
  const size = tmpfsSize(options);
  return [
    {
      type: "tmpfs",
      target,
      readOnly: options.split(",").includes("ro"),
      ...(size === undefined ? {} : { sizeBytes: size }),
      exec: parseTmpfsOptions(options).exec === true,
      at: locate(item.at),
    },
  ];
}

function shortVolume(context: Context, item: Tree): readonly AuditMount[] {
  const { source, target: path, options } = parseVolume(textOf(item) ?? "");
  const target = targetPath(path);
  if (target === undefined) return [];
  const propagation = options.find((option) => PROPAGATIONS.has(option));
  return [
    {
      ...sourceOf(context, source, item.at),
      target,
      readOnly: options.includes("ro"),
      ...(propagation === undefined ? {} : { propagation }),
      at: context.locate(item.at),
    },
  ];
}

const TYPES: ReadonlySet<string> = new Set(["bind", "volume", "tmpfs", "image"]);

function longVolume(context: Context, item: Tree): readonly AuditMount[] {
  const text = (...path: readonly string[]): string | undefined => textOf(entryAt(item, ...path)?.value);
  const target = targetPath(text("target") ?? "");
  if (target === undefined) return [];
  const type = text("type") ?? "volume";
  const source = entryOf(item, "source")?.value;
  const size = entryAt(item, "tmpfs", "size")?.value;
  const propagation = text("bind", "propagation");
  const kinds = {
    bind: () => ({ type: "bind", ...hostPath(textOf(source), source?.at) }) as const,
    volume: () => sourceOf(context, textOf(source), item.at),
    tmpfs: () => {
      const sizeBytes = size === undefined ? null : isUnknown(size) ? undefined : sizeOf(textOf(size) ?? "") || null;
      return { type: "tmpfs", exec: false, ...(sizeBytes === undefined ? {} : { sizeBytes }) } as const;
    },
    image: () => ({ type: "image", ...(source === undefined ? {} : { source: textOf(source) ?? "" }) }) as const,
    other: () => ({ type: "other" }) as const,
  };
  return [
    {
      ...kinds[TYPES.has(type) ? (type as keyof typeof kinds) : "other"](),
      target,
      readOnly: isTrueTree(entryOf(item, "read_only")?.value),
      ...(propagation === undefined ? {} : { propagation }),
      at: context.locate(entryOf(item, "target")?.at ?? item.at),
    },
  ];
}

type Source = Pick<AuditMount, "type" | "source" | "sizeBytes" | "exec">;

function sourceOf(context: Context, source: string | undefined, at: Place): Source {
  // Docker's own volumes have no bound, and can be executed from.
  if (source === undefined) return { type: "volume", sizeBytes: null, exec: true };
  if (isHostPath(source)) return { type: "bind", ...hostPath(source, at) };
  if (source.includes("${")) return { type: "other" };
  return { source, ...namedVolume(entryOf(context.volumes, source)?.value) };
}

function namedVolume(volume: Tree | undefined): Source {
  const text = (...path: readonly string[]): string | undefined => textOf(entryAt(volume, ...path)?.value);
  const external = entryOf(volume, "external");
  if (external !== undefined && (external.value.kind === "map" || isTrueTree(external.value)))
    return { type: "volume" };
  const [type, device, o] = ["type", "device", "o"].map((name) => text("driver_opts", name));
  return localVolume({ driver: text("driver") ?? "local", options: { type, device, o } });
}

/** A path of the host as seen from where the files are named from; that of a home directory stays as it is. */
function hostPath(source: string | undefined, at: Place | undefined): { readonly source?: string } {
  if (source === undefined) return {};
  if (isAbsolute(source) || at === undefined || !source.startsWith(".")) return { source };
  return { source: join(dirname(at.file.name), source) };
}
