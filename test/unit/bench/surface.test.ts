import { expect, test } from "vitest";
import { writtenDirectories } from "../../../bench/fidelity/naive.ts";
import { imagePaths, strategyPlaces, surfaceOf, tmpfsPlaces, volumePlaces } from "../../../bench/fidelity/surface.ts";
import type { StrategyEntry } from "../../../src/model/strategy.ts";
import { changed, dir, file, treeOf } from "../../../src/strategy/testing/world.ts";

const TREE = treeOf(["/app/main.py", "/app/data/", "/app/data/seed.db", "/run/app/", "/run/note", "/var/run -> /run"]);
const PATHS = imagePaths(TREE);
const OWNER = { mode: 0o755, uid: 0, gid: 0, why: "-" };

test("a tree is walked to its leaves, and symlinks are not followed", () => {
  expect(PATHS.map(({ path }) => path).toSorted()).toEqual([
    "/app",
    "/app/data",
    "/app/data/seed.db",
    "/app/main.py",
    "/run",
    "/run/app",
    "/run/note",
    "/var",
    "/var/run",
  ]);
});

test.for([
  ["nothing writable", [], { hidden: 0, writable: 0, executable: 0 }],
  // /run, /run/app and /run/note; the directory is hidden too, and is no file.
  ["a tmpfs", tmpfsPlaces(["/run"]), { hidden: 1, writable: 3, executable: 0 }],
  ["a mount point that the image lacks", tmpfsPlaces(["/cache"]), { hidden: 0, writable: 1, executable: 0 }],
  ["a volume", volumePlaces(["/app/data"]), { hidden: 0, writable: 2, executable: 2 }],
  // The inner mount says what happens to what is below it.
  [
    "a volume in a tmpfs",
    [...tmpfsPlaces(["/app"]), ...volumePlaces(["/app/data"])],
    { hidden: 1, writable: 4, executable: 2 },
  ],
] as const)("surface of %s", ([, places, expected]) => {
  expect(surfaceOf(PATHS, places)).toEqual(expected);
});

test("of a strategy what is denied or read-only is no place, and what starts with the image's content hides nothing", () => {
  const entries: readonly StrategyEntry[] = [
    { kind: "deny", path: "/etc/x", operations: ["open"], why: "-" },
    { kind: "bind", path: "/conf", source: "/conf", readOnly: true, why: "-" },
    { kind: "tmpfs", path: "/run", sizeBytes: 1, exec: true, ...OWNER },
    { kind: "seeded", path: "/app", sizeBytes: 1, exec: false, ...OWNER },
    { kind: "volume", path: "/app/data", reason: "assumed", seeded: false, exec: false, ...OWNER },
    { kind: "volume", path: "/app/plugins", reason: "assumed", seeded: false, exec: true, ...OWNER },
    { kind: "bind", path: "/srv", source: "/srv", readOnly: false, why: "-" },
  ];
  const places = (noexec: boolean): readonly string[] =>
    strategyPlaces({ entries }, { noexec }).map(
      ({ path, starts, executable }) => `${path} ${starts}${executable ? " exec" : ""}`,
    );
  expect(places(false)).toEqual([
    "/run empty exec",
    "/app image exec",
    "/app/data image exec",
    "/app/plugins image exec",
    "/srv image exec",
  ]);
  expect(places(true)).toEqual([
    "/run empty exec",
    "/app image",
    "/app/data image",
    "/app/plugins image exec",
    "/srv image exec",
  ]);
});

test("the naive plan is the image's directories in which something was written, without VOLUMEs, /dev and the root", () => {
  const records = [
    file("/run/app/new/deep/x"),
    dir("/run/app/new"),
    changed("/app/data", { type: "dir", done: ["chown"] }),
    file("/state.txt"),
    file("/dev/shm/x"),
    file("/volume/x"),
    changed("/app/main.py", { done: ["access", "read"] }),
  ];
  expect(writtenDirectories(records, TREE, ["/volume"])).toEqual(["/app/data", "/run/app"]);
});
