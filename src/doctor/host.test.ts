import { describe, expect, test } from "vitest";
import { cgroups, missingCapabilities } from "./host.ts";
import { parseStat } from "./tmpfs.ts";

describe("capabilities", () => {
  test.for([
    ["000001ffffffffff", []],
    ["000001fffeffffff", ["CAP_SYS_RESOURCE"]],
    ["0000000000000000", ["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_BPF", "CAP_PERFMON", "CAP_SYS_RESOURCE"]],
    // What docker gives a container by default.
    ["00000000a80425fb", ["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_BPF", "CAP_PERFMON", "CAP_SYS_RESOURCE"]],
  ] as const)("%s lacks %j", ([set, expected]) => {
    const status = `CapInh:\t0000000000000000\nCapEff:\t${set}\nCapBnd:\t000001ffffffffff\n`;
    expect(missingCapabilities(status).map(({ name }) => name)).toEqual(expected);
  });
});

describe("cgroups", () => {
  const v1 =
    "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\ncgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n";
  const v2 = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n";
  const hybrid = "cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0\n";
  test.for([
    [v2, "ok", "version 2 at /sys/fs/cgroup"],
    [v1, "ok", "version 1, 2 hierarchies"],
    [v1 + hybrid, "ok", "version 1, 2 hierarchies, hybrid with version 2 at /sys/fs/cgroup/unified"],
    ["cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n", "warn", "version 1, 1 hierarchies, without memory"],
    ["proc /proc proc rw 0 0\n", "warn", "none mounted"],
  ] as const)("%s", ([mounts, status, found]) => {
    expect(cgroups(mounts)).toMatchObject({ status, found });
  });
});

test("what stat printed in the container", () => {
  const seen = parseStat("/existing 755 123 456\n/missing 1770 123 456\nnoise\n");
  expect([...seen]).toEqual([
    ["/existing", { mode: "755", uid: "123", gid: "456" }],
    ["/missing", { mode: "1770", uid: "123", gid: "456" }],
  ]);
});
