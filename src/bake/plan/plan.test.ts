import { expect, test } from "vitest";
import type { LayerChange } from "../../model/change.ts";
import type { PathRecord } from "../../model/profile.ts";
import { DEBIAN, dir, file, passing, readBack, strategyOf, treeOf, type World } from "../../strategy/testing/world.ts";
import { planBake } from "./plan.ts";
import { dirChange, fileChange, linkChange, startOf } from "./testing.ts";
import type { BakePlan } from "./types.ts";

interface Case extends World {
  /** What each fresh start left; one stands for all of them. */
  readonly starts: readonly (readonly LayerChange[])[];
  readonly tested?: readonly LayerChange[];
  readonly records: readonly PathRecord[];
  readonly canRun?: boolean;
  readonly seesOperations?: boolean;
}

function plan({ starts, tested, canRun = true, seesOperations = true, ...world }: Case): BakePlan {
  const all = starts.length === 1 ? [...starts, ...starts] : starts;
  return planBake({
    starts: all.map((changes) => startOf(changes)),
    tested: tested ?? all[0],
    marks: [],
    strategy: strategyOf(world),
    records: world.records,
    tree: treeOf([...DEBIAN, ...(world.tree ?? [])]),
    canRun,
    seesOperations,
  });
}
const told = ({ items }: BakePlan): readonly string[] => items.map(({ what, path }) => `${what} ${path}`);
const reasons = ({ leftOut }: BakePlan): readonly string[] => leftOut.map(({ path, reason }) => `${path}: ${reason}`);

const renewed = { renewed: true };
const CONF = fileChange("/etc/app/app.conf", "port=1\n");
const TREE = ["/etc/app/template"];

test("a file that every fresh start writes alike is baked, with the directories on the way", () => {
  const result = plan({
    tree: ["/opt/app/run 0755"],
    starts: [[dirChange("/opt/app/etc"), fileChange("/opt/app/etc/conf", "a")]],
    records: [dir("/opt/app/etc"), file("/opt/app/etc/conf", renewed)],
  });
  expect(told(result)).toEqual(["directory /opt/app/etc", "file /opt/app/etc/conf"]);
  expect(result.leftOut).toEqual([]);
});

test("a new version under another name, that is renamed, is the same file", () => {
  const records = [passing("/etc/app/app.conf.*", { movesTo: ["/etc/app/app.conf"] }), file("/etc/app/app.conf", { ...renewed, done: ["rename"] })]; // prettier-ignore
  expect(told(plan({ tree: TREE, starts: [[CONF]], records }))).toEqual(["file /etc/app/app.conf"]);
});

test.each<[string, Omit<Case, "tree">, string]>([
  ["its content differs", { starts: [[CONF], [fileChange("/etc/app/app.conf", "port=2\n")]], records: [file("/etc/app/app.conf", renewed)] }, "it differs from one fresh start to the next"],
  ["its owner differs", { starts: [[CONF], [fileChange("/etc/app/app.conf", "port=1\n", { entry: { type: "file", uid: 1, gid: 0, mode: 0o644, sizeBytes: 0 } })]], records: [file("/etc/app/app.conf", renewed)] }, "it differs from one fresh start to the next"],
  ["one start makes none", { starts: [[CONF], []], records: [file("/etc/app/app.conf", renewed)] }, "not every fresh start makes it"],
  ["the test changes it", { starts: [[CONF]], tested: [fileChange("/etc/app/app.conf", "port=1\nseen")], records: [file("/etc/app/app.conf", renewed)] }, "it changes while the workload is used"],
  ["it is data", { starts: [[CONF]], records: [readBack("/etc/app/app.conf")] }, "it is data: /etc/app is a volume of the strategy"],
  ["something else is written there", { starts: [[CONF]], records: [file("/etc/app/app.conf", renewed), passing("/etc/app/x.pid")] }, "the mount on /etc/app stays and would hide it, because /etc/app/x.pid is written there"],
  ["nobody was seen to write it", { starts: [[CONF]], records: [] }, "no process was seen to write it: the engine may have"],
  ["it is too large", { starts: [[{ ...CONF, content: "too large" }]], records: [file("/etc/app/app.conf", renewed)] }, "it is larger than 1MiB"],
  ["it has capabilities", { starts: [[{ ...CONF, hasCapabilities: true }]], records: [file("/etc/app/app.conf", renewed)] }, "it runs with capabilities"],
])("a file stays out: %s", (_why, given, reason) => {
  const result = plan({ ...given, tree: TREE });
  expect(told(result)).toEqual([]);
  expect(reasons(result)).toEqual([`/etc/app/app.conf: ${reason}`]);
}); // prettier-ignore

test.each([
  ["setuid", 0o4755, "it runs as another user (setuid or setgid)"],
  ["setgid", 0o2755, "it runs as another user (setuid or setgid)"],
])("a %s file stays out", (_what, mode, reason) => {
  const entry = { type: "file" as const, mode, uid: 0, gid: 0, sizeBytes: 0 };
  expect(reasons(plan({ tree: TREE, starts: [[{ ...CONF, entry }]], records: [file(CONF.path, renewed)] }))).toEqual([`${CONF.path}: ${reason}`]); // prettier-ignore
});

test.each(["fifo", "socket", "device"] as const)("a %s stays out", (type) => {
  const change: LayerChange = { path: "/etc/app/x", kind: "added", entry: { type, mode: 0o644, uid: 0, gid: 0, sizeBytes: 0 } }; // prettier-ignore
  expect(reasons(plan({ tree: TREE, starts: [[change]], records: [file("/etc/app/x")] }))).toEqual([
    `/etc/app/x: it is a ${type}`,
  ]);
});

test("run-time files, and what lies where platforms mount an empty directory, stay out; directories there may be made", () => {
  const result = plan({
    starts: [[dirChange("/run/app"), fileChange("/etc/app/app.pid", "1"), fileChange("/tmp/conf", "a")]],
    tree: TREE,
    records: [dir("/run/app"), file("/etc/app/app.pid"), file("/tmp/conf")],
  });
  expect(reasons(result)).toEqual([
    "/etc/app/app.pid: it means nothing once its process is gone",
    "/tmp/conf: it lies where platforms mount an empty directory",
  ]);
});

test("what the engine puts into a layer is nobody's business", () => {
  const engines = ["/etc/hosts", "/run/.containerenv", "/dev/x", "/etc/mtab"].map((path) => fileChange(path, "x"));
  expect(plan({ starts: [engines], records: [] })).toEqual({ items: [], leftOut: [] });
});

test("a link and an owner that every fresh start sets are baked", () => {
  const chowned: LayerChange = { ...dirChange("/srv/app", { uid: 1000, gid: 1000 }), kind: "changed" };
  const result = plan({
    tree: ["/srv/app/", ...TREE],
    starts: [[chowned, linkChange("/etc/app/current", "template")]],
    records: [
      dir("/srv/app", { done: ["chown"], created: false }),
      file("/etc/app/current", { type: "symlink", done: ["symlink"], ...renewed }),
    ],
  });
  expect(told(result)).toEqual(["link /etc/app/current", "directory /srv/app"]);
  expect(result.items[1]).toMatchObject({ exists: true, uid: 1000 });
});

test("without a shell a directory keeps its owner, and gets no special bits", () => {
  const chowned: LayerChange = { ...dirChange("/srv/app", { uid: 1000 }), kind: "changed" };
  const result = plan({
    tree: ["/srv/app/"],
    canRun: false,
    starts: [[chowned, dirChange("/opt/made", { mode: 0o2755 })]],
    records: [dir("/srv/app", { done: ["chown"], created: false }), dir("/opt/made")],
  });
  expect(told(result)).not.toContain("directory /srv/app");
  expect(result.leftOut.filter(({ kind }) => kind === "unsafe").map(({ path }) => path)).toEqual([
    "/opt/made",
    "/srv/app",
  ]);
});

test("a mount point that the image lacks is made with the owner of the mount", () => {
  const result = plan({
    starts: [[dirChange("/opt/data", { uid: 7, gid: 8 }), fileChange("/opt/data/db", "1")]],
    records: [dir("/opt/data", { uids: [7] }), readBack("/opt/data/db")],
  });
  expect(result.items).toMatchObject([{ what: "directory", path: "/opt/data", exists: false }]);
});

test.each([
  ["is a link to the log", {}, {}, "log"],
  ["is renamed", { movesTo: ["/var/log/app/app.log.1"] }, {}, undefined],
  ["is removed", { done: ["open", "unlink", "write"] as const }, {}, undefined],
  ["is read again", { readBack: true }, {}, undefined],
  ["is cut", { done: ["open", "truncate", "write"] as const }, {}, undefined],
  ["is written by another user, who may not open the stream", { uids: [33] }, {}, undefined],
  ["is written anew", {}, { content: new TextEncoder().encode("other") }, undefined],
  ["grows", {}, { content: new TextEncoder().encode("line\nline\n") }, "log"],
])("a log file that %s", (_what, parts, after, expected) => {
  const log = fileChange("/var/log/app/app.log", "line\n");
  const result = plan({
    tree: ["/var/log/app/"],
    starts: [[log], [fileChange("/var/log/app/app.log", "other line\n")]],
    tested: [{ ...log, ...after }],
    records: [file("/var/log/app/app.log", parts)],
  });
  expect(result.items.map(({ what }) => what)).toEqual(expected === undefined ? [] : [expected]);
});

test("without seeing each operation no log file is linked", () => {
  const log = fileChange("/var/log/app/app.log", "line\n");
  const records = [file("/var/log/app/app.log")];
  expect(plan({ tree: ["/var/log/app/"], starts: [[log]], records }).items).toHaveLength(1);
  const unseen = plan({ tree: ["/var/log/app/"], starts: [[log]], records, seesOperations: false });
  expect(unseen.items).toEqual([]);
  expect(reasons(unseen)).toEqual(["/var/log/app/app.log: it is a log, and what is written to it later would be lost"]);
});

test("the order of observations changes nothing", () => {
  const changes = [fileChange("/etc/app/b", "b"), fileChange("/etc/app/a", "a"), fileChange("/etc/app/id", "x")];
  const records = changes.map(({ path }) => file(path, renewed));
  const one = plan({ tree: TREE, starts: [changes], records });
  expect(plan({ tree: TREE, starts: [changes.toReversed()], records: records.toReversed() })).toEqual(one);
  expect(told(one)).toEqual(["file /etc/app/a", "file /etc/app/b", "file /etc/app/id"]);
});
