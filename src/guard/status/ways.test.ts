import { expect, test } from "vitest";
import { dockerdView, runtimePath } from "./dockerd-view.ts";
import type { DockerdView, Holder, HostView, SocketView } from "./host-view.ts";
import { kindOf, policyOfGuard } from "./processes.ts";
import { parseMountinfo, socketContainers } from "./socket-mounts.ts";
import { isOpen, type Way, ways } from "./ways.ts";

const DOCKERD: DockerdView = {
  pid: 5,
  hosts: ["fd://"],
  authorizationPlugins: [],
  defaultRuntime: "runc",
  otherRuntimes: [],
};
const holder = (is: Holder["is"]): Holder => ({ pid: 5, is, command: is });
const SOCKET: SocketView = {
  path: "/run/docker.sock",
  kind: "docker",
  mode: 0o660,
  uid: 0,
  group: "docker",
  rootOnlyDirectory: false,
  holders: [holder("dockerd"), holder("systemd")],
};
const VIEW: HostView = {
  sockets: [SOCKET],
  dockerds: [DOCKERD],
  dockerWrapper: false,
  tools: [],
  dockerGroup: [],
  socketContainers: [],
  guardSocketUnit: false,
  unseen: [],
};
const first = (view: Partial<HostView>): Way | undefined => ways({ ...VIEW, ...view })[0];
const socket = (change: Partial<SocketView>): Partial<HostView> => ({ sockets: [{ ...SOCKET, ...change }] });

test.each([
  ["dockerd itself", {}, "no"],
  ["a guard", socket({ holders: [holder("guard")] }), "yes"],
  ["both", socket({ holders: [holder("guard"), holder("dockerd")] }), "no"],
  ["systemd for a guard", { ...socket({ holders: [holder("systemd")] }), guardSocketUnit: true }, "yes"],
  ["systemd for dockerd", socket({ holders: [holder("systemd")] }), "no"],
  ["dockerd though a guard is installed", { guardSocketUnit: true }, "no"],
  ["dockerd with the plugin", { dockerds: [{ ...DOCKERD, authorizationPlugins: ["petrify"] }] }, "yes"],
  [
    "two dockerds, one with the plugin",
    { dockerds: [{ ...DOCKERD, authorizationPlugins: ["petrify"] }, DOCKERD] },
    "no",
  ],
  [
    "dockerd with the wrapper",
    { dockerds: [{ ...DOCKERD, defaultRuntime: "petrify" }], dockerWrapper: true },
    "partly",
  ],
  ["dockerd with a runtime that only has the name", { dockerds: [{ ...DOCKERD, defaultRuntime: "petrify" }] }, "no"],
  ["root alone by the directory", socket({ rootOnlyDirectory: true }), "root only"],
  ["root alone by the mode", socket({ mode: 0o600 }), "root only"],
  ["root alone by the group", socket({ mode: 0o660, group: "root" }), "root only"],
  ["everybody", socket({ mode: 0o666, group: "root" }), "no"],
  ["another user", socket({ mode: 0o600, uid: 1000 }), "no"],
] as const)("Docker's socket with %s behind it", (_, view, guarded) => expect(first(view)?.guarded).toBe(guarded));

test("who listens without being seen is no good news", () => {
  const { holders: _, ...unseen } = SOCKET;
  expect(first({ sockets: [unseen] })).toMatchObject({ guarded: "not seen", action: expect.stringContaining("root") });
  expect(isOpen(first({ sockets: [unseen] }) as Way)).toBe(true);
});

test("a listener, a runtime, a group, a container, Podman and the policy are ways of their own", () => {
  const found = ways({
    ...VIEW,
    sockets: [{ ...SOCKET, holders: [holder("guard")] }],
    dockerds: [
      { ...DOCKERD, hosts: ["tcp://0.0.0.0:2375"], defaultRuntime: "petrify", otherRuntimes: ["runc", "kata"] },
    ],
    dockerWrapper: true,
    dockerGroup: ["ada"],
    socketContainers: [
      { name: "old", source: "/run/docker.sock", old: true },
      { name: "new", source: "/run/docker.sock", old: false },
    ],
    podman: { wrapper: false, readOnlySetting: true },
    tools: ["ctr"],
    policy: { file: "/p", name: "house", mode: "warn", exemptions: [] },
  });
  expect(Object.fromEntries(found.map(({ way, guarded }) => [way, guarded]))).toEqual({
    "docker socket /run/docker.sock": "yes",
    "dockerd at tcp://0.0.0.0:2375": "no",
    "docker's default runtime": "yes",
    "docker run --runtime runc, kata": "yes",
    "container old with /run/docker.sock": "no",
    "container new with /run/docker.sock": "yes",
    "group docker (ada) by /run/docker.sock": "yes",
    ctr: "root only",
    "podman without a daemon": "partly",
    "rootless podman": "partly",
    "policy /p": "no",
  });
});

test("what is open says what to do", () => {
  const found = ways({
    ...VIEW,
    podman: { wrapper: false, readOnlySetting: false },
    policy: { file: "/p", error: "bad", exemptions: [] },
  });
  for (const way of found.filter(isOpen)) expect(way.action).toMatch(/\.$/);
});

test.each([
  [["dockerd"], "{}", { hosts: ["unix:///var/run/docker.sock"], defaultRuntime: "runc", otherRuntimes: [] }],
  [["dockerd", "-H", "fd://", "-Htcp://0.0.0.0:1"], "{}", { hosts: ["fd://", "tcp://0.0.0.0:1"] }],
  [
    ["dockerd", "--host=unix:///x", "--default-runtime", "petrify"],
    "{}",
    { hosts: ["unix:///x"], defaultRuntime: "petrify", otherRuntimes: ["runc"] },
  ],
  [
    ["dockerd", "--authorization-plugin=a"],
    '{"hosts":["tcp://1:2"],"authorization-plugins":["petrify"],"runtimes":{"kata":{}}}',
    { hosts: ["tcp://1:2"], authorizationPlugins: ["a", "petrify"], otherRuntimes: ["kata"] },
  ],
  [["dockerd", "--add-runtime", "x=/y"], "no JSON", { otherRuntimes: ["x"] }],
])("%j with %s", (args, config, expected) => {
  const { otherRuntimes, ...rest } = expected as Partial<DockerdView>;
  const view = dockerdView(1, args, () => config);
  expect(view).toMatchObject(rest);
  expect(view.otherRuntimes).toEqual(expect.arrayContaining([...(otherRuntimes ?? [])]));
});

test("the configuration is the one that the command line names", () => {
  const asked: string[] = [];
  dockerdView(1, ["dockerd", "--config-file", "/x.json"], (path) => void asked.push(path));
  expect(asked).toEqual(["/x.json"]);
  expect(runtimePath('{"runtimes":{"petrify":{"path":"/l"}}}', "petrify")).toBe("/l");
  expect(runtimePath(undefined, "petrify")).toBeUndefined();
});

test("a guard is known by what it is, not by its name", () => {
  expect(kindOf({ pid: 9, name: "node", args: ["node", "main", "guard", "--upstream", "/x"] })).toBe("guard");
  expect(kindOf({ pid: 9, name: "node", args: ["node", "main", "guard", "authz"] })).toBe("other");
  expect(kindOf({ pid: 9, name: "node", args: ["node", "guard", "--upstream=/x", "--dry-run"] })).toBe("other");
  expect(kindOf({ pid: 9, name: "dockerd", args: ["dockerd"] })).toBe("dockerd");
  expect(policyOfGuard([rootRuns("x", "--policy", "/no"), rootRuns("guard", "--policy", "/p")])).toBe("/p");
  expect(policyOfGuard([rootRuns("guard", "authz", "--policy=/q")])).toBe("/q");
  expect(policyOfGuard([rootRuns("guard")])).toBeUndefined();
  expect(policyOfGuard([{ uid: 1000, args: ["guard", "--policy", "/p"] }])).toBeUndefined();
});

const HOST = parseMountinfo("1 0 8:1 / / rw - ext4 x rw\n2 1 0:20 / /run rw - tmpfs tmpfs rw\n");
test.each([
  ["the socket", "3 1 0:20 /docker.sock /s rw - tmpfs t rw", false],
  ["its directory", "3 1 0:20 / /host/run rw - tmpfs t rw", false],
  ["the socket of before", "3 1 0:20 /docker.sock//deleted /s rw - tmpfs t rw", true],
])("a container with %s is found", (_, line, old) =>
  expect(socketContainers(["/run/docker.sock"], HOST, [{ name: "c", mounts: parseMountinfo(line) }])).toEqual([
    { name: "c", source: "/run/docker.sock", old },
  ]),
);
test.each([
  "3 1 0:21 /docker.sock /s rw - tmpfs t rw",
  "3 1 0:20 /docker.sock2 /s rw - tmpfs t rw",
  "3 1 0:20 /a\\040b /s rw",
])("a container with %s has no socket", (line) =>
  expect(socketContainers(["/run/docker.sock"], HOST, [{ name: "c", mounts: parseMountinfo(line) }])).toEqual([]),
);

function rootRuns(...args: readonly string[]): { readonly uid: number; readonly args: readonly string[] } {
  return { uid: 0, args };
}
