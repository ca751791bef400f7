import type { RequestedMount } from "../../../policy/request.ts";
import { bodyError } from "../go-json/body-error.ts";
import {
  boolField,
  listField,
  mapField,
  objectField,
  stringField,
  stringMapField,
  stringOf,
  stringsField,
} from "../go-json/read.ts";
import { shown } from "../go-json/parse.ts";
import type { JsonObject, JsonValue } from "../go-json/value.ts";
import { parseBind } from "./binds.ts";
import { cleanPath, mountTarget } from "./paths.ts";

/** All that a create body mounts: `Binds`, `Mounts`, `Tmpfs` and, without a name, `Volumes`. Throws E_REQUEST_BODY. */
export function requestedMounts(config: JsonObject, host: JsonObject | undefined): readonly RequestedMount[] {
  const driver = stringField(host, "VolumeDriver");
  const binds = (stringsField(host, "Binds") ?? []).map((bind, index) =>
    parseBind(bind, driver, `HostConfig.Binds[${index}]`),
  );
  const long = (listField(host, "Mounts") ?? []).map((mount, index) => longMount(mount, `HostConfig.Mounts[${index}]`));
  const tmpfs = [...stringMapField(host, "Tmpfs")].map(([target, options]) => {
    const mount = tmpfsMount(mountTarget(target, "HostConfig.Tmpfs"), options);
    if (mount.type !== "tmpfs")
      throw bodyError("HostConfig.Tmpfs", `must hold options of a tmpfs alone, but holds ${shown(options)}`);
    return mount;
  });
  // What something else is mounted at gets no volume; a tmpfs counts by the spelling of its target (moby container.HasMountFor).
  const known = new Set([...[...binds, ...long].map(({ target }) => target), ...mapField(host, "Tmpfs").keys()]);
  const volumes = new Set([...mapField(config, "Volumes").keys()].map((path) => mountTarget(path, "Volumes")));
  const anonymous = [...volumes]
    .filter((target) => !known.has(target))
    .map((target): RequestedMount => ({ type: "volume", target, readOnly: false, ...given("driver", driver) }));
  return [...binds, ...long, ...tmpfs, ...anonymous];
}

const TYPES: ReadonlySet<string> = new Set(["bind", "volume", "tmpfs", "image", "npipe", "cluster"]);

/** moby volume/mounts/linux_parser.go, parseMountSpec. */
export function longMount(value: JsonValue, path: string): RequestedMount {
  const mount = value.kind === "object" ? value : undefined;
  const told = stringField(mount, "Type");
  const type = TYPES.has(told) ? (told as RequestedMount["type"]) : "other";
  const source = stringField(mount, "Source");
  const readOnly = boolField(mount, "ReadOnly");
  const target = mountTarget(stringField(mount, "Target"), `${path}.Target`);
  const propagation = stringField(objectField(mount, "BindOptions"), "Propagation");
  const config = objectField(objectField(mount, "VolumeOptions"), "DriverConfig");
  if (type === "bind" && !source.startsWith("/")) throw bodyError(`${path}.Source`, "must be an absolute path");
  return {
    type,
    ...given("source", type === "bind" ? cleanPath(source) : source),
    target,
    readOnly,
    ...given("propagation", propagation),
    ...(type === "tmpfs" ? { exec: longTmpfsExec(mount) } : {}),
    ...given("driver", stringField(config, "Name")),
    ...(mapField(config, "Options").size === 0
      ? {}
      : { driverOptions: Object.fromEntries(stringMapField(config, "Options")) }),
  };
}

/** Options since Docker 27: `[["exec"]]`. */
function longTmpfsExec(mount: JsonObject | undefined): boolean {
  const options = listField(objectField(mount, "TmpfsOptions"), "Options") ?? [];
  const names = options.map((option) => (option.kind === "list" ? stringOf(option.items[0]) : ""));
  return names.findLast((name) => name === "exec" || name === "noexec") === "exec";
}

/**
 * Words by which runc does something else than to mount a tmpfs: it changes the mount that is there (`/sys/` becomes writable, and so
 * does a read-only bind), or takes a place of the host. dockerd lets them through (moby/sys/mount, MergeTmpfsOptions: all flags of
 * mount(8)).
 */
const NO_TMPFS: ReadonlySet<string> = new Set(["remount", "bind", "rbind", "move", "shared", "rshared"]);

/**
 * `docker run --tmpfs`: noexec unless the last word on it says otherwise (moby vendor/github.com/moby/sys/mount, MergeTmpfsOptions).
 * With options that make it something else its type is `other`.
 */
export function tmpfsMount(target: string, options: string): RequestedMount {
  const words = options.split(",");
  return {
    type: words.some((word) => NO_TMPFS.has(word.trim())) ? "other" : "tmpfs",
    target,
    readOnly: words.findLast((word) => word === "ro" || word === "rw") === "ro",
    exec: words.findLast((word) => word === "exec" || word === "noexec") === "exec",
  };
}

function given<K extends string>(key: K, value: string): { readonly [P in K]?: string } {
  return value === "" ? {} : ({ [key]: value } as { [P in K]: string });
}
