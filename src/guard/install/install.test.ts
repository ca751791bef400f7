import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { apply } from "./apply.ts";
import { commandsOfRemoval, installPlan, type InstallWays } from "./install-plan.ts";
import { JOURNAL_DIRECTORY } from "./journal.ts";
import { factsOf, fakeHost, snapshot } from "./testing.ts";
import { undo } from "./undo.ts";

const WAYS: InstallWays = { docker: true, authz: true, podman: true, strict: true, policy: "/etc/petrify/policy.yaml" };
const roots: string[] = [];
function host(options: Parameters<typeof fakeHost>[0] = {}): string {
  const root = fakeHost(options);
  roots.push(root);
  return root;
}
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

const read = (root: string, path: string): string => readFileSync(join(root, path), "utf8");
const install = (root: string, ways: Partial<InstallWays> = {}): ReturnType<typeof apply> =>
  apply(installPlan(factsOf(root), { ...WAYS, ...ways }), root);

test("all of it is installed, and every byte put back", () => {
  for (const options of [{}, { systemd: false }, { without: ["/etc/docker/daemon.json"] }]) {
    const root = host(options);
    const before = snapshot(root);
    expect(install(root).written.length).toBeGreaterThan(5);
    expect(snapshot(root)).not.toEqual(before);
    expect(undo(root).kept).toEqual([]);
    expect(snapshot(root)).toEqual(before);
  }
});

test("of daemon.json only what is installed changes, and its mode stays", () => {
  const root = host();
  install(root);
  expect(read(root, "/etc/docker/daemon.json")).toBe(`{
    "log-driver": "local",
    "runtimes": {"kata": {"path": "/opt/kata"}, "petrify": {
            "path": "/usr/local/libexec/petrify/docker/runc"
        }},
    "authorization-plugins": [
        "petrify"
    ],
    "default-runtime": "petrify"
}
`);
  expect(snapshot(root)["/etc/docker/daemon.json"]).toMatch(/^100640 /);
});

const units = (...ways: readonly string[]): readonly string[] =>
  commandsOfRemoval(ways).flatMap((words) => words.filter((word) => word.startsWith("petrify")));

test("a removal stops the units that were installed and no others, and never without starting the engine again", () => {
  expect(units("docker", "docker-runtime")).toEqual(["petrify-guard.socket", "petrify-guard.service"]);
  expect(units("authz")).toEqual(["petrify-guard-authz.service"]);
  for (const way of ["docker", "authz"])
    expect(commandsOfRemoval([way]).at(-1)).toEqual(["systemctl", "start", "docker.socket", "docker.service"]);
  expect(commandsOfRemoval(["docker-runtime"])).toEqual([["systemctl", "restart", "docker.service"]]);
  expect(commandsOfRemoval(["podman", "podman-runtime"])).toEqual([]);
});

test("a second time nothing changes, also of the time since when the policy holds", () => {
  const root = host();
  install(root);
  const once = snapshot(root);
  expect(install(root).written).toEqual([]);
  expect(snapshot(root)).toEqual(once);
});

test("one way after another, then back", () => {
  const root = host();
  const before = snapshot(root);
  install(root, { docker: false, podman: false, strict: false });
  install(root, { authz: false });
  expect(JSON.parse(read(root, "/etc/docker/daemon.json"))).toMatchObject({
    "authorization-plugins": ["petrify"],
    "default-runtime": "petrify",
  });
  expect(undo(root).ways.toSorted()).toEqual(["authz", "docker", "docker-runtime", "podman-runtime"]);
  expect(snapshot(root)).toEqual(before);
});

test("the socket keeps owner and mode of the package's, and the engine's own is root's alone", () => {
  const root = host();
  install(root);
  expect(read(root, "/etc/systemd/system/petrify-guard.socket")).toMatch(
    /SocketMode=0660\nSocketUser=root\nSocketGroup=containers\n/,
  );
  expect(read(root, "/etc/systemd/system/docker.socket.d/50-petrify.conf")).toMatch(
    /ListenStream=\nListenStream=\/run\/petrify-guard\/docker\.sock\nSocketMode=0600\n/,
  );
});

test("what somebody changed since stays, with the content of before; by force it goes", () => {
  const root = host();
  const before = snapshot(root);
  install(root);
  appendFileSync(join(root, "/etc/docker/daemon.json"), "\n");
  const { kept } = undo(root);
  expect(kept).toEqual([{ path: "/etc/docker/daemon.json", backup: expect.stringContaining("daemon.json") }]);
  expect(Buffer.from(before["/etc/docker/daemon.json"]?.split(" ").at(-1) ?? "", "base64").toString()).toBe(
    read(root, kept[0]?.backup ?? ""),
  );
  expect(undo(root, { force: true }).kept).toEqual([]);
  expect(snapshot(root)).toEqual(before);
});

test("a file that was changed since is never written over", () => {
  const root = host();
  install(root);
  const unit = "/etc/systemd/system/petrify-guard.service";
  appendFileSync(join(root, unit), "# mine\n");
  expect(() => install(root)).toThrow(`${unit} was changed since it was installed.`);
});

test("no link is followed", () => {
  const root = host();
  const daemonJson = join(root, "/etc/docker/daemon.json");
  renameSync(daemonJson, `${daemonJson}.real`);
  symlinkSync("daemon.json.real", daemonJson);
  const before = snapshot(root);
  expect(() => install(root, { docker: false, podman: false })).toThrow("/etc/docker/daemon.json is no regular file.");
  undo(root);
  expect(snapshot(root)).toEqual(before);
});

test("a link of somebody's own is not replaced", () => {
  const root = host();
  mkdirSync(join(root, "/etc/systemd/system/sockets.target.wants"), { recursive: true });
  symlinkSync("/mine", join(root, "/etc/systemd/system/sockets.target.wants/petrify-guard.socket"));
  const before = snapshot(root);
  expect(() => install(root)).toThrow("is there, and does not lead to");
  undo(root);
  expect(snapshot(root)).toEqual(before);
});

test("a drop-in that opens another way is seen", () => {
  const root = host();
  mkdirSync(join(root, "/etc/systemd/system/docker.service.d"), { recursive: true });
  const dropIn = "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd -H fd:// -H tcp://0.0.0.0:2375\n";
  writeFileSync(join(root, "/etc/systemd/system/docker.service.d/override.conf"), dropIn);
  expect(() => install(root)).toThrow("does not take its only socket from docker.socket");
});

test("without systemd it says what to start and what to take out", () => {
  const { commands, notes, files } = installPlan(factsOf(host({ systemd: false })), { ...WAYS, podman: false });
  expect(commands).toEqual([]);
  expect(files.map(({ path }) => path)).not.toContain("/etc/systemd/system/petrify-guard.service");
  expect(notes.join("\n")).toMatch(/petrify guard --docker-socket \/var\/run\/docker\.sock --upstream \S+ --policy/);
  expect(notes.join("\n")).toContain("-H");
});

test.each([
  ["ExecStart=/usr/sbin/dockerd -H unix:///x.sock", "{}"],
  ["ExecStart=/usr/sbin/dockerd -H fd:// -H tcp://0.0.0.0:2375", "{}"],
  ["ExecStart=/usr/sbin/dockerd -H fd:// \\\n  --host=tcp://0.0.0.0:2375", "{}"],
  ["ExecStart=/usr/sbin/dockerd", '{"hosts":["fd://"]}'],
])("%s with %s leaves another way open, so nothing is installed", (start, daemonJson) => {
  const root = host();
  writeFileSync(join(root, "/lib/systemd/system/docker.service"), `[Service]\n${start}\n`);
  writeFileSync(join(root, "/etc/docker/daemon.json"), daemonJson);
  expect(() => install(root)).toThrow("does not take its only socket from docker.socket");
  expect(existsSync(join(root, JOURNAL_DIRECTORY))).toBe(false);
});

test.each([
  ["4.3.1", false, "[engine.runtimes]"],
  ["4.4.0", false, "read_only = true"],
  ["5.8.2", true, "[engine.runtimes]"],
  ["5.8.2", false, "read_only = true"],
  [undefined, false, "[engine.runtimes]"],
])("Podman %s (strict: %s) gets %s", (podmanVersion, strict, expected) => {
  const { podmanVersion: _, ...facts } = factsOf(host());
  const known = podmanVersion === undefined ? facts : { ...facts, podmanVersion };
  const { files } = installPlan(known, { ...WAYS, docker: false, authz: false, strict });
  expect(files.at(-1)?.content).toContain(expected);
});

test("nothing is left of an installation but what it found", () => {
  const root = host();
  install(root);
  undo(root);
  expect(readdirSync(join(root, "/var/lib"))).toEqual([]);
  expect(undo(root)).toEqual({ ways: [], restored: [], kept: [] });
});
