import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { VolumeEntry } from "../model/strategy.ts";
import { mountPlan } from "./mounts.ts";
import { anyPath } from "./testing/arbitrary.ts";
import { strategyOf, passing, readBack, file } from "./testing/world.ts";
import { volumeNameFor } from "./volume-name.ts";

test("every entry becomes one complete mount, and what is denied none", () => {
  const strategy = strategyOf({
    workload: {
      mounts: [
        { type: "bind", source: "/host/conf", target: "/etc/app/", readOnly: true, options: "z" },
        { type: "volume", source: "shared", target: "/shared", readOnly: true },
        { type: "tmpfs", target: "/scratch", readOnly: false, options: "size=1m,mode=1777,exec" },
      ],
    },
    tree: ["/run/app/ 2750 7:8"],
    records: [passing("/run/app/app.pid"), readBack("/srv/state"), file("/etc/x")],
  });
  const withDriver = {
    ...strategy,
    entries: strategy.entries.map((entry) =>
      entry.path === "/srv" ? { ...entry, driver: "local", options: { type: "nfs" } } : entry,
    ),
  };
  expect(mountPlan(withDriver, { volumeName: ({ path }) => `v${path}` })).toEqual({
    tmpfs: {
      "/run/app": "rw,nosuid,nodev,noexec,size=16m,mode=2750,uid=7,gid=8",
      "/scratch": "rw,nosuid,nodev,exec,size=1m,mode=1777,uid=0,gid=0",
    },
    volumes: [
      { name: "shared", target: "/shared", readOnly: true },
      { name: "v/srv", target: "/srv", readOnly: false, noExec: true, driver: "local", driverOptions: { type: "nfs" } },
    ],
    binds: [{ source: "/host/conf", target: "/etc/app", readOnly: true, options: "z" }],
  });
});

const named = (name: string, path: string): string =>
  volumeNameFor({ ...strategyOf({}), name }, { path } as VolumeEntry);

test.each([
  ["redis", "/var/lib/redis", "redis_var-lib-redis"],
  ["my-app", "/srv/my-data", "my-app_srv-my--data"],
  ["app", "/data/.cache", "app_data-.2ecache"],
])("the volume of %s at %s is called %s", (name, path, expected) => {
  expect(named(name, path)).toBe(expected);
});

test("no two places share a volume, whatever they are called", () => {
  const awkward = fc.array(fc.constantFrom("a", "-", "--", "_", ".", "a-", "-b", ".2d", "é"), {
    minLength: 1,
    maxLength: 3,
  });
  const path = fc.oneof(
    anyPath,
    fc
      .array(
        awkward.map((parts) => parts.join("")),
        { minLength: 1, maxLength: 3 },
      )
      .map((parts) => `/${parts.join("/")}`),
  );
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,5}$/);
  const place = fc.record({ name, path });
  fc.assert(
    fc.property(place, place, (a, b) => {
      const [first, second] = [named(a.name, a.path), named(b.name, b.path)];
      expect(first === second).toBe(a.name === b.name && a.path === b.path);
      expect(first).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,199}$/);
    }),
    { numRuns: 3000 },
  );
});

test("a path too long for a name still has one of its own", () => {
  const [a, b] = ["x", "y"].map((end) => named("app", `/${"d".repeat(250)}/${end}`));
  expect(a).toHaveLength(200);
  expect(a).not.toBe(b);
});
