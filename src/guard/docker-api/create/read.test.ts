import { describe, expect, test } from "vitest";
import { type ContainerRequest, NOTHING_ASKED } from "../../../policy/request.ts";
import { readCreate } from "./read.ts";

type Container = Omit<ContainerRequest, "image">;
interface Call {
  readonly version?: string;
  readonly query?: readonly (readonly [string, string])[];
}
const create = (body: unknown, { query = [], ...call }: Call = {}): Container => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const [container] = readCreate(Buffer.from(text), { query, maxBytes: 2 ** 20, ...call }).containers;
  return container as Container;
};
const canonical = (body: string, version?: string): string =>
  readCreate(Buffer.from(body), { query: [], maxBytes: 2 ** 20, ...(version === undefined ? {} : { version }) })
    .body([])
    .toString();
const host = (HostConfig: unknown, config: object = {}): Container => create({ Image: "a", HostConfig, ...config });

test("of an empty request nothing is said", () => {
  expect(create({})).toEqual({
    ...NOTHING_ASKED,
    imageReference: "",
  });
});

test.each<[string, unknown, Partial<Container>]>([
  ["an entrypoint that is one string", { Entrypoint: "sh", Cmd: [] }, { entrypoint: ["sh"], command: [] }],
  ["an entrypoint taken away", { Entrypoint: [""] }, { entrypoint: [""] }],
  ["a directory, clean", { WorkingDir: "/a/../b/" }, { workingDir: "/b" }],
  ["labels", { Labels: { a: "b", A: null } }, { labels: { a: "b", A: "" } }],
  ["variables", { Env: ["A=1", null] }, { env: ["A=1", ""] }],
])("config: %s", (_, body, expected) => {
  expect(create(body)).toMatchObject(expected);
});

test("annotations that runtimes follow are told, others are for people", () => {
  const read = host({ Annotations: { "run.oci.handler": "krun", "com.example.team": "a" } });
  expect(read.unknownFields).toEqual(["HostConfig.Annotations.run.oci.handler"]);
});

test("an entrypoint that is null is not said", () => {
  expect(create({ Entrypoint: null, Cmd: null })).not.toHaveProperty("entrypoint");
  expect(create({ Entrypoint: null, Cmd: null })).not.toHaveProperty("command");
});

test.each<[string, unknown, Partial<Container>]>([
  ["read-only", { "readonlyRootf\u017F": true }, { readOnlyRoot: true }],
  ["no more processes than", { PidsLimit: 5 }, { pidsLimit: 5 }],
  ["as many processes as it likes", { PidsLimit: 0 }, { pidsLimit: -1 }],
  ["as many, once more", { PidsLimit: -7 }, { pidsLimit: -1 }],
  ["memory", { Memory: 5 }, { memoryBytes: 5 }],
  [
    "capabilities",
    { CapAdd: ["sys_admin", "CAP_NET_RAW", "all"], CapDrop: "\u017Fys_ptrace" },
    { capAdd: ["SYS_ADMIN", "NET_RAW", "ALL"], capDrop: ["SYS_PTRACE"] },
  ],
  ["no new privileges", { SecurityOpt: ["no-new-privileges"] }, { noNewPrivileges: true, securityOptions: [] }],
  ["by a word", { SecurityOpt: ["no-new-privileges:true"] }, { noNewPrivileges: true }],
  ["the last word counts", { SecurityOpt: ["no-new-privileges", "no-new-privileges=F"] }, { noNewPrivileges: false }],
  [
    "options in one spelling",
    { SecurityOpt: ["seccomp:unconfined", "apparmor=a:b", "disable", "label:type:t"] },
    { securityOptions: ["seccomp=unconfined", "apparmor=a:b", "label=disable", "label=type:t"] },
  ],
  ["paths of the kernel laid open", { MaskedPaths: [], ReadonlyPaths: [] }, { maskedPaths: [], readOnlyPaths: [] }],
  [
    "a device",
    { Devices: [{ PathOnHost: "/dev/sda", PathInContainer: "/dev/x", CgroupPermissions: "r" }] },
    { devices: [{ hostPath: "/dev/sda", containerPath: "/dev/x", permissions: "r" }] },
  ],
  [
    "a device that a driver gives",
    { DeviceRequests: [{ Driver: "cdi", DeviceIDs: ["a/b=c"] }] },
    { devices: [{ hostPath: "cdi:a/b=c", containerPath: "", permissions: "rwm" }] },
  ],
  [
    "the host's namespaces",
    {
      PidMode: "host",
      NetworkMode: "host",
      IpcMode: "host",
      UTSMode: "host",
      UsernsMode: "host",
      CgroupnsMode: "host",
    },
    { hostNamespaces: ["pid", "network", "ipc", "uts", "user", "cgroup"] },
  ],
  [
    "another container's",
    { PidMode: "container:x", IpcMode: "Host" },
    { hostNamespaces: [], joinedNamespaces: [{ namespace: "pid", container: "x" }] },
  ],
  ["others' mounts", { VolumesFrom: ["a:ro", "b"] }, { volumesFrom: ["a", "b"] }],
  ["a log", { LogConfig: { Type: "none", Config: null } }, { logDriver: "none" }],
  ["a runtime", { Runtime: "x" }, { runtime: "x" }],
])("host configuration: %s", (_, body, expected) => {
  expect(host(body)).toMatchObject(expected);
});

test("lists of paths that are null are the runtime's own", () => {
  expect(host({ MaskedPaths: null })).not.toHaveProperty("maskedPaths");
  expect(host({ ReadonlyPaths: null })).not.toHaveProperty("readOnlyPaths");
});

describe("mounts", () => {
  test.each<[string, object, object, Container["mounts"]]>([
    [
      "a bind",
      { Binds: ["/a/../b/:/c/:ro,rshared"] },
      {},
      [{ type: "bind", source: "/b", target: "/c", readOnly: true, propagation: "rshared" }],
    ],
    [
      "a named volume",
      { Binds: ["v:/c"], VolumeDriver: "d" },
      {},
      [{ type: "volume", source: "v", target: "/c", readOnly: false, driver: "d" }],
    ],
    ["a target alone", { Binds: ["/c"] }, {}, [{ type: "volume", target: "/c", readOnly: false }]],
    [
      "an anonymous volume",
      {},
      { Volumes: { "/c/": {}, "/c": null } },
      [{ type: "volume", target: "/c", readOnly: false }],
    ],
    [
      "no volume where something else is",
      { Binds: ["/s:/c"] },
      { Volumes: { "/c": {} } },
      [{ type: "bind", source: "/s", target: "/c", readOnly: false }],
    ],
    ["a tmpfs", { Tmpfs: { "/c/": "rw,exec" } }, {}, [{ type: "tmpfs", target: "/c", readOnly: false, exec: true }]],
    [
      "of two words the last",
      { Tmpfs: { "/c": "exec,ro,noexec" } },
      {},
      [{ type: "tmpfs", target: "/c", readOnly: true, exec: false }],
    ],
    [
      "words are taken whole",
      { Tmpfs: { "/c": " exec,EXEC" } },
      {},
      [{ type: "tmpfs", target: "/c", readOnly: false, exec: false }],
    ],
    [
      "a long tmpfs",
      { Mounts: [{ Type: "tmpfs", Target: "/c", TmpfsOptions: { Options: [["noexec"], ["exec"]] } }] },
      {},
      [{ type: "tmpfs", target: "/c", readOnly: false, exec: true }],
    ],
    [
      "a volume that is a bind",
      {
        Mounts: [
          {
            Type: "volume",
            Source: "v",
            Target: "/c",
            VolumeOptions: { DriverConfig: { Name: "local", Options: { type: "none", o: "bind", device: "/etc" } } },
          },
        ],
      },
      {},
      [
        {
          type: "volume",
          source: "v",
          target: "/c",
          readOnly: false,
          driver: "local",
          driverOptions: { type: "none", o: "bind", device: "/etc" },
        },
      ],
    ],
    [
      "a long bind",
      { Mounts: [{ Type: "bind", Source: "/", Target: "/c", ReadOnly: true, BindOptions: { Propagation: "rslave" } }] },
      {},
      [{ type: "bind", source: "/", target: "/c", readOnly: true, propagation: "rslave" }],
    ],
    [
      "of a kind that nobody knows",
      { Mounts: [{ Type: "Bind", Source: "/x", Target: "/c" }] },
      {},
      [{ type: "other", source: "/x", target: "/c", readOnly: false }],
    ],
  ])("%s", (_, HostConfig, config, expected) => {
    expect(host(HostConfig, config).mounts).toEqual(expected);
  });

  test.each<[string, object, object, string]>([
    ["too many colons", { Binds: ["/a:/b:ro:x"] }, {}, "must be SOURCE:TARGET"],
    ["no source", { Binds: [":/b"] }, {}, "must be SOURCE:TARGET"],
    ["a target with a mode", { Binds: ["/a:ro"] }, {}, "must be SOURCE:TARGET"],
    ["an unknown mode", { Binds: ["/a:/b:rw,suid"] }, {}, 'the unknown mode "rw,suid"'],
    ["two modes", { Binds: ["/a:/b:rw,ro"] }, {}, "the unknown mode"],
    ["a mode with a gap", { Binds: ["/a:/b:ro,"] }, {}, "the unknown mode"],
    ["the root", { Binds: ["/a:/b/.."] }, {}, "must not name the container's root"],
    ["a tmpfs that is a remount", { Tmpfs: { "/sys/": "rw,remount" } }, {}, "must hold options of a tmpfs alone"],
    ["a tmpfs that is a bind", { Tmpfs: { "/x": "rbind" } }, {}, "must hold options of a tmpfs alone"],
    ["the root by backslashes", { Tmpfs: { [String.raw`/a\..`]: "" } }, {}, "must not name the container's root"],
    ["the root as a volume", {}, { Volumes: { "/": {} } }, "must not name the container's root"],
    ["a relative target", { Mounts: [{ Type: "tmpfs", Target: "a" }] }, {}, "must name an absolute path"],
    [
      "a target that begins with a backslash",
      { Mounts: [{ Type: "tmpfs", Target: String.raw`\a` }] },
      {},
      "must name an absolute path",
    ],
    [
      "a relative source",
      { Mounts: [{ Type: "bind", Source: "a", Target: "/a" }] },
      {},
      "Mounts[0].Source must be an absolute path",
    ],
    ["a mount that is null", { Mounts: [null] }, {}, "Mounts[0].Target must name an absolute path"],
  ])("refused: %s", (_, HostConfig, config, problem) => {
    expect(() => host(HostConfig, config)).toThrow(
      expect.objectContaining({ code: "E_REQUEST_BODY", message: expect.stringContaining(problem) }),
    );
  });
});

describe("refused:", () => {
  test.each<[string, string, string]>([
    ["a host configuration twice", '{"HostConfig":{"ReadonlyRootfs":true},"Ho\u017FtConfig":{}}', "twice"],
    ["a setting twice", '{"HostConfig":{"ReadonlyRootfs":true,"readonlyrootfs":false}}', "HostConfig has the field"],
    ["memory in words", '{"HostConfig":{"Memory":"1g"}}', "HostConfig.Memory must be a whole number."],
    ["a privilege in words", '{"HostConfig":{"Privileged":"false"}}', "HostConfig.Privileged must be true or false."],
    ["an odd word on privileges", '{"HostConfig":{"SecurityOpt":["no-new-privileges=yes"]}}', "must say true or false"],
    ["an odd capability", '{"HostConfig":{"CapAdd":["SYS ADMIN"]}}', "names no capability"],
    ["something behind", '{"HostConfig":{"ReadonlyRootfs":true}}{}', "goes on after its end"],
  ])("%s", (_, body, problem) => {
    expect(() => create(body)).toThrow(
      expect.objectContaining({ code: "E_REQUEST_BODY", message: expect.stringContaining(problem) }),
    );
  });
});

describe("host configuration beside the image", () => {
  test.each<[string, string, string]>([
    [
      "counts without an inner one",
      '{"image":"a","privileged":true}',
      '{"Image":"a","HostConfig":{"Privileged":true}}',
    ],
    [
      "counts when the inner one is null",
      '{"HostConfig":null,"Binds":["/a:/b"]}',
      '{"HostConfig":{"Binds":["/a:/b"]}}',
    ],
    ["counts when it is null itself", '{"Privileged":null}', '{"HostConfig":{"Privileged":null}}'],
    ["is dropped beside an inner one", '{"HostConfig":{},"Privileged":true,"Binds":["/:/x"]}', '{"HostConfig":{}}'],
    [
      "five fill gaps of the inner one",
      '{"HostConfig":{"Memory":0,"CpuShares":3},"memory":9007199254740993,"CpuShares":1,"VolumeDriver":"d"}',
      '{"HostConfig":{"Memory":9007199254740993,"CpuShares":3,"VolumeDriver":"d"}}',
    ],
    ["the old name of CpusetCpus", '{"HostConfig":{},"Cpuset":"0"}', '{"HostConfig":{"CpusetCpus":"0"}}'],
    ["the old name alone", '{"Cpuset":"0"}', "{}"],
    [
      "its new name goes before",
      '{"HostConfig":{},"Cpuset":"0","CpusetCpus":"1"}',
      '{"HostConfig":{"CpusetCpus":"1"}}',
    ],
    ["null stays", '{"HostConfig":null}', '{"HostConfig":null}'],
  ])("%s", (_, body, expected) => {
    expect(canonical(body, "1.41")).toBe(expected);
  });

  test("Docker 27 does not look there", () => {
    expect(canonical('{"privileged":true}', "1.46")).toBe('{"privileged":true}');
    expect(create('{"privileged":true}', { version: "1.46" })).toMatchObject({
      privileged: false,
      unknownFields: ["privileged"],
    });
  });

  test("who names no version gets the reading of old engines", () => {
    expect(create('{"privileged":true}')).toMatchObject({ privileged: true, unknownFields: [] });
  });
});

test("what nobody knows is told", () => {
  expect(host({ Foo: 1, Mounts: [{ Type: "tmpfs", Target: "/a", Bar: {} }] }, { Baz: null }).unknownFields).toEqual([
    "HostConfig.Foo",
    "HostConfig.Mounts[0].Bar",
    "Baz",
  ]);
});

test.each([
  [
    [
      ["name", "a"],
      ["name", "b"],
    ] as const,
    "a",
  ],
  [[["Name", "a"]] as const, undefined],
  [[["name", "/a"]] as const, "a"],
  [
    [
      ["name", ""],
      ["name", "b"],
    ] as const,
    undefined,
  ],
])("the first name of a query counts: %j", (query, expected) => {
  expect(create({}, { query }).name).toBe(expected);
});
