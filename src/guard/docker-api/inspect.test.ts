import { describe, expect, test } from "vitest";
import { type ContainerRequest, NOTHING_ASKED } from "../../policy/request.ts";
import { readImageInspect, readInspect } from "./inspect.ts";

interface Parts {
  readonly host?: object;
  readonly config?: object;
  readonly top?: object;
}
const answer = ({ host = {}, config = {}, top = {} }: Parts): object => ({
  Id: "a".repeat(64),
  Name: "/web",
  Image: `sha256:${"b".repeat(64)}`,
  Created: "2024-05-06T07:08:09.123456789Z",
  Config: { Image: "nginx:1", ...config },
  HostConfig: host,
  ...top,
});
const read = (parts: Parts): Omit<ContainerRequest, "image"> => readInspect(answer(parts)).container;
const mount = (more: object): object => ({ Type: "volume", Name: "v", Destination: "/m", RW: true, ...more });

test("what is not told is absent: nothing makes a root read-only but the engine's word", () => {
  expect(readInspect(answer({}))).toEqual({
    id: "a".repeat(64),
    imageId: `sha256:${"b".repeat(64)}`,
    createdMs: Date.UTC(2024, 4, 6, 7, 8, 9, 123),
    isRunning: false,
    container: {
      ...NOTHING_ASKED,
      readOnlyRoot: false,
      name: "web",
      imageReference: "nginx:1",
    },
  });
});

test.each<[string, Parts, Partial<ContainerRequest>]>([
  ["read-only", { host: { ReadonlyRootfs: true } }, { readOnlyRoot: true }],
  [
    "null",
    { host: { ReadonlyRootfs: null, Privileged: null, CapAdd: null, Tmpfs: null } },
    { readOnlyRoot: false, mounts: [] },
  ],
  ["Podman's capabilities", { host: { CapAdd: ["CAP_SYS_ADMIN"] } }, { capAdd: ["SYS_ADMIN"] }],
  ["without a limit", { host: { PidsLimit: 0 } }, { pidsLimit: -1 }],
  [
    "security",
    { host: { SecurityOpt: ["no-new-privileges", "seccomp:x"] } },
    { noNewPrivileges: true, securityOptions: ["seccomp=x"] },
  ],
  [
    "namespaces",
    { host: { PidMode: "host", IpcMode: "container:x" } },
    { hostNamespaces: ["pid"], joinedNamespaces: [{ namespace: "ipc", container: "x" }] },
  ],
  ["empty lists of paths", { host: { MaskedPaths: [], ReadonlyPaths: [] } }, { maskedPaths: [], readOnlyPaths: [] }],
  [
    "settings",
    { config: { Labels: { a: "b" }, Env: ["A=1"], Cmd: ["x"], Entrypoint: [], User: "u", WorkingDir: "/w/" } },
    { labels: { a: "b" }, env: ["A=1"], command: ["x"], entrypoint: [], user: "u", workingDir: "/w" },
  ],
])("%s", (_, parts, expected) => {
  expect(read(parts)).toMatchObject(expected);
});

describe("mounts", () => {
  test.each<[string, Parts, ContainerRequest["mounts"]]>([
    [
      "a volume",
      { top: { Mounts: [mount({ Driver: "local" })] } },
      [{ type: "volume", source: "v", target: "/m", readOnly: false, driver: "local" }],
    ],
    [
      "an anonymous one",
      { top: { Mounts: [mount({ Name: "c".repeat(64) })] } },
      [{ type: "volume", target: "/m", readOnly: false }],
    ],
    [
      "one whose name looks like that",
      { host: { Binds: [`${"c".repeat(64)}:/m`] }, top: { Mounts: [mount({ Name: "c".repeat(64) })] } },
      [{ type: "volume", source: "c".repeat(64), target: "/m", readOnly: false }],
    ],
    [
      "options of its driver",
      {
        host: {
          Mounts: [
            {
              Type: "volume",
              Source: "v",
              Target: "/m/",
              VolumeOptions: { DriverConfig: { Options: { device: "/" } } },
            },
          ],
        },
        top: { Mounts: [mount({})] },
      },
      [{ type: "volume", source: "v", target: "/m", readOnly: false, driverOptions: { device: "/" } }],
    ],
    [
      "a bind",
      { top: { Mounts: [mount({ Type: "bind", Name: undefined, Source: "/a/", RW: false, Propagation: "rslave" })] } },
      [{ type: "bind", source: "/a", target: "/m", readOnly: true, propagation: "rslave" }],
    ],
    [
      "a long tmpfs once",
      { host: { Mounts: [{ Type: "tmpfs", Target: "/m" }] }, top: { Mounts: [mount({ Type: "tmpfs" })] } },
      [{ type: "tmpfs", target: "/m", readOnly: false, exec: false }],
    ],
    ["a tmpfs", { host: { Tmpfs: { "/t/": "exec" } } }, [{ type: "tmpfs", target: "/t", readOnly: false, exec: true }]],
    [
      "another kind",
      { top: { Mounts: [mount({ Type: "glusterfs", Source: "x" })] } },
      [{ type: "other", source: "x", target: "/m", readOnly: false }],
    ],
  ])("%s", (_, parts, expected) => {
    expect(read(parts).mounts).toEqual(expected);
  });
});

test.each<[string, unknown]>([
  ["nothing", undefined],
  ["an error", { message: "no such container" }],
  ["no host configuration", { ...answer({}), HostConfig: undefined }],
  [
    "a mount that does not say whether it is writable",
    answer({ top: { Mounts: [{ Type: "bind", Destination: "/a" }] } }),
  ],
  ["no time", answer({ top: { Created: "yesterday" } })],
  ["a root that is read-only in words", answer({ host: { ReadonlyRootfs: "true" } })],
])("not understood: %s", (_, value) => {
  expect(() => readInspect(value)).toThrow(expect.objectContaining({ code: "E_ENGINE_API" }));
});

test("Podman's time has an offset, and may run a folder", () => {
  const { createdMs, imageId } = readInspect(answer({ top: { Created: "2024-05-06T09:08:09.5+02:00", Image: "" } }));
  expect([createdMs, imageId]).toEqual([Date.UTC(2024, 4, 6, 7, 8, 9, 500), undefined]);
});

test("an image", () => {
  const id = `sha256:${"b".repeat(64)}`;
  expect(readImageInspect({ Id: id, RepoTags: ["a:1"], Config: { Volumes: { "/v": {} } } })).toMatchObject({
    id,
    repoTags: ["a:1"],
    volumes: ["/v"],
  });
  expect(() => readImageInspect({ message: "no such image" })).toThrow(
    expect.objectContaining({ code: "E_ENGINE_API" }),
  );
});
