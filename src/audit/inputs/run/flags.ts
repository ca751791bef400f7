import { parseNanoCpus } from "../../../run-flags/values.ts";
import type { FlagShape } from "../../../run-flags/scan.ts";
import type { Settings } from "../../container.ts";
import { sizeOf } from "../compose/setting.ts";
import { parsePort } from "../compose/short-syntax.ts";
import type { Given, ListName, RunDraft } from "./draft.ts";
import { addApiSocket, addMountFlag, addTmpfs, addVolume } from "./mounts.ts";
import { OTHER_SWITCHES, OTHER_VALUES } from "./other-flags.ts";
import { addSecurityOption } from "./security.ts";
import { numberOf, switchOf, ulimitOf } from "./values.ts";

/** A flag of `docker run` or `podman run`, and what it sets; `from` is the file in which it is written. */
export interface RunFlag extends FlagShape {
  readonly apply?: Apply;
}
export type Apply = (draft: RunDraft, given: Given, from: string) => void;

type TextName = "user" | "network" | "pid" | "ipc" | "uts" | "userns" | "cgroupParent" | "logDriver" | "workingDir" | "runtime";

function text(name: TextName): Apply {
  return (draft, given) => draft.setText(name, given);
}

function boolean(set: (draft: RunDraft, value: boolean, given: Given) => void, name: "readOnlyRoot" | "privileged"): Apply {
  return (draft, given) => {
    const value = given.unknown ? undefined : switchOf(given.text);
    if (value === undefined) draft.setUnknown(name);
    else set(draft, value, given);
  };
}

/** Zero is the same as nothing to the engine. */
function number(name: "memoryBytes" | "cpus", parse: (text: string) => number | undefined): Apply {
  return (draft, given) => {
    const value = given.unknown ? undefined : parse(given.text);
    if (value === undefined) draft.setUnknown(name);
    else if (value > 0) draft.set(name, value, given.at);
  };
}

function list(name: ListName, parts: (text: string) => readonly string[]): Apply {
  return (draft, { text: value, unknown, at }) => {
    if (unknown) draft.doubt(name);
    else draft.add(name, parts(value), at);
  };
}

const capabilities = (value: string): readonly string[] =>
  value.split(",").map((name) => name.trim().toUpperCase().replace(/^CAP_/, ""));

function cpusOf(value: string): number | undefined {
  try {
    return parseNanoCpus(value) / 1e9;
  } catch {
    return undefined;
  }
}

/** `--cpu-quota` and `--cpu-period`, in microseconds; the period is mostly the kernel's. */
const quota: Apply = (draft, given) => {
  const value = given.unknown ? undefined : numberOf(given.text);
  if (value === undefined) draft.setUnknown("cpus");
  else if (value > 0) draft.set("cpus", value / 100_000, given.at);
};

const environment: Apply = (draft, { text: value, unknown, at }) =>
  // What comes from a variable is no secret that stands here.
  draft.add("environment", [unknown ? value.replace(/=.*/s, "") : value], at);

const publish: Apply = (draft, { text: value, unknown, at }) => {
  const port = unknown ? undefined : parsePort(value);
  if (port === undefined) draft.doubt("ports");
  else draft.ports.push({ ...port, at });
};

const restart: Apply = (draft, given) => {
  const [policy = "", retries] = given.text.split(":");
  if (given.unknown) draft.setUnknown("restart");
  else {
    const value: NonNullable<Settings["restart"]>["value"] = Number(retries) > 0 ? { policy, maxRetries: Number(retries) } : { policy };
    draft.set("restart", value, given.at);
  }
};

const pidsLimit: Apply = (draft, given) => {
  const value = given.unknown ? undefined : numberOf(given.text);
  if (value === undefined) draft.setUnknown("pidsLimit");
  else draft.set("pidsLimit", value, given.at);
};

/** `HOST[:CONTAINER[:PERMISSIONS]]`. */
const device: Apply = (draft, { text: value, unknown, at }) => {
  if (unknown) draft.doubt("devices");
  else draft.add("devices", [value.replace(/:.*/s, "")], at);
};

const health: Apply = (draft, { text: value, unknown, at }) => {
  if (unknown) draft.setUnknown("healthcheck");
  else if (value !== "") draft.set("healthcheck", value !== "none", at);
};

const logOption: Apply = (draft, { text: value, unknown, at }) => {
  const [, name = "", rest = ""] = /^([^=]*)=?(.*)$/s.exec(value) ?? [];
  if (unknown) draft.doubt("logOptions");
  draft.addLogOption(name, rest, at);
};

const entrypoint: Apply = (draft, given) => {
  if (given.unknown) draft.setUnknown("entrypoint");
  else draft.set("entrypoint", wordsOf(given.text), given.at);
};

/** Podman takes a list as JSON, too. */
function wordsOf(value: string): readonly string[] {
  if (!value.startsWith("[")) return [value];
  try {
    const words: unknown = JSON.parse(value);
    return Array.isArray(words) ? words.filter((word): word is string => typeof word === "string") : [value];
  } catch {
    return [value];
  }
}

const ulimit: Apply = (draft, given) => {
  const value = given.unknown ? undefined : ulimitOf(given.text);
  if (value === undefined) draft.doubt("ulimits");
  else draft.add("ulimits", [value], given.at);
};

function value(names: string, apply: Apply): RunFlag {
  const [long = "", short] = names.split(" ");
  return { long, ...(short === undefined ? {} : { short }), takesValue: true, apply };
}

function toggle(long: string, apply: Apply): RunFlag {
  return { long, takesValue: false, apply };
}

const SETTING_FLAGS: readonly RunFlag[] = [
  toggle("read-only", boolean((draft, on, { at }) => draft.set("readOnlyRoot", on, at), "readOnlyRoot")),
  toggle("privileged", boolean((draft, on, { at }) => draft.set("privileged", on, at), "privileged")),
  toggle("read-only-tmpfs", (draft, { text: on }) => (draft.readOnlyTmpfs = switchOf(on) !== false)),
  toggle("use-api-socket", addApiSocket),
  toggle("no-healthcheck", (draft, { at }) => draft.set("healthcheck", false, at)),
  value("name", (draft, given) => (draft.name = given)),
  value("user u", text("user")),
  value("workdir w", text("workingDir")),
  value("entrypoint", entrypoint),
  value("env e", environment),
  value("volume v", addVolume),
  value("mount", addMountFlag),
  value("tmpfs", (draft, given) => addTmpfs(draft, given)),
  value("volumes-from", (draft) => draft.doubt("mounts")),
  value("cap-add", list("capAdd", capabilities)),
  value("cap-drop", list("capDrop", capabilities)),
  value("security-opt", addSecurityOption),
  value("network", text("network")),
  value("net", text("network")),
  value("pid", text("pid")),
  value("ipc", text("ipc")),
  value("uts", text("uts")),
  value("userns", text("userns")),
  value("cgroup-parent", text("cgroupParent")),
  value("runtime", text("runtime")),
  value("publish p", publish),
  value("memory m", number("memoryBytes", sizeOf)),
  value("cpus", number("cpus", cpusOf)),
  value("cpu-quota", quota),
  value("pids-limit", pidsLimit),
  value("device", device),
  value("device-cgroup-rule", list("deviceRules", (rule) => [rule])),
  value("restart", restart),
  value("ulimit", ulimit),
  value("health-cmd", health),
  value("log-driver", text("logDriver")),
  value("log-opt", logOption),
  value("sysctl", list("sysctls", (pair) => [pair.replace(/=.*/s, "")])),
  value("isolation", (draft, { text: mode }) => (draft.isWindows ||= /^(?:process|hyperv)$/.test(mode))),
  value("platform", (draft, { text: platform }) => (draft.isWindows ||= /^windows\b/i.test(platform))),
  // Of the pod come network, processes and ports.
  value("pod", (draft) => {
    for (const name of ["network", "pid", "ipc", "uts", "userns", "ports"] as const) draft.doubt(name);
  }),
];

/** Every flag of `docker run` and `podman run`, by engine: -c and the like mean the same to both. */
export const RUN_FLAGS: readonly RunFlag[] = [
  ...SETTING_FLAGS,
  ...OTHER_VALUES.map((names) => ({ ...shape(names), takesValue: true })),
  ...OTHER_SWITCHES.map((names) => ({ ...shape(names), takesValue: false })),
];

/** The flag that Quadlet's keys and others name. */
export const FLAG_BY_NAME: ReadonlyMap<string, RunFlag> = new Map(RUN_FLAGS.map((flag) => [flag.long, flag]));

function shape(names: string): { readonly long: string; readonly short?: string } {
  const [long = "", short] = names.split("/");
  return short === undefined ? { long } : { long, short };
}
