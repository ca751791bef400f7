import { describe, expect, it } from "vitest";
import type { Change } from "../../../policy/decision.ts";
import { readService } from "./read.ts";

const HEAD = { version: "1.46", query: [], maxBytes: 1 << 20 };
type Head = Omit<typeof HEAD, "version" | "query"> & {
  version?: string;
  query: readonly (readonly [string, string])[];
};

function read(body: unknown, head: Head = HEAD) {
  return readService(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), head);
}
function service(container: object, task: object = {}) {
  return { Name: "web", TaskTemplate: { ContainerSpec: { Image: "nginx", ...container }, ...task } };
}
function asked(container: object, task: object = {}, head: Head = HEAD) {
  return read(service(container, task), head).containers[0];
}

it("a task has the words of no engine", () => {
  const container = {
    Labels: { a: "b" },
    Command: ["/bin/sh"],
    Args: ["-c", "true"],
    Env: ["A=1"],
    User: "1:2",
    Dir: "/srv",
    ReadOnly: true,
    CapabilityAdd: ["CAP_SYS_ADMIN"],
    CapabilityDrop: ["all"],
    Privileges: {
      NoNewPrivileges: true,
      Seccomp: { Mode: "unconfined" },
      AppArmor: { Mode: "disabled" },
      SELinuxContext: { Disable: true, Type: "spc_t" },
    },
    Secrets: [{ File: { Name: "s", UID: "0", GID: "0", Mode: 292 }, SecretID: "x" }],
    Configs: [{ File: { Name: "/bin/sh", UID: "0", GID: "0", Mode: 292 }, ConfigID: "x" }],
  };
  const task = {
    Resources: { Limits: { MemoryBytes: 5, Pids: 6 } },
    LogDriver: { Name: "none" },
    Networks: [{ Target: "host" }],
    Runtime: "container",
  };
  expect(asked(container, task)).toEqual({
    name: "web",
    labels: { a: "b" },
    imageReference: "nginx",
    entrypoint: ["/bin/sh"],
    command: ["-c", "true"],
    env: ["A=1"],
    user: "1:2",
    workingDir: "/srv",
    readOnlyRoot: true,
    privileged: false,
    mounts: [{ type: "other", target: "/bin/sh", readOnly: true }],
    volumesFrom: [],
    capAdd: ["SYS_ADMIN"],
    capDrop: ["ALL"],
    devices: [],
    deviceRules: [],
    securityOptions: ["seccomp=unconfined", "apparmor=unconfined", "label=disable", "label=type:spc_t"],
    noNewPrivileges: true,
    pidsLimit: 6,
    memoryBytes: 5,
    logDriver: "none",
    hostNamespaces: ["network"],
    unknownFields: [],
  });
});

it.each([
  [
    { Type: "BIND", Source: "/etc/", Target: "/x" },
    { type: "bind", source: "/etc", target: "/x", readOnly: false },
  ],
  // No type is a bind to a swarm.
  [
    { Source: "/etc", Target: "/x" },
    { type: "bind", source: "/etc", target: "/x", readOnly: false },
  ],
  [
    { Type: "tmpfs", Target: "/x", TmpfsOptions: { Options: [["exec"]] } },
    { type: "tmpfs", target: "/x", readOnly: false, exec: true },
  ],
  [
    { Type: "volume", Source: "d-{{.Task.Slot}}", Target: "/x", ReadOnly: true },
    { type: "volume", source: "d-{{.Task.Slot}}", target: "/x", readOnly: true },
  ],
  [
    { Type: "volume", Target: "/x", VolumeOptions: { DriverConfig: { Options: { o: "bind", device: "/etc" } } } },
    { type: "volume", target: "/x", readOnly: false, driverOptions: { o: "bind", device: "/etc" } },
  ],
])("mount %j", (mount, expected) => {
  expect(asked({ Mounts: [mount] })?.mounts).toEqual([expected]);
});

it("the type of a mount is sent on as it was judged", () => {
  const body = read(
    service({
      Mounts: [
        { Source: "/etc", Target: "/x" },
        { Type: "Tmpfs", Target: "/y" },
      ],
    }),
  ).body([]);
  expect(JSON.parse(String(body))).toMatchObject({
    TaskTemplate: { ContainerSpec: { Mounts: [{ Type: "bind" }, { Type: "tmpfs" }] } },
  });
});

it("protection that the version loses does not count", () => {
  const container = { CapabilityDrop: ["ALL"], Privileges: { NoNewPrivileges: true } };
  const task = { Resources: { Limits: { Pids: 6 } } };
  expect(asked(container, task, { ...HEAD, version: "1.40" })).toMatchObject({ capDrop: [] });
  for (const version of ["1.40", undefined])
    expect(
      Object.keys(asked(container, task, { query: [], maxBytes: 1 << 20, ...(version && { version }) }) ?? {}),
    ).not.toEqual(expect.arrayContaining(["noNewPrivileges", "pidsLimit"]));
});

it.each([
  [{ Privileges: { CredentialSpec: { File: "x" } } }, "TaskTemplate.ContainerSpec.Privileges.CredentialSpec"],
  [{ Isolation: "hyperv" }, "TaskTemplate.ContainerSpec.Isolation"],
  [{ Privileged: true }, "TaskTemplate.ContainerSpec.Privileged"],
])("%j is not understood", (container, unknown) => {
  expect(asked(container)?.unknownFields).toEqual([unknown]);
});

describe("what cannot be judged is refused", () => {
  it.each<[unknown, string]>([
    [service({}, { Runtime: "plugin", PluginSpec: { remote: "evil" } }), "plugin"],
    [service({}, { RUNTIME: "plugin" }), "plugin"],
    [service({}, { Runtime: "attachment" }), "another"],
    [service({}, { PluginSpec: { remote: "evil" } }), "not for a service of containers"],
    [service({}, { NetworkAttachmentSpec: { ContainerID: "x" } }), "not for a service of containers"],
    [{ Name: "x" }, "must be there"],
    [{ TaskTemplate: {} }, "must be there"],
    [{ TaskTemplate: { ContainerSpec: null } }, "must be there"],
    [service({ Image: "" }), "must name an image"],
    [service({ Mounts: [{ Type: "bind", Source: '/{{"etc"}}', Target: "/x" }] }), "template"],
    [service({ Mounts: [{ Type: "tmpfs", Target: '/{{"bin"}}' }] }), "template"],
    [
      service({
        Mounts: [
          { Type: "volume", Target: "/x", VolumeOptions: { DriverConfig: { Options: { device: '/{{"etc"}}' } } } },
        ],
      }),
      "template",
    ],
    [service({ Mounts: [{ Type: "tmpfs", Target: "/" }] }), "container's root"],
    ['{"TaskTemplate":{"ContainerSpec":{"Image":"a","ReadOnly":true,"readonly":false}}}', "twice"],
    ['{"TaskTemplate":{"ContainerSpec":{"Image":"a","ReadOnly":true}},"ta\u017FkTemplate":{}}', "twice"],
    ['{"TaskTemplate":{"ContainerSpec":{"Image":"a"}}}{}', "goes on"],
  ])("%j", (body, problem) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({ code: "E_REQUEST_BODY", message: expect.stringContaining(problem) }),
    );
  });

  it("and so is a return to a state that nobody judged", () => {
    const head: Head = {
      ...HEAD,
      query: [
        ["version", "3"],
        ["rollback", "previous"],
      ],
    };
    expect(() => read(service({}), head)).toThrow("previous state");
  });
});

describe("changes", () => {
  it.each<[Change, object]>([
    [{ kind: "readOnlyRoot" }, service({ ReadOnly: true })],
    [
      { kind: "tmpfs", path: "/run", sizeBytes: 1024, mode: 0o1777, uid: 0, gid: 0, exec: false },
      service({ Mounts: [{ Type: "tmpfs", Target: "/run", TmpfsOptions: { SizeBytes: 1024, Mode: 0o1777 } }] }),
    ],
    [
      { kind: "tmpfs", path: "/run", sizeBytes: 1024, mode: 0o755, uid: 0, gid: 0, exec: true },
      service({
        Mounts: [
          { Type: "tmpfs", Target: "/run", TmpfsOptions: { SizeBytes: 1024, Mode: 0o755, Options: [["exec"]] } },
        ],
      }),
    ],
    [{ kind: "volume", path: "/v" }, service({ Mounts: [{ Type: "volume", Target: "/v" }] })],
    [
      { kind: "volume", path: "/v", name: "n", driver: "d", options: { a: "b" } },
      service({
        Mounts: [
          {
            Type: "volume",
            Source: "n",
            Target: "/v",
            VolumeOptions: { DriverConfig: { Name: "d", Options: { a: "b" } } },
          },
        ],
      }),
    ],
    [{ kind: "env", name: "A", value: "1" }, service({ Env: ["A=1"] })],
    [{ kind: "noNewPrivileges" }, service({ Privileges: { NoNewPrivileges: true } })],
    [{ kind: "pidsLimit", limit: 5 }, service({}, { Resources: { Limits: { Pids: 5 } } })],
    [{ kind: "memory", bytes: 5 }, service({}, { Resources: { Limits: { MemoryBytes: 5 } } })],
    [{ kind: "dropCapabilities", names: ["MKNOD"] }, service({ CapabilityDrop: ["CAP_MKNOD"] })],
    [
      { kind: "logDriver", driver: "local", options: { "max-size": "1m" } },
      service({}, { LogDriver: { Name: "local", Options: { "max-size": "1m" } } }),
    ],
  ])("%j", (change, expected) => {
    expect(JSON.parse(String(read(service({})).body([[change]])))).toEqual(expected);
  });

  it.each<[string, Change]>([
    ["1.46", { kind: "readOnlyPaths", paths: ["/etc"] }],
    ["1.46", { kind: "tmpfs", path: "/run", sizeBytes: 1, mode: 0o755, uid: 5, gid: 0, exec: false }],
    ["1.45", { kind: "tmpfs", path: "/run", sizeBytes: 1, mode: 0o755, uid: 0, gid: 0, exec: true }],
    ["1.43", { kind: "noNewPrivileges" }],
    ["1.40", { kind: "dropCapabilities", names: ["MKNOD"] }],
    ["1.40", { kind: "pidsLimit", limit: 5 }],
  ])("version %s has no place for %j", (version, change) => {
    expect(() => read(service({}), { ...HEAD, version }).body([[change]])).toThrow(
      expect.objectContaining({ code: "E_REQUEST_CHANGE" }),
    );
  });
});
