import { expect, test } from "vitest";
import type { LayerChange } from "../model/change.ts";
import type { FileType } from "../model/event.ts";
import type { PathRecord } from "../model/profile.ts";
import type { StrategyEntry } from "../model/strategy.ts";
import { dataAtRisk } from "./at-risk.ts";

function change(path: string, sizeBytes = 10, changedAtMs?: number, type: FileType = "file"): LayerChange {
  const entry = { type, mode: 0o644, uid: 0, gid: 0, sizeBytes };
  return { path, kind: "added", entry, ...(changedAtMs === undefined ? {} : { changedAtMs }) };
}
const VOLUME: StrategyEntry = {
  kind: "volume",
  path: "/var/lib/db",
  reason: "assumed",
  seeded: false,
  uid: 0,
  gid: 0,
  mode: 0o755,
  exec: false,
  why: "-",
};
const WRITER: PathRecord = {
  path: "/var/lib/db/sub/*",
  mount: "/",
  mountType: "overlay",
  type: "file",
  done: ["write"],
  failed: [],
  by: ["/usr/bin/dbd"],
  uids: [0],
  created: true,
  createsItself: true,
  survived: true,
  readBack: false,
  renewed: false,
  executed: false,
  sizeClassBytes: 0,
  movesTo: [],
};

test("what lies below a volume of the strategy is one item, anything else one for each directory", () => {
  const changes = [
    change("/var/lib/db", 0, 9, "dir"),
    change("/var/lib/db/a", 100, 1_000),
    change("/var/lib/db/sub/b", 200, 3_000),
    change("/opt/app/x", 5, 2_000),
    change("/opt/app/y", 6),
    change("/opt/app/conf/z", 7),
  ];
  expect(dataAtRisk(changes, [VOLUME], [WRITER])).toEqual({
    items: [
      { path: "/opt/app", files: 2, sizeBytes: 11, changedAtMs: 2_000, by: [] },
      { path: "/opt/app/conf", files: 1, sizeBytes: 7, by: [] },
      { path: "/var/lib/db", files: 2, sizeBytes: 300, changedAtMs: 3_000, by: ["/usr/bin/dbd"] },
    ],
    passing: [],
  });
});

test("logs, caches and run-time files are lost as well, and are no data", () => {
  const changes = [
    change("/var/log/app/a.log", 1),
    change("/var/log/b.log", 2),
    change("/srv/app/logs/c", 4),
    change("/root/.cache/x", 8),
    change("/run/state", 16),
  ];
  expect(dataAtRisk(changes, [], [])).toEqual({
    items: [],
    passing: [
      { what: "a cache that can be made anew", files: 1, sizeBytes: 8 },
      { what: "log files", files: 3, sizeBytes: 7 },
      { what: "run-time files that are made anew at each start", files: 1, sizeBytes: 16 },
    ],
  });
});

test("a habit's directory is data all the same when its file was read back", () => {
  const changes = [change("/srv/kafka/logs/topic", 4)];
  const readBack = { ...WRITER, path: "/srv/kafka/logs/topic", readBack: true };
  expect(dataAtRisk(changes, [], [readBack]).items.map(({ path }) => path)).toEqual(["/srv/kafka/logs"]);
});

test.for([
  ["a pid file", change("/srv/app.pid")],
  ["a socket", change("/srv/app.sock", 0, 1, "socket")],
  ["a directory", change("/srv/new", 0, 1, "dir")],
  ["compiled Python", change("/usr/lib/x/__pycache__/y.pyc")],
  ["what was deleted", { path: "/srv/gone", kind: "deleted" } as const],
] as const)("%s is no data", ([, one]) => {
  expect(dataAtRisk([one], [], [])).toEqual({ items: [], passing: [] });
});
