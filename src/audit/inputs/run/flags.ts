import type { FlagShape } from "../../../run-flags/scan.ts";
import { sizeOf } from "../compose/setting.ts";
import {
  type Apply,
  boolean,
  capabilities,
  cpusOf,
  device,
  entrypoint,
  environment,
  health,
  list,
  logOption,
  number,
  pidsLimit,
  publish,
  quota,
  restart,
  text,
  ulimit,
} from "./flag-values.ts";
import { addApiSocket, addMountFlag, addTmpfs, addVolume } from "./mounts.ts";
import { OTHER_SWITCHES, OTHER_VALUES } from "./other-flags.ts";
import { addSecurityOption } from "./security.ts";
import { switchOf } from "./values.ts";

/** A flag of `docker run` or `podman run`, and what it sets; `from` is the file in which it is written. */
export interface RunFlag extends FlagShape {
  readonly apply?: Apply;
}

function valued(names: string, apply: Apply): RunFlag {
  const [long = "", short] = names.split(" ");
  return { long, ...(short === undefined ? {} : { short }), takesValue: true, apply };
}

function toggle(long: string, apply: Apply): RunFlag {
  return { long, takesValue: false, apply };
}

const SETTING_FLAGS: readonly RunFlag[] = [
  toggle(
    "read-only",
    boolean((draft, on, { at }) => draft.set("readOnlyRoot", on, at), "readOnlyRoot"),
  ),
  toggle(
    "privileged",
    boolean((draft, on, { at }) => draft.set("privileged", on, at), "privileged"),
  ),
  toggle("read-only-tmpfs", (draft, { text: on }) => (draft.readOnlyTmpfs = switchOf(on) !== false)),
  toggle("use-api-socket", addApiSocket),
  toggle("no-healthcheck", (draft, { at }) => draft.set("healthcheck", false, at)),
  valued("name", (draft, given) => (draft.name = given)),
  valued("user u", text("user")),
  valued("workdir w", text("workingDir")),
  valued("entrypoint", entrypoint),
  valued("env e", environment),
  valued("volume v", addVolume),
  valued("mount", addMountFlag),
  valued("tmpfs", (draft, given) => addTmpfs(draft, given)),
  valued("volumes-from", (draft) => draft.doubt("mounts")),
  valued("cap-add", list("capAdd", capabilities)),
  valued("cap-drop", list("capDrop", capabilities)),
  valued("security-opt", addSecurityOption),
  valued("network", text("network")),
  valued("net", text("network")),
  valued("pid", text("pid")),
  valued("ipc", text("ipc")),
  valued("uts", text("uts")),
  valued("userns", text("userns")),
  valued("cgroup-parent", text("cgroupParent")),
  valued("runtime", text("runtime")),
  valued("publish p", publish),
  valued("memory m", number("memoryBytes", sizeOf)),
  valued("cpus", number("cpus", cpusOf)),
  valued("cpu-quota", quota),
  valued("pids-limit", pidsLimit),
  valued("device", device),
  valued(
    "device-cgroup-rule",
    list("deviceRules", (rule) => [rule]),
  ),
  valued("restart", restart),
  valued("ulimit", ulimit),
  valued("health-cmd", health),
  valued("log-driver", text("logDriver")),
  valued("log-opt", logOption),
  valued(
    "sysctl",
    list("sysctls", (pair) => [pair.replace(/=.*/s, "")]),
  ),
  valued("isolation", (draft, { text: mode }) => (draft.isWindows ||= /^(?:process|hyperv)$/.test(mode))),
  valued("platform", (draft, { text: platform }) => (draft.isWindows ||= /^windows\b/i.test(platform))),
  // Of the pod come network, processes and ports.
  valued("pod", (draft) => {
    for (const name of ["network", "pid", "ipc", "uts", "userns", "ports"] as const) draft.doubt(name);
  }),
];

/** Every flag of `docker run` and `podman run`, what both have means the same to both. */
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
