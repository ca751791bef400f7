import { expect, test } from "vitest";
import { record, reported } from "../../test/support/report-samples.ts";
import { deny, strategy, tmpfs, volume } from "../../test/support/strategy-samples.ts";
import { placesOf } from "./places.ts";

const sample = strategy([tmpfs("/run"), volume("/run/app"), deny("/etc/*", { operations: ["mkdir"] }), tmpfs("/var")]);

test("each path stands with the entry that decides about it, and all others by their mount", () => {
  const records = [
    record("/run/x"),
    record("/run/app/data"),
    record("/etc/a/b", { done: ["open"] }),
    record("/etc/a", { done: ["mkdir"] }),
    record("/etc/b", { done: ["open"] }),
    record("/runner"),
    record("/dev/shm/x", { mount: "/dev/shm" }),
  ];
  const places = placesOf(reported(sample, records), "w1");
  expect(places.map(({ kind, path, seen }) => [kind, path, ...seen.map((one) => one.record.path)])).toEqual([
    ["deny", "/etc/*", "/etc/a/b", "/etc/a"],
    ["tmpfs", "/run", "/run/x"],
    ["volume", "/run/app", "/run/app/data"],
    ["tmpfs", "/var"],
    ["none", "/", "/etc/b", "/runner"],
    ["none", "/dev/shm", "/dev/shm/x"],
  ]);
  expect(
    places.flatMap(({ seen }) => seen.map(({ figures, record: { path } }) => figures?.path === path)),
  ).not.toContain(false);
});

test("figures of several runs are summed, and the first run tells when", () => {
  const first = { phase: "first", stage: "start", afterMs: 5 } as const;
  const row = { path: "/run/x", events: 2, bytes: 10, processes: [{ name: "a", events: 2 }], first };
  const again = {
    ...row,
    events: 3,
    processes: [
      { name: "a", events: 2 },
      { name: "b", events: 1 },
    ],
    first: { ...first, afterMs: 1 },
  };
  const [place] = placesOf(reported(strategy([tmpfs("/run")]), [record("/run/x")], { table: [row, again] }), "w1");
  expect(place?.seen[0]?.figures).toEqual({
    path: "/run/x",
    events: 5,
    bytes: 20,
    processes: [
      { name: "a", events: 4 },
      { name: "b", events: 1 },
    ],
    first,
  });
});

test("ids are unique", () => {
  const places = placesOf(reported(sample, [record("/run/x"), record("/run/y"), record("/srv/x")]), "w2");
  const ids = places.flatMap(({ id, seen }) => [id, ...seen.map((one) => one.id)]);
  expect(new Set(ids).size).toBe(ids.length);
});
