import { describe, expect, test } from "vitest";
import { dir, file, linesOf, passing, socket, strategyOf, type World } from "./testing/world.ts";

type Cases = Readonly<Record<string, World & { readonly expected: readonly string[] }>>;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

const SEEDED: Cases = {
  "what the image ships there is part of the bound": {
    tree: ["/var/lib/app/page 0644 0:0 40000000", "/var/lib/app/sub/other 0644 0:0 40000000"],
    records: [passing("/var/lib/app/x")],
    expected: ["seeded /var/lib/app 128MiB 0755 0:0 | daemon writes x, and a tmpfs would hide page of the image."],
  },
  "shipped programs may still be run, whether the test ran them or not": {
    tree: ["/opt/app/bin/tool 0755", "/opt/app/conf 0644 7:8"],
    records: [passing("/opt/app/x")],
    expected: ["seeded /opt/app 16MiB 0755 0:0 exec | daemon writes x, and a tmpfs would hide conf of the image."],
  },
  "a program beside what is written becomes writable, and that is said": {
    tree: ["/opt/app/tool 0755"],
    records: [passing("/opt/app/x")],
    expected: [
      "seeded /opt/app 16MiB 0755 0:0 exec | daemon writes x, and the image has files beside it; the program files beside it become writable.",
    ],
  },
};

const ONE_GIB = "on disk, because 1GiB is much for memory";
const SCRATCH: Cases = {
  "a cache and temporary files that are large": {
    tree: ["/var/cache/app/ 0750 33:33"],
    records: [
      passing("/var/cache/app/x", { sizeClassBytes: GIB / 2 }),
      passing("/tmp/x", { sizeClassBytes: GIB / 2 }),
      passing("/run/x.pid"),
    ],
    expected: [
      "tmpfs /run 16MiB 0755 0:0 | daemon writes x.pid: run-time files that are made anew at each start.",
      `scratch /tmp 1GiB 1777 0:0 | daemon writes x: temporary files; ${ONE_GIB}.`,
      `scratch /var/cache/app 1GiB 0750 33:33 | daemon writes x: a cache that can be made anew; ${ONE_GIB}.`,
    ],
  },
  "half of that stays in memory": {
    records: [passing("/tmp/x", { sizeClassBytes: GIB / 8 })],
    expected: ["tmpfs /tmp 256MiB 1777 0:0 | daemon writes x: temporary files."],
  },
  "what a socket or a log needs stays in memory however large": {
    tree: ["/var/log/app/"],
    records: [
      socket("/run/x.sock"),
      file("/run/dump", { sizeClassBytes: GIB }),
      file("/var/log/app/x", { sizeClassBytes: GIB }),
    ],
    expected: [
      "tmpfs /run 2GiB 0755 0:0 | daemon writes x.sock and dump: run-time files that are made anew at each start.",
      "tmpfs /var/log/app 2GiB 0755 0:0 | daemon writes x: log files.",
    ],
  },
  "a directory that the image lacks keeps its owner only in memory": {
    records: [
      dir("/data/cache", { done: ["chown", "mkdir"], owner: { uid: 33, gid: 33, mode: 0o700 }, survived: false }),
      passing("/data/cache/x", { sizeClassBytes: GIB / 2 }),
    ],
    tree: ["/data/keep"],
    expected: ["tmpfs /data/cache 1GiB 0700 33:33 | daemon writes x: a cache that can be made anew."],
  },
  "under a memory limit the largest go first, until what is left fits into half of it": {
    workload: { memoryBytes: 256 * MIB },
    tree: ["/var/cache/a/", "/var/cache/b/"],
    records: [
      passing("/var/cache/a/x", { sizeClassBytes: 64 * MIB }),
      passing("/var/cache/b/x", { sizeClassBytes: 32 * MIB }),
      passing("/tmp/x", { sizeClassBytes: 32 * MIB }),
    ],
    expected: [
      "tmpfs /tmp 64MiB 1777 0:0 | daemon writes x: temporary files.",
      "scratch /var/cache/a 128MiB 0755 0:0 | daemon writes x: a cache that can be made anew; on disk, because all that lies in memory should fit into half of the limit of 256MiB.",
      "tmpfs /var/cache/b 64MiB 0755 0:0 | daemon writes x: a cache that can be made anew.",
    ],
  },
  "a tmpfs that the user gave stays one, and counts": {
    workload: {
      memoryBytes: 256 * MIB,
      mounts: [{ type: "tmpfs", target: "/mine", readOnly: false, options: "size=100m" }],
    },
    records: [passing("/tmp/x")],
    expected: [
      "tmpfs /mine 100MiB 0755 0:0 | Given with the run.",
      "scratch /tmp 64MiB 1777 0:0 | daemon writes x: temporary files; on disk, because all that lies in memory should fit into half of the limit of 256MiB.",
    ],
  },
};

describe.each([SEEDED, SCRATCH])("kinds", (cases) => {
  test.each(Object.entries(cases))("%s", (_name, { expected, ...world }) => {
    expect(linesOf(strategyOf(world))).toEqual(expected);
  });
});
