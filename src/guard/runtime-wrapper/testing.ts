import type { Policy } from "../../model/policy.ts";
import type { Decision } from "../../policy/decision.ts";
import { capabilitiesUpTo } from "./privileged.ts";
import type { SpecCircumstances } from "./judge-spec.ts";
import type { OciSpec } from "./spec.ts";

export const ALL_CAPABILITIES = capabilitiesUpTo(40);

/** What dockerd 20.10 writes for `docker run IMAGE`, without what makes no difference here. */
export const PLAIN: OciSpec = {
  root: { path: "/data/overlay2/x/merged" },
  process: {
    args: ["sh"],
    env: ["PATH=/bin"],
    cwd: "/",
    user: { uid: 0, gid: 0 },
    capabilities: {
      bounding: ["CAP_CHOWN", "CAP_NET_RAW"],
      effective: ["CAP_CHOWN", "CAP_NET_RAW"],
      permitted: ["CAP_CHOWN"],
    },
  },
  mounts: [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid"] },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "ro"] },
    { destination: "/dev/shm", type: "bind", source: `/d/containers/${"a".repeat(64)}/mounts/shm`, options: ["rbind"] },
    { destination: "/etc/hosts", type: "bind", source: `/d/containers/${"a".repeat(64)}/hosts`, options: ["rbind"] },
  ],
  linux: {
    readonlyPaths: ["/proc/sys"],
    maskedPaths: ["/proc/kcore"],
    seccomp: {},
    namespaces: [{ type: "pid" }, { type: "network" }, { type: "ipc" }, { type: "uts" }, { type: "mount" }],
    resources: {
      devices: [
        { allow: false, access: "rwm" },
        { allow: true, type: "c", major: 1, minor: 5, access: "rwm" },
      ],
    },
  },
};

/** The same with `--privileged`. */
export const PRIVILEGED: OciSpec = {
  ...PLAIN,
  process: {
    ...PLAIN.process,
    capabilities: { bounding: ALL_CAPABILITIES, effective: ALL_CAPABILITIES, permitted: ALL_CAPABILITIES },
  },
  mounts: (PLAIN.mounts ?? []).map((mount) =>
    mount.destination === "/sys" ? { ...mount, options: ["nosuid"] } : mount,
  ),
  linux: { namespaces: PLAIN.linux?.namespaces ?? [], resources: { devices: [{ allow: true, access: "rwm" }] } },
};

export const POLICY: Policy = {
  name: "house",
  mode: "enforce",
  scope: "unprivileged",
  privileged: "exempt",
  trust: "hostile",
  template: [{ path: "/tmp", sizeBytes: 2 ** 20, mode: 0o1777, exec: false }],
  exemptions: [],
  defaults: { noNewPrivileges: true, dropCapabilities: ["NET_RAW"] },
  refuse: {
    hostSystemBinds: true,
    engineBinds: true,
    mountsOverCode: true,
    unmaskedPaths: true,
    privilegedExec: true,
    unpinnedImages: true,
    engineChanges: true,
    runtimes: [],
  },
  production: { build: "allow", commit: "allow", copy: "allow", exec: "allow" },
};

export function circumstances(decision: Decision, more: Partial<SpecCircumstances> = {}): SpecCircumstances {
  return {
    hostCapabilities: ALL_CAPABILITIES,
    engine: "docker",
    buildStep: false,
    nowMs: 2_000,
    policySinceMs: 1_000,
    enginePaths: [],
    decide: () => decision,
    ...more,
  };
}
