import { expect, test } from "vitest";
import type { Change } from "../../policy/decision.ts";
import { changeSpec } from "./change-spec.ts";
import type { OciSpec } from "./spec.ts";
import { PLAIN } from "./testing.ts";

const TMPFS = { kind: "tmpfs", sizeBytes: 64 * 2 ** 20, mode: 0o1777, uid: 5, gid: 6, exec: false } as const;

const TABLE: readonly (readonly [Change, (spec: OciSpec) => unknown, unknown])[] = [
  [{ kind: "readOnlyRoot" }, ({ root }) => root, { path: "/data/overlay2/x/merged", readonly: true }],
  [
    { ...TMPFS, path: "/run" },
    ({ mounts }) => mounts?.at(-1),
    {
      destination: "/run",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "nodev", "noexec", "size=64m", "mode=1777", "uid=5", "gid=6", "tmpcopyup"],
    },
  ],
  [{ kind: "readOnlyPaths", paths: ["/etc", "/proc/sys"] }, ({ linux }) => linux?.readonlyPaths, ["/proc/sys", "/etc"]],
  [{ kind: "env", name: "PATH", value: "/x" }, ({ process }) => process?.env, ["PATH=/x"]],
  [{ kind: "noNewPrivileges" }, ({ process }) => process?.noNewPrivileges, true],
  [{ kind: "pidsLimit", limit: 9 }, ({ linux }) => linux?.resources?.pids, { limit: 9 }],
  [{ kind: "memory", bytes: 9 }, ({ linux }) => linux?.resources?.memory, { limit: 9 }],
  [
    { kind: "dropCapabilities", names: ["NET_RAW"] },
    ({ process }) => process?.capabilities,
    { bounding: ["CAP_CHOWN"], effective: ["CAP_CHOWN"], permitted: ["CAP_CHOWN"] },
  ],
  [
    { kind: "dropCapabilities", names: ["ALL"] },
    ({ process }) => process?.capabilities,
    { bounding: [], effective: [], permitted: [] },
  ],
];
test.each(TABLE)("%j", (change, part, expected) => {
  const { spec, impossible } = changeSpec(PLAIN, [change]);
  expect(part(spec)).toEqual(expected);
  expect(impossible).toEqual([]);
});

test("a volume and a log driver are the engine's", () => {
  const changes: readonly Change[] = [
    { kind: "volume", path: "/data" },
    { kind: "logDriver", driver: "local", options: {} },
  ];
  expect(changeSpec(PLAIN, changes)).toEqual({ spec: PLAIN, impossible: changes });
});

test("a mount lies after what it is in and before what is in it", () => {
  const mounts = ["/", "/var", "/run/.containerenv", "/run/secrets", "/running"].map((destination) => ({
    destination,
  }));
  const { spec } = changeSpec({ mounts }, [
    { ...TMPFS, path: "/run" },
    { ...TMPFS, path: "/var/tmp" },
  ]);
  expect(spec.mounts?.map(({ destination }) => destination)).toEqual([
    "/",
    "/var",
    "/run",
    "/run/.containerenv",
    "/run/secrets",
    "/running",
    "/var/tmp",
  ]);
});
