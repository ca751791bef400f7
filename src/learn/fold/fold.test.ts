import { describe, expect, test } from "vitest";
import { create, event, treeOf } from "../../../test/support/write-events.ts";
import type { WriteEvent } from "../../model/event.ts";
import type { PathRecord } from "../../model/profile.ts";
import { ProfileFold, type FoldOptions } from "./fold.ts";

function foldOnce(events: readonly WriteEvent[], options: FoldOptions = {}): ReadonlyMap<string, PathRecord> {
  const fold = new ProfileFold(options);
  fold.beginPhase("first");
  fold.add(events);
  fold.endPhase(undefined);
  return new Map(fold.records().map((record) => [record.path, record]));
}

function on(target: string, fsType: string): Partial<WriteEvent> {
  return { mount: { target, fsType, readOnly: false } };
}

function withoutMount(one: WriteEvent): WriteEvent {
  const { mount, ...rest } = one;
  expect(mount).toBeDefined();
  return rest;
}

function only(records: ReadonlyMap<string, PathRecord>): PathRecord {
  expect(records.size).toBe(1);
  return [...records.values()][0] as PathRecord;
}

describe("one path", () => {
  test("a made and written file that stays", () => {
    const record = only(
      foldOnce([
        create("/var/log/app.log", { mode: 0o644 }),
        event("write", "/var/log/app.log", { bytes: 10, sizeBytes: 10 }),
      ]),
    );
    expect(record).toEqual({
      path: "/var/log/app.log",
      mount: "/",
      mountType: "overlay",
      type: "file",
      done: ["open", "write"],
      failed: [],
      by: ["/usr/sbin/app"],
      uids: [0],
      created: true,
      createsItself: true,
      survived: true,
      readBack: false,
      renewed: false,
      executed: false,
      sizeClassBytes: 65_536,
      movesTo: [],
    });
  });

  test("a name under which Python tries a temporary directory, whatever it looks like", () => {
    const names = ["ehxjxpro", "odgcd4_l", "6lqvyd7t", "template"];
    const records = foldOnce([
      ...names.flatMap((name) => [create(`/tmp/${name}`), event("unlink", `/tmp/${name}`)]),
      create("/srv/template"),
    ]);
    expect([...records.keys()]).toEqual(["/srv/template", "/tmp/*"]);
  });

  test("who only reads or runs it is no writer", () => {
    const other = { pid: 2, uid: 7, gid: 7, comm: "cat", exe: "/bin/cat" };
    const uses = (["read", "exec", "mapexec"] as const).map((use) => event(use, "/srv/x", { process: other }));
    const records = foldOnce([create("/srv/x"), ...uses]);
    expect(only(records)).toMatchObject({
      by: ["/usr/sbin/app"],
      uids: [0],
      done: ["exec", "mapexec", "open", "read"],
    });
  });

  test("the late total of a file that was renamed from a template's name that looks like a word", () => {
    const events = [
      create("/var/cache/x.bin.Fybtj6"),
      event("rename", "/var/cache/x.bin.Fybtj6", { path2: "/var/cache/x.bin" }),
      event("write", "/var/cache/x.bin.Fybtj6", { bytes: 5_000_000, sizeBytes: 5_000_000 }),
    ];
    const records = foldOnce(events, { image: treeOf("/var/cache/") });
    expect([...records.keys()]).toEqual(["/var/cache/x.bin", "/var/cache/x.bin.*"]);
    expect(records.get("/var/cache/x.bin")).toMatchObject({ sizeClassBytes: 8_388_608 });
  });

  test("names that look like words, renamed without end, do not fill the memory", () => {
    const fold = new ProfileFold({ image: treeOf("/srv/") });
    fold.beginPhase("first");
    for (let i = 0; i < 12_000; i++) {
      const name = `/srv/x.${String.fromCharCode(65 + (i % 26))}bc${String(i % 1_000).padStart(3, "0")}`;
      fold.add([create(name), event("rename", name, { path2: "/srv/x" })]);
    }
    expect(fold.records().map(({ path }) => path)).toEqual(["/srv/x", "/srv/x.*"]);
    expect(fold.held.aliases).toBeLessThan(10_000);
  });

  test("made and removed within the run: no diff would show it", () => {
    const record = only(foldOnce([create("/run/app.pid"), event("unlink", "/run/app.pid")]));
    expect(record).toMatchObject({ created: true, survived: false, done: ["open", "unlink"] });
  });

  test("a write without any other event is a file written through an inherited descriptor", () => {
    expect(only(foldOnce([event("write", "/srv/x", { bytes: 1 })]))).toMatchObject({
      created: false,
      survived: true,
      done: ["write"],
    });
  });

  test.each([
    ["chmod", {}],
    ["chown", { owner: { uid: 5, gid: 5 } }],
    ["utimes", {}],
    ["xattr", {}],
  ] as const)("%s of a shipped file is a record that needs the file", (operation, more) => {
    const record = only(foldOnce([event(operation, "/etc/passwd", more)], { image: treeOf("/etc/passwd") }));
    expect(record).toMatchObject({
      done: [operation],
      type: "file",
      created: false,
      createsItself: false,
      survived: true,
    });
  });

  test("an access(W_OK) that said yes is kept, because the answer will be no on a read-only root", () => {
    expect(only(foldOnce([event("access", "/var/cache")], { image: treeOf("/var/cache/") }))).toMatchObject({
      done: ["access"],
      type: "dir",
      created: false,
    });
  });

  test("a file that is unlinked and made again by the run is not a created one when the image ships it", () => {
    const record = only(foldOnce([event("unlink", "/etc/motd"), create("/etc/motd")], { image: treeOf("/etc/motd") }));
    expect(record).toMatchObject({ created: false, createsItself: true, survived: true });
  });
});

describe("createsItself: an empty directory is enough", () => {
  const path = "/srv/x";
  test.each<[string, WriteEvent[], boolean]>([
    ["O_CREAT makes it", [create(path)], true],
    [
      "opened again without O_CREAT after it was made",
      [create(path), event("open", path, { wantsCreate: false })],
      true,
    ],
    ["existed, opened without O_CREAT", [event("open", path, { wantsCreate: false })], false],
    ["existed, opened with O_CREAT only", [event("open", path, { wantsCreate: true })], true],
    ["existed and is changed before", [event("chown", path), event("open", path, { wantsCreate: true })], false],
    ["mkdir", [event("mkdir", path)], true],
    ["truncate(2) of something that existed", [event("truncate", path)], false],
  ])("%s", (_, events, expected) => {
    expect(only(foldOnce(events)).createsItself).toBe(expected);
  });
});

describe("renames and links", () => {
  test("a file written under a temporary name and renamed is a written file that stays", () => {
    const records = foldOnce([
      create("/var/lib/app/state.tmp"),
      event("write", "/var/lib/app/state.tmp", { bytes: 200_000, sizeBytes: 200_000 }),
      event("rename", "/var/lib/app/state.tmp", { path2: "/var/lib/app/state" }),
    ]);
    expect(records.get("/var/lib/app/state")).toMatchObject({
      done: ["open", "rename", "write"],
      type: "file",
      created: true,
      survived: true,
      sizeClassBytes: 262_144,
    });
    expect(records.get("/var/lib/app/state.tmp")).toMatchObject({ survived: false, movesTo: ["/var/lib/app/state"] });
  });

  test("a renamed directory takes its content along, but not what was removed in it", () => {
    const records = foldOnce([
      event("mkdir", "/srv/new"),
      create("/srv/new/kept"),
      create("/srv/new/gone"),
      event("unlink", "/srv/new/gone"),
      event("mkdir", "/srv/new/sub"),
      create("/srv/new/sub/deep"),
      event("rename", "/srv/new", { path2: "/srv/live" }),
    ]);
    expect([...records.keys()].filter((path) => path.startsWith("/srv/live"))).toEqual([
      "/srv/live",
      "/srv/live/kept",
      "/srv/live/sub",
      "/srv/live/sub/deep",
    ]);
    expect(records.get("/srv/live/sub/deep")).toMatchObject({ survived: true, created: true, type: "file" });
    expect(records.get("/srv/new/sub/deep")).toMatchObject({ survived: false, movesTo: ["/srv/live/sub/deep"] });
  });

  test("a shipped directory that is renamed is one at its new name", () => {
    const records = foldOnce([event("rename", "/opt/app", { path2: "/opt/old" })], { image: treeOf("/opt/app/") });
    expect([...records.values()].map(({ path, type, created, survived }) => [path, type, created, survived])).toEqual([
      ["/opt/app", "dir", false, false],
      ["/opt/old", "dir", true, true],
    ]);
  });

  test("a hard link is a second name, and both stay", () => {
    const records = foldOnce([create("/srv/a"), event("link", "/srv/a", { path2: "/srv/b" })]);
    expect(records.get("/srv/a")).toMatchObject({ survived: true, movesTo: ["/srv/b"] });
    expect(records.get("/srv/b")).toMatchObject({ survived: true, created: true, type: "file" });
  });

  test("a random suffix that looks like a word is known by what it is renamed to", () => {
    const records = foldOnce([create("/srv/db.config"), event("rename", "/srv/db.config", { path2: "/srv/db" })]);
    expect([...records.keys()]).toEqual(["/srv/db", "/srv/db.*"]);
  });

  test("log rotation in chains", () => {
    const records = foldOnce([
      create("/srv/log"),
      event("rename", "/srv/log", { path2: "/srv/log.1" }),
      create("/srv/log"),
      event("rename", "/srv/log.1", { path2: "/srv/log.2" }),
      event("rename", "/srv/log", { path2: "/srv/log.1" }),
    ]);
    expect([...records.values()].map((record) => [record.path, record.survived, record.movesTo])).toEqual([
      ["/srv/log", false, ["/srv/log.1"]],
      ["/srv/log.1", true, ["/srv/log.2"]],
      ["/srv/log.2", true, []],
    ]);
  });
});

describe("failures", () => {
  const image = treeOf("/etc/app.conf", "/var/cache/");
  test.each<[string, WriteEvent, boolean]>([
    ["EACCES", event("open", "/etc/app.conf", { result: "EACCES" }), true],
    ["EROFS of mkdir", event("mkdir", "/srv/x", { result: "EROFS" }), true],
    ["mkdir of what exists", event("mkdir", "/var/cache", { result: "EEXIST" }), false],
    ["a probe", event("access", "/srv/none", { result: "ENOENT" }), false],
    ["an open for writing of what never was", event("open", "/srv/none", { result: "ENOENT" }), false],
    ["a missing directory", event("open", "/srv/none/x", { result: "ENOENT", wantsCreate: true }), true],
    ["a missing directory for mkdir", event("mkdir", "/srv/none/x", { result: "ENOENT" }), true],
    ["a shipped file that is hidden", event("chmod", "/etc/app.conf", { result: "ENOENT" }), true],
    // On a read-only mount the same calls say EROFS: verify must know that they failed before.
    ["removing what is not there", event("unlink", "/srv/none", { result: "ENOENT" }), true],
    ["renaming what is not there", event("rename", "/srv/none", { path2: "/srv/x", result: "ENOENT" }), true],
    ["a signal in the middle", event("open", "/srv/x", { result: "EINTR" }), false],
    ["a directory opened for writing", event("open", "/var/cache", { result: "EISDIR" }), false],
    ["a denied execution", event("exec", "/srv/tool", { result: "EACCES" }), true],
    ["a search along PATH", event("exec", "/usr/local/bin/tool", { result: "ENOENT" }), false],
  ])("%s", (_, failed, kept) => {
    const records = foldOnce([failed], { image });
    const failures = [...records.values()].flatMap((record) => record.failed);
    expect(failures).toEqual(kept ? [{ operation: failed.operation, errno: failed.result }] : []);
    expect([...records.values()].every((record) => record.done.length === 0 && !record.created)).toBe(true);
  });

  test("a link that fails is a failure at its new name", () => {
    const records = foldOnce([event("link", "/etc/passwd", { path2: "/etc/passwd.lock", result: "EROFS" })]);
    expect([...records.keys()]).toEqual(["/etc/passwd.lock"]);
  });

  test("each errno of each operation is kept once", () => {
    const failed = ["EACCES", "EROFS", "EACCES"].map((result) => event("open", "/srv/x", { result }));
    expect(only(foldOnce([...failed, create("/srv/x")]))).toMatchObject({
      done: ["open"],
      failed: [
        { operation: "open", errno: "EACCES" },
        { operation: "open", errno: "EROFS" },
      ],
    });
  });
});

describe("what is folded into nothing", () => {
  test.each<[string, WriteEvent, boolean]>([
    ["proc", event("open", "/proc/self/oom_score_adj", on("/proc", "proc")), false],
    ["proc, mount unknown", withoutMount(event("open", "/proc/1/comm")), false],
    ["sys", event("open", "/sys/x", on("/sys", "sysfs")), false],
    ["cgroup", event("mkdir", "/sys/fs/cgroup/x", on("/sys/fs/cgroup", "cgroup2")), false],
    ["the runtime's /dev", event("open", "/dev/null", on("/dev", "tmpfs")), false],
    ["a terminal", event("chown", "/dev/pts/0", on("/dev/pts", "devpts")), false],
    ["proc mounted elsewhere", event("open", "/chroot/proc/x", on("/chroot/proc", "proc")), false],
    ["shared memory", create("/dev/shm/PostgreSQL.1", on("/dev/shm", "tmpfs")), true],
    ["a volume below /dev", create("/dev/data/x", on("/dev/data", "ext4")), true],
    ["a directory that only begins alike", create("/process/x"), true],
    ["the engine's hosts file", event("open", "/etc/hosts", on("/etc/hosts", "ext4")), true],
    ["a path that is not to be trusted", create("/x", { pathUncertain: true }), false],
    ["a path that is not absolute", create("x"), false],
    ["reading of what was not written", event("read", "/srv/x"), false],
    ["executing of what was not written", event("exec", "/bin/sh"), false],
  ])("%s", (_, one, kept) => {
    expect(foldOnce([one]).size).toBe(kept ? 1 : 0);
  });

  test("but a path that is not certain is said", () => {
    const fold = new ProfileFold();
    fold.beginPhase("first");
    fold.add([create("/x")]);
    expect(fold.incomplete()).toEqual([]);
    fold.add([create("/x", { pathUncertain: true })]);
    expect(fold.incomplete()).toEqual(["at some writes the path could not be told for certain"]);
  });

  test("mounts of the user are kept under their own name", () => {
    expect(only(foldOnce([create("/data/x", on("/data", "ext4"))]))).toMatchObject({
      mount: "/data",
      mountType: "ext4",
    });
  });
});

describe("executed", () => {
  test("what the run wrote and then ran, or mapped executable", () => {
    const records = foldOnce([
      create("/tmp/a"),
      event("exec", "/tmp/a"),
      create("/tmp/b.so"),
      event("mapexec", "/tmp/b.so"),
      create("/tmp/c"),
    ]);
    expect([...records.values()].map((record) => record.executed)).toEqual([true, true, false]);
  });

  test("what a writable volume or bind held before, as on the root and on what nobody can write it is the image's or the user's", () => {
    const readOnly = { mount: { target: "/ro", fsType: "ext4", readOnly: true } };
    const records = foldOnce([
      event("exec", "/data/tool", on("/data", "ext4")),
      event("mapexec", "/data/lib.so", on("/data", "ext4")),
      event("read", "/data/conf", on("/data", "ext4")),
      event("exec", "/bin/sh"),
      event("exec", "/ro/tool", readOnly),
    ]);
    const found = [...records.values()].map(({ path, executed, created, done }) => ({ path, executed, created, done }));
    expect(found).toEqual([
      { path: "/data/lib.so", executed: true, created: false, done: ["mapexec"] },
      { path: "/data/tool", executed: true, created: false, done: ["exec"] },
    ]);
  });
});

describe("who", () => {
  test("the executable, else the thread without its number", () => {
    const thread = { pid: 2, uid: 33, gid: 33, comm: "pool-1-thread-7" };
    expect(only(foldOnce([create("/srv/x"), event("write", "/srv/x", { process: thread })]))).toMatchObject({
      by: ["/usr/sbin/app", "pool-*-thread-*"],
      uids: [0, 33],
    });
  });

  test("an executable with a random name", () => {
    const process = { pid: 2, uid: 0, gid: 0, comm: "x", exe: "/tmp/tmp.aB3dE9xK1z/run" };
    expect(only(foldOnce([create("/srv/x", { process })])).by).toEqual(["/tmp/tmp.*/run"]);
  });
});

test("the table holds the exact figures that a profile must not hold", () => {
  const fold = new ProfileFold();
  fold.beginPhase("first");
  const other = { pid: 3, uid: 0, gid: 0, comm: "sh", exe: "/bin/sh" };
  fold.add([
    create("/srv/x"),
    event("write", "/srv/x", { bytes: 100 }),
    event("write", "/srv/x", { bytes: 150, process: other }),
  ]);
  expect(fold.table()).toEqual([
    {
      path: "/srv/x",
      events: 3,
      bytes: 150,
      processes: [
        { name: "/usr/sbin/app", events: 2 },
        { name: "/bin/sh", events: 1 },
      ],
      first: { phase: "first", stage: "start", afterMs: 0 },
    },
  ]);
});

test("the table tells when a path was first tried: in which run, before or after it was up, and how long after the run's first attempt", () => {
  const fold = new ProfileFold();
  fold.beginPhase("first");
  fold.add([create("/srv/a", { timeNs: 1_000_000_000n }), create("/srv/b", { timeNs: 1_250_000_000n })]);
  fold.endStart();
  fold.add([create("/srv/c", { timeNs: 3_000_000_000n }), event("write", "/srv/a", { timeNs: 4_000_000_000n })]);
  fold.endPhase(undefined);
  fold.beginPhase("restart");
  fold.add([
    event("write", "/srv/a", { timeNs: 9_000_000_000n }),
    event("open", "/srv/d", { timeNs: 9_500_000_000n, result: "EACCES" }),
  ]);
  expect(fold.table().map(({ path, first }) => [path, first])).toEqual([
    ["/srv/a", { phase: "first", stage: "start", afterMs: 0 }],
    ["/srv/b", { phase: "first", stage: "start", afterMs: 250 }],
    ["/srv/c", { phase: "first", stage: "up", afterMs: 2000 }],
    ["/srv/d", { phase: "restart", stage: "start", afterMs: 500 }],
  ]);
});
