import { dirname, join } from "node:path/posix";
import { splitCsv } from "../../../run-flags/csv.ts";
import { parseTmpfsOptions } from "../../../strategy/tmpfs-options.ts";
import type { AuditMount } from "../../container.ts";
import { isHostPath, parseVolume, targetPath } from "../compose/short-syntax.ts";
import { isVariable } from "../words/word.ts";
import type { Given, RunDraft } from "./draft.ts";
import { sizeOf } from "../compose/setting.ts";

const PROPAGATIONS = new Set(["shared", "rshared", "slave", "rslave", "private", "rprivate"]);
/** What programs that talk to the engine are given by `--use-api-socket`. */
const API_SOCKET = "/var/run/docker.sock";

/** `[SOURCE:]TARGET[:OPTIONS]`. One whose target is not known is left out, and said to be missing. */
export function addVolume(draft: RunDraft, { text, at }: Given, from: string): void {
  const { source, target: path, options } = parseVolume(text);
  // Podman's `O` mounts an overlay that goes with the container.
  const isOverlay = options.includes("O");
  const propagation = options.find((option) => PROPAGATIONS.has(option));
  addMount(draft, path, {
    ...(isOverlay ? { type: "other" as const } : sourceOf(source, from)),
    readOnly: options.includes("ro"),
    ...(propagation === undefined ? {} : { propagation }),
    ...(options.includes("noexec") ? { exec: false } : {}),
    at,
  });
}

/** `PATH[:OPTIONS]`. Docker adds noexec unless `exec` is said (moby daemon/oci_linux.go), Podman does not. */
export function addTmpfs(draft: RunDraft, { text, at }: Given): void {
  const colon = text.indexOf(":");
  const options = colon < 0 ? "" : text.slice(colon + 1);
  addMount(draft, colon < 0 ? text : text.slice(0, colon), {
    type: "tmpfs",
    readOnly: options.split(",").includes("ro"),
    ...tmpfsSize(options),
    exec: parseTmpfsOptions(options).exec ?? draft.engine === "podman",
    at,
  });
}

/** `type=bind,source=/x,target=/y,readonly`; what is no CSV is left out. */
export function addMountFlag(draft: RunDraft, { text, at }: Given, from: string): void {
  const fields = fieldsOf(text);
  if (fields === undefined) {
    draft.doubt("mounts");
    return;
  }
  const field = (...names: readonly string[]): string | undefined =>
    names.map((name) => fields.get(name)).find((value) => value !== undefined);
  const type = field("type") ?? "volume";
  const source = field("source", "src");
  const size = field("tmpfs-size") ?? field("size");
  const readOnly = field("readonly", "ro");
  const propagation = field("bind-propagation");
  addMount(draft, field("target", "dst", "destination") ?? "", {
    ...(type === "bind"
      ? { type, ...hostPath(source, from) }
      : type === "volume"
        ? sourceOf(source, from)
        : type === "tmpfs" || type === "ramfs"
          ? {
              type: "tmpfs" as const,
              ...(size === undefined ? { sizeBytes: null } : tmpfsSize(`size=${size}`)),
              exec: draft.engine === "podman" && !fields.has("noexec"),
            }
          : type === "image"
            ? { type: "image" as const, ...(source === undefined ? {} : { source }) }
            : { type: "other" as const }),
    readOnly: readOnly !== undefined && readOnly !== "false" && readOnly !== "0",
    ...(propagation === undefined ? {} : { propagation }),
    at,
  });
}

export function addApiSocket(draft: RunDraft, { at }: Given): void {
  draft.mounts.push({ type: "bind", source: API_SOCKET, target: API_SOCKET, readOnly: false, at });
}

function addMount(draft: RunDraft, path: string, mount: Omit<AuditMount, "target">): void {
  const target = targetPath(path);
  // A drive of Windows is known, too, and nothing that a rule asks for.
  if (target === undefined) draft.doubt("mounts");
  else draft.mounts.push({ ...mount, target });
}

type Source = Pick<AuditMount, "type" | "source" | "sizeBytes" | "exec">;

function sourceOf(source: string | undefined, from: string): Source {
  // The engine's own volumes have no bound, and can be executed from.
  if (source === undefined || source === "") return { type: "volume", sizeBytes: null, exec: true };
  if (isHostPath(source) || (isVariable(source) && source.includes("/")) || source === "${PWD}")
    return { type: "bind", ...hostPath(source, from) };
  return isVariable(source) ? { type: "other" } : { type: "volume", source, sizeBytes: null, exec: true };
}

/** A relative path begins in the folder that the command runs in, which is mostly that of its file. */
function hostPath(source: string | undefined, from: string): { readonly source?: string } {
  if (source === undefined) return {};
  return { source: source.startsWith(".") ? join(dirname(from), source) : source };
}

/** Null when there is no bound; nothing when it is not known in bytes (a share of the memory, a variable). */
function tmpfsSize(options: string): Pick<AuditMount, "sizeBytes"> {
  const { sizeBytes } = parseTmpfsOptions(options);
  if (sizeBytes !== undefined) return { sizeBytes };
  const [, size] = /(?:^|,)size=([^,]*)/.exec(options) ?? [];
  if (size !== undefined && sizeOf(size) !== 0) {
    const bytes = sizeOf(size);
    return bytes === undefined ? {} : { sizeBytes: bytes };
  }
  return isVariable(options) ? {} : { sizeBytes: null };
}

function fieldsOf(text: string): ReadonlyMap<string, string> | undefined {
  try {
    const fields = splitCsv(text).map((field) => {
      const equals = field.indexOf("=");
      return equals < 0
        ? ([field.trim().toLowerCase(), "true"] as const)
        : ([field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1)] as const);
    });
    return new Map(fields);
  } catch {
    return undefined;
  }
}
