import { posix } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import type { WorkloadMount } from "../../model/workload.ts";
import { parseSize } from "../../model/units.ts";
import { isSecret } from "../../strategy/secrets.ts";
import { splitCsv } from "../../run-flags/csv.ts";
import { parsePair, parseSwitch } from "../../run-flags/values.ts";

const BIND_OPTIONS = new Set(["z", "Z", "shared", "rshared", "slave", "rslave", "private", "rprivate"]);
// Docker Desktop's hints for its file sharing: accepted and without effect on Linux.
const NO_EFFECT = new Set(["consistent", "cached", "delegated", "rw"]);
// moby volume/mounts and daemon/names: RestrictedNamePattern.
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** `-v [SOURCE:]TARGET[:OPTIONS]`. Relative host paths are made absolute from `cwd`, as the docker CLI does. Throws E_USAGE. */
export function parseVolumeFlag(text: string, cwd: string): WorkloadMount {
  const parts = text.split(":");
  if (parts.length > 3 || parts.some((part) => part === ""))
    throw usage(`-v needs [SOURCE:]TARGET[:OPTIONS], not '${text}'.`);
  if (parts.length === 1) return { type: "volume", target: targetOf(text), readOnly: false };
  const [source = "", target = "", optionText = ""] = parts;
  // moby volume/mounts/linux_parser.go: `/data:ro` is a slip for an anonymous volume with options, which does not exist.
  if (parts.length === 2 && (target === "ro" || target === "rw" || BIND_OPTIONS.has(target)))
    throw usage(`-v ${text}: options need a source and a target before them.`);

  const options = optionText.split(",").filter((option) => option !== "" && !NO_EFFECT.has(option));
  const readOnly = options.includes("ro");
  const others = options.filter((option) => option !== "ro");
  const unknown = others.find((option) => !BIND_OPTIONS.has(option));
  if (unknown !== undefined)
    throw usage(
      `-v ${text}: the option '${unknown}' cannot be used.`,
      `These can: ro, rw, ${[...BIND_OPTIONS].join(", ")}.`,
    );
  return {
    ...sourceOf(source, cwd),
    target: targetOf(target),
    readOnly,
    ...(others.length > 0 && { options: others.join(",") }),
  };
}

/** `--tmpfs TARGET[:OPTIONS]`. Throws E_USAGE. */
export function parseTmpfsFlag(text: string): WorkloadMount {
  const colon = text.indexOf(":");
  const options = colon < 0 ? "" : text.slice(colon + 1);
  return {
    type: "tmpfs",
    target: targetOf(colon < 0 ? text : text.slice(0, colon)),
    readOnly: options.split(",").includes("ro"),
    ...(options !== "" && { options }),
  };
}

/** `--mount type=bind,source=/x,target=/y,readonly`. Throws E_USAGE. */
export function parseMountFlag(text: string, cwd: string): WorkloadMount {
  let type = "volume";
  let source: string | undefined;
  let target: string | undefined;
  let readOnly = false;
  const options: string[] = [];
  let driver: string | undefined;
  const driverOptions = new Map<string, string>();
  const setters: Readonly<Record<string, (value: string) => void>> = {
    type: (value) => (type = value),
    source: (value) => (source = value),
    target: (value) => (target = value),
    readonly: (value) => (readOnly = parseSwitch("--mount readonly", value)),
    "bind-propagation": (value) => options.push(value),
    "tmpfs-size": (value) => options.push(`size=${parseSize(value)}`),
    "tmpfs-mode": (value) => options.push(`mode=${value}`),
    "volume-driver": (value) => (driver = value),
    "volume-opt": (value) => driverOptions.set(...parseVolumeOption(value)),
    consistency: () => undefined,
  };
  for (const field of splitCsv(text)) {
    const equals = field.indexOf("=");
    const key = (equals < 0 ? field : field.slice(0, equals)).trim().toLowerCase();
    const set = setters[ALIASES[key] ?? key];
    if (set === undefined) throw usage(`--mount ${text}: '${key}' cannot be used.`);
    if (equals < 0 && ALIASES[key] !== "readonly" && key !== "readonly")
      throw usage(`--mount ${text}: '${key}' needs a value.`);
    set(equals < 0 ? "true" : field.slice(equals + 1));
  }

  if (target === undefined) throw usage(`--mount ${text}: target= is missing.`);
  if (type !== "bind" && type !== "volume" && type !== "tmpfs")
    throw usage(`--mount ${text}: the type '${type}' cannot be used.`, "Use bind, volume or tmpfs.");
  if (type === "bind" && source === undefined) throw usage(`--mount ${text}: a bind needs source=.`);
  if (type !== "volume" && (driver !== undefined || driverOptions.size > 0))
    throw usage(`--mount ${text}: volume-driver and volume-opt are not for a ${type}.`);
  if (type === "tmpfs" && source !== undefined) throw usage(`--mount ${text}: a tmpfs has no source.`);
  const from = source === undefined ? undefined : sourceOf(source, cwd);
  if (from !== undefined && from.type !== type)
    throw usage(
      `--mount ${text}: '${source}' is ${type === "bind" ? "no host path" : "a host path, not a volume name"}.`,
    );
  return {
    type,
    ...(from !== undefined && { source: from.source }),
    target: targetOf(target),
    readOnly,
    ...(options.length > 0 && { options: options.join(",") }),
    ...(driver !== undefined && { driver }),
    ...(driverOptions.size > 0 && { driverOptions: Object.fromEntries(driverOptions) }),
  };
}

/** A secret would be committed with the strategy. Throws E_USAGE. */
function parseVolumeOption(text: string): readonly [string, string] {
  const [name, value] = parsePair("--mount volume-opt", text);
  if (isSecret(text) || value.split(",").some(isSecret))
    throw usage(
      `The volume-opt '${name}' holds a secret, and strategies are made to be committed.`,
      "Make the volume first with docker volume create, and give its name.",
    );
  return [name, value];
}

const ALIASES: Readonly<Record<string, string>> = {
  src: "source",
  dst: "target",
  destination: "target",
  ro: "readonly",
};

function sourceOf(source: string, cwd: string): { readonly type: "bind" | "volume"; readonly source: string } {
  if (source.startsWith("/")) return { type: "bind", source: posix.normalize(source) };
  if (/^\.\.?(\/|$)/.test(source)) return { type: "bind", source: posix.resolve(cwd, source) };
  if (VOLUME_NAME.test(source)) return { type: "volume", source };
  throw usage(
    `'${source}' is neither a volume name nor an absolute path.`,
    "Give a host folder as an absolute path, or one that begins with ./",
  );
}

function targetOf(target: string): string {
  const path = posix.normalize(target).replace(/(.)\/$/, "$1");
  if (!path.startsWith("/")) throw usage(`The mount target '${target}' is not an absolute path.`);
  if (path === "/") throw usage("Nothing can be mounted over / itself.");
  return path;
}

function usage(message: string, hint?: string): PetrifyError {
  return new PetrifyError("E_USAGE", message, hint === undefined ? {} : { hint });
}
