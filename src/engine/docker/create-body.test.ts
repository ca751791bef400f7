import { describe, expect, test } from "vitest";
import { containerSpec, plainWorkload } from "../../../test/support/workload.ts";
import type { Workload } from "../../model/workload.ts";
import type { ContainerSpec } from "../engine.ts";
import { createBody } from "./create-body.ts";

function spec(options: Partial<ContainerSpec> = {}, workload: Partial<Workload> = {}): ContainerSpec {
  return containerSpec(plainWorkload("app:1", workload), { session: "s", ...options });
}

test("a plain workload asks for nothing, so that the engine's and the image's defaults hold", () => {
  expect(createBody(spec())).toEqual({
    Image: "app:1",
    Env: [],
    Labels: { "petrify.session": "s" },
    ExposedPorts: {},
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    HostConfig: {
      ReadonlyRootfs: false,
      AutoRemove: false,
      Tmpfs: {},
      Mounts: [],
      Binds: [],
      PortBindings: {},
      CapAdd: [],
      CapDrop: [],
      SecurityOpt: [],
      GroupAdd: [],
      Sysctls: {},
      Ulimits: [],
      ExtraHosts: [],
      Dns: [],
      Privileged: false,
    },
  });
});

describe("each field of a workload becomes the API's", () => {
  test.each<[keyof Workload, Partial<Workload>, Record<string, unknown>]>([
    ["image", { image: "other" }, { Image: "other" }],
    ["entrypoint", { entrypoint: ["/x", "y"] }, { Entrypoint: ["/x", "y"] }],
    ["entrypoint", { entrypoint: [] }, { Entrypoint: [] }],
    ["command", { command: ["a", "b"] }, { Cmd: ["a", "b"] }],
    ["env", { env: ["A=1"] }, { Env: ["A=1"] }],
    ["user", { user: "1:2" }, { User: "1:2" }],
    ["workingDir", { workingDir: "/srv" }, { WorkingDir: "/srv" }],
    ["hostname", { hostname: "h" }, { Hostname: "h" }],
    ["labels", { labels: { a: "b" } }, { Labels: { a: "b", "petrify.session": "s" } }],
    ["labels", { labels: { "petrify.session": "forged" } }, { Labels: { "petrify.session": "s" } }],
    ["tty", { tty: true }, { Tty: true }],
    ["openStdin", { openStdin: true }, { OpenStdin: true, StdinOnce: true }],
    ["stopSignal", { stopSignal: "SIGINT" }, { StopSignal: "SIGINT" }],
    ["stopTimeoutSeconds", { stopTimeoutSeconds: 0 }, { StopTimeout: 0 }],
  ])("%s: %j", (_field, workload, expected) => {
    expect(createBody(spec({}, workload))).toMatchObject(expected);
  });

  test.each<[keyof Workload, Partial<Workload>, Record<string, unknown>]>([
    ["network", { network: "host" }, { NetworkMode: "host" }],
    ["userns", { userns: "host" }, { UsernsMode: "host" }],
    ["capAdd", { capAdd: ["NET_ADMIN"] }, { CapAdd: ["NET_ADMIN"] }],
    ["capDrop", { capDrop: ["ALL"] }, { CapDrop: ["ALL"] }],
    ["securityOpt", { securityOpt: ["no-new-privileges"] }, { SecurityOpt: ["no-new-privileges"] }],
    ["groupAdd", { groupAdd: ["1"] }, { GroupAdd: ["1"] }],
    ["sysctls", { sysctls: { "net.x": "1" } }, { Sysctls: { "net.x": "1" } }],
    [
      "ulimits",
      { ulimits: [{ name: "nofile", soft: 1, hard: 2 }] },
      { Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }] },
    ],
    ["extraHosts", { extraHosts: ["a:1.2.3.4"] }, { ExtraHosts: ["a:1.2.3.4"] }],
    ["dns", { dns: ["1.1.1.1"] }, { Dns: ["1.1.1.1"] }],
    ["memoryBytes", { memoryBytes: 5 }, { Memory: 5 }],
    ["nanoCpus", { nanoCpus: 5e8 }, { NanoCpus: 5e8 }],
    ["pidsLimit", { pidsLimit: 7 }, { PidsLimit: 7 }],
    ["shmSizeBytes", { shmSizeBytes: 9 }, { ShmSize: 9 }],
    ["init", { init: true }, { Init: true }],
    ["privileged", { privileged: true }, { Privileged: true }],
    ["runtime", { runtime: "crun" }, { Runtime: "crun" }],
    ["restart", { restart: "always" }, { RestartPolicy: { Name: "always", MaximumRetryCount: 0 } }],
    ["restart", { restart: "on-failure:3" }, { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } }],
  ])("%s: %j", (_field, workload, expected) => {
    expect(createBody(spec({}, workload)).HostConfig).toMatchObject(expected);
  });

  test.each(["sometimes", "always:3", "", "on-failure:x"])("%j is no restart policy", (restart) => {
    expect(() => createBody(spec({}, { restart }))).toThrow(expect.objectContaining({ code: "E_USAGE" }));
  });
});

describe("the run decides", () => {
  test("an image id in the place of the reference, a read-only root, its own removal", () => {
    const body = createBody(spec({ imageId: "sha256:1", readOnlyRoot: true, autoRemove: true }));
    expect(body).toMatchObject({ Image: "sha256:1", HostConfig: { ReadonlyRootfs: true, AutoRemove: true } });
  });

  test("no session, no label", () => {
    expect(createBody(spec({ session: "" })).Labels).toEqual({});
  });

  test("whether ports are published", () => {
    const ports = [
      { hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80, protocol: "tcp" },
      { containerPort: 80, protocol: "tcp" },
      { containerPort: 53, protocol: "udp" },
    ] as const;
    const closed = createBody(spec({}, { ports }));
    expect([closed.ExposedPorts, closed.HostConfig.PortBindings]).toEqual([{}, {}]);
    const open = createBody(spec({ publishPorts: true }, { ports }));
    expect(open.ExposedPorts).toEqual({ "80/tcp": {}, "53/udp": {} });
    expect(open.HostConfig.PortBindings).toEqual({
      "80/tcp": [
        { HostIp: "127.0.0.1", HostPort: "8080" },
        { HostIp: "", HostPort: "" },
      ],
      "53/udp": [{ HostIp: "", HostPort: "" }],
    });
  });
});

describe("mounts", () => {
  test.each<[string, Partial<ContainerSpec>, Partial<Workload>, Record<string, unknown>]>([
    [
      "tmpfs with the text of --tmpfs",
      { tmpfs: { "/tmp": "size=64m,exec" } },
      {},
      { Tmpfs: { "/tmp": "size=64m,exec" } },
    ],
    [
      "the user's tmpfs, read-only",
      {},
      { mounts: [{ type: "tmpfs", target: "/t", readOnly: true, options: "size=1m" }] },
      { Tmpfs: { "/t": "size=1m,ro" } },
    ],
    [
      "a named volume",
      { volumes: [{ name: "v", target: "/v", readOnly: true }] },
      {},
      { Mounts: [{ Type: "volume", Source: "v", Target: "/v", ReadOnly: true }] },
    ],
    [
      "an anonymous volume",
      { volumes: [{ target: "/v/", readOnly: false }] },
      {},
      { Mounts: [{ Type: "volume", Target: "/v", ReadOnly: false }] },
    ],
    [
      "a driver with options",
      { volumes: [{ name: "v", target: "/v", readOnly: false, driver: "nfs", driverOptions: { o: "x" } }] },
      {},
      { Mounts: [{ Source: "v", VolumeOptions: { DriverConfig: { Name: "nfs", Options: { o: "x" } } } }] },
    ],
    [
      "options of the local driver",
      { volumes: [{ name: "v", target: "/v", readOnly: false, driverOptions: { type: "tmpfs" } }] },
      {},
      { Mounts: [{ VolumeOptions: { DriverConfig: { Name: "local", Options: { type: "tmpfs" } } } }] },
    ],
    [
      "the user's volume without copying",
      {},
      { mounts: [{ type: "volume", source: "v", target: "/v", readOnly: false, options: "nocopy" }] },
      { Mounts: [{ Type: "volume", Source: "v", VolumeOptions: { NoCopy: true } }] },
    ],
    [
      "a bind, whose source must exist",
      { binds: [{ source: "/a:b", target: "/b", readOnly: true }] },
      {},
      { Mounts: [{ Type: "bind", Source: "/a:b", Target: "/b", ReadOnly: true }], Binds: [] },
    ],
    [
      "a bind that propagates",
      {},
      { mounts: [{ type: "bind", source: "/a", target: "/b", readOnly: false, options: "rshared" }] },
      { Mounts: [{ Type: "bind", Source: "/a", BindOptions: { Propagation: "rshared" } }], Binds: [] },
    ],
    [
      "a bind that is relabelled",
      { binds: [{ source: "/a", target: "/b", readOnly: true, options: "z,rslave" }] },
      {},
      { Mounts: [], Binds: ["/a:/b:z,rslave,ro"] },
    ],
    [
      "read-only by option",
      { binds: [{ source: "/a", target: "/b", readOnly: false, options: "ro" }] },
      {},
      { Mounts: [{ ReadOnly: true }] },
    ],
  ])("%s", (_what, options, workload, expected) => {
    expect(createBody(spec(options, workload)).HostConfig).toMatchObject(expected);
  });

  test("of the run win over the user's at the same path, whatever their kind and spelling", () => {
    const mounts = [
      { type: "volume", source: "data", target: "/data/", readOnly: false },
      { type: "tmpfs", target: "/a/../run", readOnly: false },
      { type: "bind", source: "/host", target: "/etc/app", readOnly: true },
      { type: "bind", source: "/keep", target: "/keep", readOnly: true },
    ] as const;
    const options = {
      tmpfs: { "/data": "size=1m" },
      volumes: [{ target: "/run", readOnly: false }],
      binds: [{ source: "/copy", target: "/etc/app", readOnly: true }],
    };
    expect(createBody(spec(options, { mounts })).HostConfig).toMatchObject({
      Tmpfs: { "/data": "size=1m" },
      Mounts: [
        { Type: "volume", Target: "/run", ReadOnly: false },
        { Type: "bind", Source: "/copy", Target: "/etc/app", ReadOnly: true },
        { Type: "bind", Source: "/keep", Target: "/keep", ReadOnly: true },
      ],
    });
  });

  test("a bind's text cannot be read as another bind", () => {
    const bind = { source: "/a:/etc", target: "/b", readOnly: true, options: "z" };
    expect(() => createBody(spec({ binds: [bind] }))).toThrow(expect.objectContaining({ code: "E_USAGE" }));
  });
});
