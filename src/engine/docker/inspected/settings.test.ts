import { describe, expect, test } from "vitest";
import type { AuditMount, Settings } from "../../../audit/container.ts";
import { type InspectedAnswer, inspectedAnswer } from "../schemas.ts";
import type { MountFacts } from "./mounts.ts";
import { auditSettings } from "./settings.ts";

const MASKED = "/proc/asound /proc/acpi /proc/kcore /proc/keys /proc/latency_stats /proc/scsi /sys/firmware".split(" ");
const LOCKED = "/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger".split(" ");
const NO_FACTS: MountFacts = { volumes: new Map(), tmpfsIsExec: false, readOnlyOnTop: false };

type Parts = Readonly<Record<"host" | "config" | "top", object>>;
function answer({ host = {}, config = {}, top = {} }: Partial<Parts>): InspectedAnswer {
  return inspectedAnswer.parse({
    Id: "a".repeat(64),
    Name: "/web",
    Image: `sha256:${"b".repeat(64)}`,
    State: { Status: "running" },
    Config: { Image: "nginx:1", ...config },
    HostConfig: { NetworkMode: "default", MaskedPaths: MASKED, ReadonlyPaths: LOCKED, ...host },
    ...top,
  });
}
const settings = (parts: Partial<Parts>): Settings => auditSettings(answer(parts), NO_FACTS);

const joined = (mode: string, ...names: readonly string[]): string | undefined =>
  settings({
    host: { NetworkMode: mode },
    top: { NetworkSettings: { Networks: Object.fromEntries(names.map((name) => [name, {}])) } },
  }).network?.value;

const mount = (more: object): object => ({ Destination: "/m", RW: true, ...more });

const volume = (options: Readonly<Record<string, string>>, driver = "local"): Partial<MountFacts> => ({
  volumes: new Map([["v", { driver, options }]]),
});

test("what was not set is left out", () => {
  expect(settings({})).toEqual({
    image: { value: "nginx:1" },
    user: { value: "" },
    unmaskedPaths: { value: false },
    mounts: [],
    network: { value: "bridge" },
    ports: [],
    entrypoint: { value: [] },
    command: { value: [] },
  });
});

test.each<[string, Partial<Parts>, Settings]>([
  ["a read-only root", { host: { ReadonlyRootfs: true } }, { readOnlyRoot: { value: true } }],
  ["privileged", { host: { Privileged: true } }, { privileged: { value: true } }],
  ["capabilities", { host: { CapAdd: ["cap_sys_admin", "NET_RAW"] } }, { capAdd: { value: ["SYS_ADMIN", "NET_RAW"] } }],
  [
    "security options",
    { host: { SecurityOpt: ["no-new-privileges", "seccomp=unconfined", "apparmor=x", "label=type:t"] } },
    {
      noNewPrivileges: { value: true },
      seccomp: { value: "unconfined" },
      appArmor: { value: "x" },
      selinux: { value: "type:t" },
    },
  ],
  [
    "a label that somebody switched off",
    { host: { SecurityOpt: ["label=disable"] } },
    { selinux: { value: "disable" } },
  ],
  ["half a CPU", { host: { NanoCpus: 500_000_000 } }, { cpus: { value: 0.5 } }],
  ["a quota of the CPU", { host: { CpuQuota: 50_000 } }, { cpus: { value: 0.5 } }],
  ["processes", { host: { PidsLimit: -1 } }, { pidsLimit: { value: -1 } }],
  ["devices", { host: { Devices: [{ PathOnHost: "/dev/sda" }] } }, { devices: { value: ["/dev/sda"] } }],
  ["device rules", { host: { DeviceCgroupRules: ["b 8:* rwm"] } }, { deviceRules: { value: ["b 8:* rwm"] } }],
  [
    "restarts",
    { host: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } } },
    { restart: { value: { policy: "on-failure", maxRetries: 3 } } },
  ],
  ["a health check", { config: { Healthcheck: { Test: ["CMD", "true"] } } }, { healthcheck: { value: true } }],
  ["none", { config: { Healthcheck: { Test: ["NONE"] } } }, { healthcheck: { value: false } }],
  ["sysctls by name", { host: { Sysctls: { "net.a": "1" } } }, { sysctls: { value: ["net.a"] } }],
  [
    "the host's namespaces",
    { host: { PidMode: "host", IpcMode: "host", UTSMode: "host", UsernsMode: "host", NetworkMode: "host" } },
    Object.fromEntries(["pid", "ipc", "uts", "userns", "network"].map((name) => [name, { value: "host" }])),
  ],
  [
    "a log",
    { host: { LogConfig: { Type: "json-file", Config: { "max-size": "1m" } } } },
    { logDriver: { value: "json-file" }, logOptions: { value: { "max-size": "1m" } } },
  ],
  [
    "a port of each address",
    { host: { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080" }] } } },
    { ports: [{ hostPort: 8080, containerPort: 80 }] },
  ],
  [
    "the port that the engine chose",
    {
      host: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
      top: { NetworkSettings: { Ports: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "32768" }] } } },
    },
    { ports: [{ hostIp: "127.0.0.1", hostPort: 32_768, containerPort: 80 }] },
  ],
])("%s", (_, parts, expected) => {
  expect(settings(parts)).toMatchObject(expected);
});

test("Docker's own label beside the host's processes is nobody's wish", () => {
  expect(settings({ host: { PidMode: "host", SecurityOpt: ["label=disable"] } }).selinux).toBeUndefined();
});

describe("networks", () => {
  test.each([
    ["the default one", ["default", "bridge"], "bridge"],
    ["one of its own", ["shop", "shop"], "shop"],
    ["the default one was joined later", ["shop", "shop", "bridge"], "bridge"],
    ["the default one was left", ["default", "shop"], "shop"],
    ["Podman's default", ["bridge", "podman"], "bridge"],
    ["Podman's own", ["bridge", "shop"], "shop"],
    ["none", ["none", "none"], "none"],
    ["another container's", ["container:x"], "container:x"],
  ])("%s", (_, [mode = "", ...names], expected) => {
    expect(joined(mode, ...names)).toBe(expected);
  });
});

describe("masks", () => {
  test.each<[string, object, boolean | undefined]>([
    ["as they are", {}, false],
    ["emptied", { MaskedPaths: [], ReadonlyPaths: [] }, true],
    ["only the masked ones emptied", { MaskedPaths: [] }, true],
    ["only the read-only ones emptied", { ReadonlyPaths: [] }, true],
    ["full of what is not there", { MaskedPaths: ["/x"], ReadonlyPaths: ["/x"] }, true],
    ["one taken out", { ReadonlyPaths: LOCKED.filter((path) => path !== "/proc/sys") }, true],
    ["all of /proc read-only", { ReadonlyPaths: ["/proc"] }, false],
    ["not told", { MaskedPaths: null, ReadonlyPaths: null }, undefined],
  ])("%s", (_, host, expected) => {
    expect(settings({ host }).unmaskedPaths?.value).toBe(expected);
  });

  test("single paths beside the runtime's own are a partial seal", () => {
    expect(settings({ host: { ReadonlyPaths: [...LOCKED, "/etc"] } }).readOnlyPaths).toEqual({ value: ["/etc"] });
  });
});

describe("mounts", () => {
  const first = (parts: Partial<Parts>, facts: Partial<MountFacts> = {}): AuditMount | undefined =>
    auditSettings(answer(parts), { ...NO_FACTS, ...facts }).mounts?.[0];
  const named = { top: { Mounts: [mount({ Type: "volume", Name: "v" })] } };
  const bind = { top: { Mounts: [mount({ Type: "bind", Source: "/", RW: false })] } };

  test.each<[string, Partial<Parts>, Partial<MountFacts>, Partial<AuditMount>]>([
    [
      "a bind",
      { top: { Mounts: [mount({ Type: "bind", Source: "/srv/" })] } },
      {},
      { type: "bind", source: "/srv", readOnly: false },
    ],
    ["a read-only bind", bind, {}, { readOnly: true }],
    ["that is so on top alone", bind, { readOnlyOnTop: true }, { readOnly: true, readOnlyBelow: false }],
    [
      "propagation",
      { top: { Mounts: [mount({ Type: "bind", Source: "/a", Propagation: "rshared" })] } },
      {},
      { propagation: "rshared" },
    ],
    ["a named volume", named, {}, { type: "volume", source: "v" }],
    ["of another driver", named, volume({}, "nfs"), { type: "volume", source: "v" }],
    ["that is the host's root", named, volume({ type: "none", o: "bind", device: "/" }), { type: "bind", source: "/" }],
    [
      "that is a tmpfs",
      named,
      volume({ type: "tmpfs", device: "tmpfs", o: "size=1m" }),
      { type: "volume", sizeBytes: 2 ** 20 },
    ],
    [
      "an anonymous volume",
      { top: { Mounts: [mount({ Type: "volume", Name: "a".repeat(64) })] } },
      {},
      { type: "volume", sizeBytes: null },
    ],
    ["a tmpfs without a size", { host: { Tmpfs: { "/m": "" } } }, {}, { type: "tmpfs", sizeBytes: null, exec: false }],
    [
      "a tmpfs",
      { host: { Tmpfs: { "/m/": "exec,size=2m,ro" } } },
      {},
      { target: "/m", sizeBytes: 2 ** 21, exec: true, readOnly: true },
    ],
    ["Podman's tmpfs", { host: { Tmpfs: { "/m": "" } } }, { tmpfsIsExec: true }, { exec: true }],
    [
      "a long tmpfs, told twice",
      {
        host: { Mounts: [{ Type: "tmpfs", Target: "/m", TmpfsOptions: { SizeBytes: 4_096 } }] },
        top: { Mounts: [mount({ Type: "tmpfs" })] },
      },
      {},
      { type: "tmpfs", sizeBytes: 4_096, exec: false },
    ],
    ["an image", { top: { Mounts: [mount({ Type: "image" })] } }, {}, { type: "image" }],
    ["what is not known", { top: { Mounts: [mount({ Type: "npipe" })] } }, {}, { type: "other" }],
  ])("%s", (_, parts, facts, expected) => {
    expect(first(parts, facts)).toMatchObject(expected);
  });

  test("an anonymous volume has no name, and a bind without what lies below none to be open", () => {
    expect(first({ top: { Mounts: [mount({ Type: "volume", Name: "a".repeat(64) })] } })).not.toHaveProperty("source");
    const alone = [{ Type: "bind", Target: "/m", BindOptions: { NonRecursive: true } }];
    expect(first({ ...bind, host: { Mounts: alone } }, { readOnlyOnTop: true })).not.toHaveProperty("readOnlyBelow");
  });
});
