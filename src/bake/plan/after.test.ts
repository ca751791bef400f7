import { expect, test } from "vitest";
import { dir, file, passing, strategyOf } from "../../strategy/testing/world.ts";
import { needsLess, settledWrites, surfaceOf } from "./after.ts";
import type { BakeItem } from "./types.ts";

const ITEMS: readonly BakeItem[] = [
  { what: "file", path: "/etc/app/conf", uid: 0, gid: 0, mode: 0o644, content: new Uint8Array(), why: "" },
  { what: "directory", path: "/srv/app", uid: 0, gid: 0, mode: 0o755, exists: false, why: "" },
];

test("what is written again is denied with the reason; all else needs what it needed", () => {
  const again = file("/etc/app/conf", { done: ["chmod", "open", "write"] });
  const moved = passing("/etc/app/conf.*", { movesTo: ["/etc/app/conf"] });
  const other = file("/etc/app/other");
  // To deny its mkdir would deny everything below it.
  const made = dir("/srv/app");
  const { needed, denied } = settledWrites([again, moved, other, made], ITEMS);
  expect(needed).toEqual([other, made]);
  expect(denied).toMatchObject([
    { kind: "deny", path: "/etc/app/conf", operations: ["chmod", "open", "write"] },
    { kind: "deny", path: "/etc/app/conf.*", operations: ["open", "unlink", "write"] },
  ]);
  expect(denied[0]?.why).toBe("daemon writes again what the image has: it was baked into it.");
});

const on = (...paths: readonly string[]) =>
  strategyOf({ tree: ["/srv/app/page"], records: paths.map((path) => file(path, { renewed: true })) });

test("what a strategy leaves writable is counted", () => {
  const records = [file("/var/log/app/log"), file("/var/log/app/other"), file("/etc/cron.d/x")];
  expect(surfaceOf(strategyOf({ tree: ["/var/log/app/"], records }), records)).toEqual({
    writableMounts: 1,
    writablePaths: 2,
    deniedWrites: 1,
  });
});

test.each([
  ["none instead of one", on("/srv/app/x"), on(), true],
  ["the same", on("/srv/app/x"), on("/srv/app/x"), false],
  ["one more", on("/srv/app/x"), on("/srv/app/x", "/var/log/app/x"), false],
  ["another place", on("/srv/app/x"), on("/opt/x/y"), false],
])("needs less: %s", (_what, before, after, expected) => {
  expect(needsLess(before, after)).toBe(expected);
});
