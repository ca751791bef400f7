import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { PathRecord } from "../model/profile.ts";
import type { Strategy, StrategyEntry } from "../model/strategy.ts";
import { denies } from "./denies.ts";
import { isMount, isRefused } from "./kinds.ts";
import { changesOf } from "./needs.ts";
import { childOf, isWithin, parentOf } from "./paths.ts";
import { denyRule } from "./rules/denied.ts";
import { forbiddenReason } from "./rules/forbidden.ts";
import { isHarmlessToHide } from "./rules/hidden.ts";
import {
  changed,
  DEBIAN,
  dir,
  file,
  passing,
  placesOf,
  readBack,
  socket,
  strategyOf,
  treeOf,
} from "./testing/world.ts";

/** What an image may ship besides Debian: state beside code, empty directories with owners, files in every wrong place. */
const SHIPPED: readonly string[] = [
  "/app/main.py",
  "/app/static/logo.png",
  "/app/uploads/ 0770 33:33",
  "/opt/tool/bin/tool 0755",
  "/opt/tool/conf/tool.conf",
  "/opt/tool/logs/",
  "/etc/app/app.conf",
  "/etc/app/conf.d/",
  "/run/app/ 0750 33:33",
  "/run/other/state",
  "/tmp/leftover.sh 0755",
  "/var/lib/app/ 0750 33:33",
  "/var/lib/app/a/ 0700 33:33",
  "/var/lib/app/b/ 0700 33:33",
  "/var/lib/app/c/seed.db",
  "/var/log/app/ 0750 33:4",
  "/var/log/app/old.log",
  "/var/cache/app/index",
  "/home/app/.profile",
];
const tree = fc.subarray([...SHIPPED]);

const DIRECTORIES: readonly string[] = [
  "/ /app /app/uploads /app/data /app/__pycache__ /opt/tool /opt/tool/logs /opt/new /etc /etc/app /etc/app/conf.d",
  "/etc/ssl /usr/lib/x /usr/share/x /run /run/app /run/new /tmp /tmp/a* /var /var/lib /var/lib/app /var/lib/app/a",
  "/var/lib/app/b /var/lib/app/c /var/lib/app/* /var/lib/new/deep/er /var/log /var/log/app /var/cache/app",
  "/var/spool/app /home/app /home/app/.cache/x /.cache /srv /data /var/lib/dpkg /root",
].flatMap((line) => line.split(" "));
const name = fc.constantFrom(
  "x",
  "y",
  "app.pid",
  "data.db",
  "main.py",
  "x.pyc",
  "t*",
  "seed.db",
  "a",
  "old.log",
  "app.conf",
);
const path = fc.tuple(fc.constantFrom(...DIRECTORIES), name).map(([parent, child]) => childOf(parent, child));
const make = fc.constantFrom(file, passing, readBack, changed, dir, socket);
const exe = fc.constantFrom("/usr/sbin/app", "/bin/sh");
const oneRecord: fc.Arbitrary<PathRecord> = fc
  .record({ path, make, exe, movesTo: fc.option(path, { freq: 4, nil: undefined }) })
  .map(({ movesTo, ...one }) =>
    one.make(one.path, {
      exe: one.exe,
      ...(movesTo === undefined ? {} : { movesTo: [movesTo], done: ["open", "rename"] }),
    }),
  );
const records = fc.uniqueArray(oneRecord, { selector: (record) => record.path, maxLength: 14 });
const world = fc.record({ tree, records });
const RUNS = { numRuns: 200 };

function entryAround(strategy: Strategy, directoryPath: string): StrategyEntry | undefined {
  return strategy.entries
    .filter((entry) => isMount(entry) && isWithin(directoryPath, entry.path))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
}

function home(strategy: Strategy, record: PathRecord): StrategyEntry | undefined {
  const above = entryAround(strategy, parentOf(record.path));
  const isItself = record.type === "dir" && !record.done.includes("rename");
  return isItself ? (entryAround(strategy, record.path) ?? above) : above;
}

function isDenied(strategy: Strategy, record: PathRecord): boolean {
  return changesOf(record).every((operation) =>
    strategy.entries.some((entry) => isRefused(entry) && denies(entry, operation, record.path)),
  );
}

test("nothing is mounted where nothing may be, and no mount point is a pattern", () => {
  fc.assert(
    fc.property(world, (given) => {
      for (const entry of strategyOf(given).entries.filter(isMount)) {
        expect(forbiddenReason(entry.path)).toBeUndefined();
        expect(entry.path).not.toContain("*");
      }
    }),
    RUNS,
  );
});

test("every write has a mount, or is denied; no denied path lies in a mount", () => {
  fc.assert(
    fc.property(world, (given) => {
      const strategy = strategyOf(given);
      const lost = given.records.filter((record) => !home(strategy, record) && !isDenied(strategy, record));
      expect(lost).toEqual([]);
      const denied = strategy.entries.filter(isRefused);
      expect(denied.filter((entry) => entryAround(strategy, parentOf(entry.path)))).toEqual([]);
    }),
    RUNS,
  );
});

test("no mount is there for nothing", () => {
  fc.assert(
    fc.property(world, (given) => {
      const strategy = strategyOf(given);
      const image = treeOf([...DEBIAN, ...given.tree]);
      const idle = strategy.entries.filter(
        (entry) =>
          isMount(entry) &&
          !given.records.some((record) => home(strategy, record) === entry) &&
          !(image.entry(entry.path) !== undefined && entryAround(strategy, parentOf(entry.path))?.kind === "tmpfs"),
      );
      expect(idle).toEqual([]);
    }),
    RUNS,
  );
});

test("what is read back after a restart is kept, wherever it may be", () => {
  const ephemeral = /^\/(?:run|tmp|var\/log|var\/cache)\/|\/(?:\.?cache|\.npm|\.yarn|__pycache__)\//;
  fc.assert(
    fc.property(world, (given) => {
      const strategy = strategyOf(given);
      for (const record of given.records) {
        if (!record.readBack || ephemeral.test(record.path) || record.path.endsWith(".pid")) continue;
        if (denyRule(record.path) !== undefined) continue;
        expect([record.path, home(strategy, record)?.kind ?? "deny"]).toEqual([
          record.path,
          isDenied(strategy, record) ? "deny" : "volume",
        ]);
      }
    }),
    RUNS,
  );
});

test("that fresh starts make something alike moves nothing but what is unpacked from an archive of the image", () => {
  fc.assert(
    fc.property(world, fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }), (given, alike) => {
      const marked = given.records.map((record, n) =>
        alike[n] === true ? { ...record, regenerated: true as const } : record,
      );
      expect(placesOf({ ...given, records: marked })).toEqual(placesOf(given));
    }),
    RUNS,
  );
});

test("no tmpfs hides a file of the image that nobody replaced", () => {
  fc.assert(
    fc.property(world, (given) => {
      const strategy = strategyOf(given);
      const touched = new Set(given.records.flatMap((record) => [record.path, ...record.movesTo]));
      const hidden = [...DEBIAN, ...given.tree]
        .map((line) => line.split(" "))
        .filter(([shipped = "", ...more]) => !shipped.endsWith("/") && !more.includes("->") && more.at(-1) !== "0")
        .map(([shipped = ""]) => shipped)
        .filter((shipped) => !touched.has(shipped) && !isHarmlessToHide(shipped))
        .filter((shipped) => entryAround(strategy, parentOf(shipped))?.kind === "tmpfs");
      expect(hidden).toEqual([]);
    }),
    RUNS,
  );
});

test("renames stay on one mount, or the entry says that they do not", () => {
  fc.assert(
    fc.property(world, (given) => {
      const strategy = strategyOf(given);
      const moves = given.records
        .filter((record) => denyRule(record.path) === undefined)
        .flatMap((record) => record.movesTo.map((to) => [home(strategy, record), entryAround(strategy, parentOf(to))]));
      const unsaid = moves.filter(([from, to]) => from && to && from !== to && !to.why.includes("crosses mounts"));
      expect(unsaid).toEqual([]);
    }),
    RUNS,
  );
});

test("the order of the records does not matter", () => {
  fc.assert(
    fc.property(world, fc.infiniteStream(fc.double({ noNaN: true })), (given, keys) => {
      const shuffled = given.records
        .map((record) => ({ record, key: keys.next().value ?? 0 }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ record }) => record);
      expect(strategyOf({ ...given, records: shuffled })).toEqual(strategyOf(given));
    }),
    RUNS,
  );
});
