import { describe, expect, test } from "vitest";
import { create, event, treeOf } from "../../../test/support/write-events.ts";
import type { WriteEvent } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";
import type { PathRecord, PhaseName } from "../../model/profile.ts";
import { ProfileFold } from "./fold.ts";
import { SIZE_FLOOR_BYTES } from "./size.ts";

const VOLUME: Partial<WriteEvent> = { mount: { target: "/data", fsType: "ext4", readOnly: false } };
const TMPFS: Partial<WriteEvent> = { mount: { target: "/data", fsType: "tmpfs", readOnly: false } };

/** Folds the events of a first run and of a second one of the given kind. */
function foldTwo(
  first: readonly WriteEvent[],
  second: readonly WriteEvent[],
  kind: PhaseName = "restart",
  trees: readonly (FileTree | undefined)[] = [],
): ReadonlyMap<string, PathRecord> {
  const fold = new ProfileFold();
  fold.beginPhase("first");
  fold.add(first);
  fold.endPhase(trees[0]);
  fold.beginPhase(kind);
  fold.add(second);
  fold.endPhase(trees[1]);
  return new Map(fold.records().map((record) => [record.path, record]));
}

function rename(from: string, to: string): WriteEvent {
  return event("rename", from, { path2: to });
}

/** What a first run made and a restarted one at most read. */
function madeOnce(first: readonly WriteEvent[], second: readonly WriteEvent[]): readonly string[] {
  const fold = new ProfileFold();
  for (const [index, events] of [first, second].entries()) {
    fold.beginPhase(index === 0 ? "first" : "restart");
    fold.endStart();
    fold.add(events);
    fold.endPhase(undefined);
  }
  return [...fold.madeOnce()];
}

function session(letter: string): string {
  return `/srv/sess_${letter.repeat(26)}`;
}

describe("renewed: made anew at each start", () => {
  const path = "/etc/app/rendered.conf";
  const render = event("open", path, { wantsCreate: true, truncated: true });

  /** Two runs, each with what happens while it starts and what happens once it is up. */
  function folded(runs: readonly (readonly [readonly WriteEvent[], readonly WriteEvent[] | "ends"])[]): boolean {
    const fold = new ProfileFold();
    for (const [index, [starting, up]] of runs.entries()) {
      fold.beginPhase(index === 0 ? "first" : "restart");
      fold.add(starting);
      if (up !== "ends") {
        fold.endStart();
        fold.add(up);
      }
      fold.endPhase(undefined);
    }
    return fold.records().find((record) => record.path === path)?.renewed ?? false;
  }

  const temporary = `${path}.tmp`;
  test.each<[string, readonly (readonly [readonly WriteEvent[], readonly WriteEvent[] | "ends"])[], boolean]>([
    [
      "emptied and written",
      [
        [[create(path)], []],
        [[render, event("write", path)], []],
      ],
      true,
    ],
    [
      "removed and made",
      [
        [[create(path)], []],
        [[event("unlink", path), create(path)], []],
      ],
      true,
    ],
    [
      "a new one moved over it",
      [
        [[create(path)], []],
        [[create(temporary), event("rename", temporary, { path2: path })], []],
      ],
      true,
    ],
    [
      "used after it was replaced",
      [
        [[create(path)], []],
        [[render, event("read", path)], []],
      ],
      true,
    ],
    [
      "read before it was replaced: data",
      [
        [[create(path)], []],
        [[event("read", path), render], []],
      ],
      false,
    ],
    [
      "changed in place: data",
      [
        [[create(path)], []],
        [[event("write", path)], []],
      ],
      false,
    ],
    [
      "replaced by the test: what users do",
      [
        [[create(path)], []],
        [[], [render]],
      ],
      false,
    ],
    [
      "made by the test: what users do",
      [
        [[], [create(path)]],
        [[render], []],
      ],
      false,
    ],
    [
      "still written to while it is up: the output of a job",
      [
        [[create(path)], []],
        [[render], [event("write", path)]],
      ],
      false,
    ],
    [
      "a job that ends instead of coming up",
      [
        [[create(path)], "ends"],
        [[render], "ends"],
      ],
      false,
    ],
    ["seen once", [[[create(path)], []]], false],
  ])("%s", (_, runs, expected) => {
    expect(folded(runs)).toBe(expected);
  });

  test("is not told of many files under one pattern: some may have been left alone", () => {
    const fold = new ProfileFold();
    fold.beginPhase("first");
    fold.add([
      create("/srv/out/550e8400-e29b-41d4-a716-446655440000"),
      create("/srv/out/550e8400-e29b-41d4-a716-446655440001"),
    ]);
    fold.endStart();
    fold.beginPhase("restart");
    fold.add([event("unlink", "/srv/out/550e8400-e29b-41d4-a716-446655440000")]);
    fold.endStart();
    expect(fold.records().map((record) => [record.path, record.renewed])).toEqual([["/srv/out/*", false]]);
  });
});

describe("made once, and only read by the runs that follow", () => {
  const path = "/srv/app/page";
  const unpacked = [event("mkdir", "/srv/app"), create(path), event("write", path), event("utimes", path)];

  test("is known whenever the first run made it", () => {
    const later = [event("mkdir", "/srv/app", { result: "EEXIST" }), event("read", path), event("exec", path)];
    expect(madeOnce(unpacked, later)).toEqual(["/srv/app", path]);
    expect(madeOnce([create(`${path}.tmp`), event("rename", `${path}.tmp`, { path2: path })], [])).toEqual([path]);
  });

  test.each<[string, WriteEvent]>([
    ["opened for both, as SQLite does", event("open", path, { reads: true })],
    ["opened to be appended to", event("open", path, { wantsCreate: true })],
    ["opened in vain", event("open", path, { result: "EACCES" })],
    ["emptied", event("open", path, { truncated: true })],
    ["removed", event("unlink", path)],
    ["moved away", event("rename", path, { path2: "/srv/old" })],
    ["replaced", event("rename", "/srv/new", { path2: path })],
    ["given another name", event("link", path, { path2: "/srv/other" })],
    ["given to somebody else", event("chown", path)],
    ["asked about", event("access", path)],
  ])("is not what was %s", (_, touch) => {
    expect(madeOnce(unpacked, [touch])).not.toContain(path);
  });

  test("is neither what the image has, nor what is gone, nor what a later run makes", () => {
    expect(madeOnce([event("open", path)], [])).toEqual([]);
    expect(madeOnce([create(path), event("unlink", path)], [])).toEqual([]);
    expect(madeOnce([], [create(path)])).toEqual([]);
  });
});

test("what was read again under a name that a pattern hides is found by a part of it", () => {
  const fold = new ProfileFold();
  const at = "/var/lib/mq/rabbit@4c1b5e03806c/schema.DAT";
  fold.beginPhase("first");
  fold.add([create(at), create("/var/lib/mq/4c1b5e03806c.log")]);
  fold.beginPhase("restart");
  fold.add([event("read", at)]);
  expect(fold.readBackAt("4c1b5e03806c")).toBe(at);
  expect(fold.readBackAt("other")).toBeUndefined();
});

describe("readBack: written before a restart, used after it", () => {
  const path = "/srv/db";
  const open = (more: Partial<WriteEvent>): WriteEvent => event("open", path, more);

  test.each<[string, readonly WriteEvent[], readonly WriteEvent[], boolean]>([
    ["opened for reading", [create(path)], [event("read", path)], true],
    ["opened read-write", [create(path)], [open({ reads: true })], true],
    [
      "opened read-write with O_CREAT, as SQLite does",
      [create(path)],
      [open({ wantsCreate: true, reads: true })],
      true,
    ],
    [
      "appended to, then read",
      [create(path)],
      [open({ wantsCreate: true }), event("write", path), event("read", path)],
      true,
    ],
    ["changed in place in the first run", [event("write", path)], [event("read", path)], true],
    [
      "written under a temporary name",
      [create("/srv/db.tmp"), event("rename", "/srv/db.tmp", { path2: path })],
      [event("read", path)],
      true,
    ],
    [
      "moved away in the second run and read there",
      [create("/srv/x")],
      [event("rename", "/srv/x", { path2: path }), event("read", path)],
      true,
    ],
    ["a log that is only appended to", [create(path)], [open({ wantsCreate: true }), event("write", path)], false],
    ["a log that must be there", [create(path)], [open({})], false],
    ["emptied first", [create(path)], [open({ truncated: true, wantsCreate: true }), event("read", path)], false],
    ["removed and made again", [create(path)], [event("unlink", path), create(path), event("read", path)], false],
    [
      "replaced by a rename",
      [create(path)],
      [create("/srv/n"), event("rename", "/srv/n", { path2: path }), event("read", path)],
      false,
    ],
    ["removed in the first run", [create(path), event("unlink", path)], [event("read", path)], false],
    ["written in the second run only", [], [create(path), event("read", path)], false],
    ["read in the first run only", [create(path), event("read", path)], [], false],
    ["a failed read", [create(path)], [event("read", path, { result: "EACCES" })], false],
  ])("%s", (_, first, second, expected) => {
    expect(foldTwo(first, second).get(path)?.readBack ?? false).toBe(expected);
  });

  test.each([
    ["/run/app/state", "file"],
    ["/var/run/app/state", "file"],
    ["/tmp/cache", "file"],
    ["/var/tmp/cache", "file"],
    ["/dev/shm/seg", "file"],
    ["/var/lib/app/app.pid", "file"],
    ["/var/lib/app/LOCK", "file"],
    ["/var/lib/app/db.lock", "file"],
    ["/var/spool/exim4/db/retry.lockfile", "file"],
    ["/var/spool/postfix/pid/unix.cleanup", "file"],
    ["/var/lib/app/control.sock", "socket"],
    ["/var/lib/app/queue", "fifo"],
    ["/etc/s6/web/supervise/death_tally", "file"],
    ["/etc/sv/web/supervise/status.new", "file"],
  ] as const)("not %s (%s)", (excluded, type) => {
    const inode = { inode: { dev: 1, ino: 1n, type } };
    expect(foldTwo([create(excluded, inode)], [event("read", excluded, inode)]).get(excluded)?.readBack).toBe(false);
  });

  test.each([
    "/srv/supervise/orders.db",
    "/srv/supervise/status/today",
    "/srv/app/death_tally",
    "/srv/unsupervise/status",
  ])("but %s", (data) => {
    expect(foldTwo([create(data)], [event("read", data)]).get(data)?.readBack).toBe(true);
  });

  test.each<[string, Partial<WriteEvent>, PhaseName, boolean]>([
    ["a volume, restarted", VOLUME, "restart", true],
    ["a volume, replaced", VOLUME, "replace", true],
    ["a tmpfs, restarted", TMPFS, "restart", false],
    ["a tmpfs, replaced", TMPFS, "replace", false],
    ["the root, restarted", {}, "restart", true],
    ["the root, replaced", {}, "replace", false],
  ])("on %s", (_, mount, kind, expected) => {
    const data = "/data/db";
    expect(foldTwo([create(data, mount)], [event("read", data, mount)], kind).get(data)?.readBack).toBe(expected);
  });

  test("under a pattern, by the exact path", () => {
    const rewritten = foldTwo([create(session("a"))], [create(session("b")), event("read", session("b"))]);
    expect(rewritten.get("/srv/sess_*")?.readBack).toBe(false);
    const kept = foldTwo([create(session("a"))], [create(session("b")), event("read", session("a"))]);
    expect(kept.get("/srv/sess_*")?.readBack).toBe(true);
  });

  test("in a crowded directory", () => {
    const files = Array.from({ length: 100 }, (_, n) => create(`/srv/objects/o${n}`));
    expect(foldTwo(files, [event("read", "/srv/objects/o73")]).get("/srv/objects/*")?.readBack).toBe(true);
    expect(
      foldTwo(files, [create("/srv/objects/o100"), event("read", "/srv/objects/o100")]).get("/srv/objects/*")?.readBack,
    ).toBe(false);
  });
});

describe("what the container's content says at the end of a phase", () => {
  test("owner, mode and type are those that were found", () => {
    const record = foldTwo([create("/srv/x")], [], "restart", [treeOf("/srv/x"), treeOf("/srv/x")]).get("/srv/x");
    expect(record).toMatchObject({ survived: true, owner: { uid: 0, gid: 0, mode: 0o644 }, type: "file" });
  });

  test("what is not there did not survive, whatever the events say", () => {
    const record = foldTwo([create("/srv/x")], [event("read", "/srv/x")], "restart", [
      treeOf("/srv/"),
      treeOf("/srv/"),
    ]).get("/srv/x");
    expect(record).toMatchObject({ survived: false, readBack: false });
    expect(record).not.toHaveProperty("owner");
  });

  test.each(["/run/exim4/exim.pid", "/srv/app/app.pid", "/var/lib/app/db.lock"])(
    "whether %s was left behind is chance, and not told",
    (path) => {
      const left = foldTwo([create(path)], [event("write", path, { bytes: 2 })]).get(path);
      const removed = foldTwo([create(path)], [event("write", path, { bytes: 2 }), event("unlink", path)]).get(path);
      expect(left).toMatchObject({ survived: false });
      expect(left).not.toHaveProperty("owner");
      expect({ ...left, done: [] }).toEqual({ ...removed, done: [] });
    },
  );

  test("a file that was there after the first run and not after the second survived a phase", () => {
    expect(
      foldTwo([create("/srv/x")], [event("unlink", "/srv/x")], "restart", [treeOf("/srv/x"), treeOf("/srv/")]).get(
        "/srv/x",
      )?.survived,
    ).toBe(true);
  });

  test("a volume's content is no part of the container's tree", () => {
    const record = foldTwo([create("/data/db", VOLUME)], [event("read", "/data/db", VOLUME)], "restart", [
      treeOf("/data/"),
      treeOf("/data/"),
    ]);
    expect(record.get("/data/db")).toMatchObject({ survived: true, readBack: true });
  });

  test("a pattern has the owner of what it stands for", () => {
    const record = foldTwo([create("/srv/sess_" + "a".repeat(26))], [], "restart", [
      treeOf("/srv/sess_" + "a".repeat(26)),
      undefined,
    ]);
    expect(record.get("/srv/sess_*")).toMatchObject({ survived: true, owner: { uid: 0, gid: 0, mode: 0o644 } });
  });
});

const MIB = 2 ** 20;

function sizeAt(events: readonly WriteEvent[], path: string): number | undefined {
  return foldTwo(events, []).get(path)?.sizeClassBytes;
}

/** A file of one MiB. */
function spool(name: string): readonly WriteEvent[] {
  const path = `/srv/s/${name}`;
  return [create(path), event("write", path, { bytes: MIB, sizeBytes: MIB })];
}

function dumps(keep: boolean): readonly WriteEvent[] {
  const names = Array.from({ length: 8 }, (_, n) => `temp-${n}.rdb`);
  return names.flatMap((name) => [...spool(name), ...(keep ? [] : [event("unlink", `/srv/s/${name}`)])]);
}

/** Uploads through files without a name: nothing tells when the last descriptor of one is closed. */
function spooledUnnamed(...inodes: readonly number[]): readonly WriteEvent[] {
  return inodes.flatMap((inode) => spool(`#${inode}`));
}

describe("sizes", () => {
  test.each<[string, readonly WriteEvent[]]>([
    ["with an inode that is used again", spooledUnnamed(7, 7, 7)],
    ["with an inode each", spooledUnnamed(7, 8, 9)],
    ["whose totals come late", [...spooledUnnamed(7, 8), event("write", "/srv/s/#7", { bytes: MIB, sizeBytes: MIB })]],
  ])("a file without a name, one after the other, %s", (_, events) => {
    expect(sizeAt(events, "/srv/s/#*")).toBe(MIB);
  });

  test.each<[string, readonly WriteEvent[], number]>([
    ["an empty file", [create("/srv/x")], 65_536],
    ["a directory without content", [event("mkdir", "/srv/x")], 0],
    ["a symlink", [event("symlink", "/srv/x", { target: "y" })], 0],
    ["a socket", [event("bind", "/srv/x")], 0],
    ["bytes written, when no size is known", [create("/srv/x"), event("write", "/srv/x", { bytes: 100_000 })], 131_072],
    [
      "a file that is written again and again has the size it has",
      [create("/srv/x"), event("write", "/srv/x", { bytes: 10_000_000, sizeBytes: 4_096 })],
      65_536,
    ],
    [
      "a sparse file by its apparent size",
      [create("/srv/x"), event("truncate", "/srv/x", { sizeBytes: 64 * 2 ** 20 })],
      64 * 2 ** 20,
    ],
    ["a preallocated file", [create("/srv/x"), event("fallocate", "/srv/x", { sizeBytes: 2 ** 20 + 1 })], 2 ** 21],
    [
      "the largest size, although it shrank",
      [
        create("/srv/x"),
        event("truncate", "/srv/x", { sizeBytes: 2 ** 20 }),
        event("truncate", "/srv/x", { sizeBytes: 0 }),
      ],
      2 ** 20,
    ],
    ["a failed attempt", [event("open", "/srv/x", { result: "EACCES" })], 0],
  ])("%s", (_, events, expected) => {
    expect(sizeAt(events, "/srv/x")).toBe(expected);
  });

  test("a directory holds what was there at one time", () => {
    const together = [event("mkdir", "/srv/s"), ...spool("a"), ...spool("b"), ...spool("c"), ...spool("d")];
    expect(sizeAt(together, "/srv/s")).toBe(4 * MIB);
    const oneByOne = [
      event("mkdir", "/srv/s"),
      ...["a", "b", "c", "d"].flatMap((name) => [...spool(name), event("unlink", `/srv/s/${name}`)]),
    ];
    expect(sizeAt(oneByOne, "/srv/s")).toBe(MIB);
  });

  test("a pattern too: temporary files one after the other need the room of one", () => {
    expect(sizeAt(dumps(false), "/srv/s/temp-*.rdb")).toBe(MIB);
    expect(sizeAt(dumps(true), "/srv/s/temp-*.rdb")).toBe(8 * MIB);
  });

  test("a crowd takes whole pages, and never more than its directory held", () => {
    const many = Array.from({ length: 256 }, (_, n) => [
      create(`/srv/s/n${n}`),
      event("write", `/srv/s/n${n}`, { bytes: 10, sizeBytes: 10 }),
    ]).flat();
    expect(sizeAt(many, "/srv/s/*")).toBe(MIB);
    const passing = Array.from({ length: 256 }, (_, n) => [...spool(`n${n}`), event("unlink", `/srv/s/n${n}`)]).flat();
    expect(sizeAt(passing, "/srv/s/*")).toBe(MIB);
  });

  test("a total that comes after the file is gone still counts", () => {
    const events = [
      event("mkdir", "/srv/s"),
      create("/srv/s/t"),
      event("unlink", "/srv/s/t"),
      event("write", "/srv/s/t", { bytes: 3 * MIB, sizeBytes: 3 * MIB }),
    ];
    expect(sizeAt(events, "/srv/s/t")).toBe(4 * MIB);
    expect(sizeAt(events, "/srv/s")).toBe(4 * MIB);
    expect(foldTwo(events, []).get("/srv/s/t")?.survived).toBe(false);
  });

  test("a total that comes after the file was renamed twice, or was given its first name, counts for the last one", () => {
    const total = (path: string): WriteEvent => event("write", path, { bytes: 2 * MIB, sizeBytes: 2 * MIB });
    const renamed = [
      create("/srv/s/a"),
      rename("/srv/s/a", "/srv/s/b"),
      rename("/srv/s/b", "/srv/s/c"),
      total("/srv/s/a"),
    ];
    expect(["a", "b", "c"].map((name) => sizeAt(renamed, `/srv/s/${name}`))).toEqual([2 * MIB, 2 * MIB, 2 * MIB]);
    const unnamed = [
      create("/srv/s/#12"),
      event("link", "/srv/s/#12", { path2: "/srv/s/x" }),
      rename("/srv/s/x", "/srv/s/y"),
      create("/srv/s/#13"),
      event("link", "/srv/s/#13", { path2: "/srv/s/small" }),
      total("/srv/s/#12"),
    ];
    expect(sizeAt(unnamed, "/srv/s/y")).toBe(2 * MIB);
    expect(sizeAt(unnamed, "/srv/s/small")).toBe(SIZE_FLOOR_BYTES);
  });

  test.each<[string, WriteEvent]>([
    ["made", create("/srv/s/a")],
    ["linked", event("link", "/srv/s/other", { path2: "/srv/s/a" })],
    ["found", event("open", "/srv/s/a")],
  ])("what is %s under the old name has its own size", (_, again) => {
    const grown = event("write", "/srv/s/a", { bytes: 2 * MIB, sizeBytes: 2 * MIB });
    const events = [create("/srv/s/other"), create("/srv/s/a"), rename("/srv/s/a", "/srv/s/b"), again, grown];
    expect(sizeAt(events, "/srv/s/b")).toBe(SIZE_FLOOR_BYTES);
  });

  test("files without a name that were given one and removed are not there together", () => {
    const events = ["1", "2", "3"].flatMap((n) => [
      create(`/srv/s/#${n}`),
      event("write", `/srv/s/#${n}`, { bytes: MIB, sizeBytes: MIB }),
      event("link", `/srv/s/#${n}`, { path2: "/srv/s/x" }),
      event("unlink", "/srv/s/x"),
    ]);
    expect(sizeAt([event("mkdir", "/srv/s"), ...events], "/srv/s")).toBe(MIB);
  });

  test("a total that comes after the file was renamed counts for its new name", () => {
    const save = [...spool("db.tmp"), event("rename", "/srv/s/db.tmp", { path2: "/srv/s/db" })];
    const total = event("write", "/srv/s/db.tmp", { bytes: 2 * MIB, sizeBytes: 2 * MIB });
    expect(sizeAt([...save, total], "/srv/s/db")).toBe(2 * MIB);
  });

  test("atomic replacement needs room for both", () => {
    const save = [...spool("db.tmp"), event("rename", "/srv/s/db.tmp", { path2: "/srv/s/db" })];
    expect(sizeAt([event("mkdir", "/srv/s"), ...save, ...save], "/srv/s")).toBe(2 * MIB);
  });

  test("what is on a mount of its own is not in the directory above", () => {
    const onVolume = { mount: { target: "/srv/s", fsType: "ext4", readOnly: false } };
    const events = [
      event("mkdir", "/srv"),
      create("/srv/s/a", onVolume),
      event("write", "/srv/s/a", { ...onVolume, bytes: MIB, sizeBytes: MIB }),
      create("/srv/b"),
    ];
    expect(sizeAt(events, "/srv")).toBe(65_536);
  });
});
