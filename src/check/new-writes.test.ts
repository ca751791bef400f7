import { describe, expect, test } from "vitest";
import { bind, deny, strategy, tmpfs, volume } from "../../test/support/strategy-samples.ts";
import type { PathRecord } from "../model/profile.ts";
import { newWrites, unusedEntries } from "./new-writes.ts";

const record = (path: string, more: Partial<PathRecord> = {}): PathRecord => ({
  path,
  mount: "/",
  mountType: "overlay",
  type: "file",
  done: ["open", "write"],
  failed: [],
  by: ["/usr/bin/node"],
  uids: [0],
  created: true,
  createsItself: true,
  survived: false,
  readBack: false,
  renewed: false,
  executed: false,
  sizeClassBytes: 65536,
  movesTo: [],
  ...more,
});
const committed = strategy([
  tmpfs("/run"),
  volume("/data"),
  bind("/ro", { readOnly: true }),
  deny("/etc/x*", { operations: ["open"] }),
]);
const learned = strategy([tmpfs("/run"), volume("/data"), tmpfs("/app/.cache")]);

describe("what is new", () => {
  test.each([
    ["below a mount", record("/run/x.pid")],
    ["in a volume", record("/data/deep/file")],
    ["denied on purpose", record("/etc/xyz", { done: ["open"] })],
    ["on a mount of its own", record("/dev/shm/x", { mount: "/dev/shm", mountType: "tmpfs" })],
    ["only asked about", record("/srv/x", { done: ["access"] })],
    ["only run and read", record("/srv/x", { done: ["exec", "mapexec", "read"] })],
    ["only tried in vain", record("/srv/x", { done: [], failed: [{ operation: "open", errno: "EACCES" }] })],
  ])("not: %s", (_, seen) => {
    expect(newWrites([seen], committed, learned)).toEqual([]);
  });

  test("with the process, and what learning anew makes of it", () => {
    expect(newWrites([record("/app/.cache/a")], committed, learned)).toEqual([
      {
        path: "/app/.cache/a",
        operations: ["open", "write"],
        by: ["/usr/bin/node"],
        learned: { kind: "tmpfs", path: "/app/.cache" },
      },
    ]);
  });

  test("an operation that is not among the denied ones", () => {
    const seen = record("/etc/xyz", { done: ["open", "unlink"] });
    expect(newWrites([seen], committed, learned)).toMatchObject([{ path: "/etc/xyz", operations: ["unlink"] }]);
  });

  test("a path beside a mount with the same beginning, and a read-only bind", () => {
    const found = newWrites([record("/runner/x"), record("/ro/x")], committed, learned);
    expect(found.map(({ path }) => path)).toEqual(["/ro/x", "/runner/x"]);
  });
});

test("where the root stays writable, only what is read-only on purpose can be newly written", () => {
  const partial = strategy([tmpfs("/opt/app/tmp")], { readOnlyPaths: ["/etc", "/opt/app"] });
  const seen = ["/etc/x", "/opt/app/x", "/opt/app/tmp/x", "/opt/x", "/etcetera/x"].map((path) => record(path));
  expect(newWrites(seen, partial, learned).map(({ path }) => path)).toEqual(["/etc/x", "/opt/app/x"]);
});

test("entries that nothing wrote to are told, those of the user's and denials are not", () => {
  expect(unusedEntries([record("/run/x")], committed)).toEqual(["/data"]);
});
