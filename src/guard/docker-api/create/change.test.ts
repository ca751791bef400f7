import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change } from "../../../policy/decision.ts";
import type { ContainerRequest } from "../../../policy/request.ts";
import { flagsFor } from "../flags.ts";
import { readCreate } from "./read.ts";

type Container = Omit<ContainerRequest, "image">;
const CALL = { query: [], maxBytes: 2 ** 20 };
const changed = (body: object, ...changes: readonly Change[]): Buffer =>
  readCreate(Buffer.from(JSON.stringify(body)), CALL).body([changes]);
const hostOf = (body: object, ...changes: readonly Change[]): unknown =>
  (JSON.parse(changed(body, ...changes).toString()) as { HostConfig: unknown }).HostConfig;
const read = (body: Uint8Array): Container => readCreate(body, CALL).containers[0] as Container;

const TMPFS: Change = { kind: "tmpfs", path: "/tmp", sizeBytes: 2 ** 20, mode: 0o1777, uid: 1, gid: 2, exec: false };

test.each<[string, object, Change, unknown]>([
  ["a read-only root", {}, { kind: "readOnlyRoot" }, { ReadonlyRootfs: true }],
  [
    "said otherwise",
    { HostConfig: { ReadonlyRootfs: false, Init: true } },
    { kind: "readOnlyRoot" },
    { ReadonlyRootfs: true, Init: true },
  ],
  ["a tmpfs", {}, TMPFS, { Tmpfs: { "/tmp": "rw,nosuid,nodev,noexec,size=1m,mode=1777,uid=1,gid=2" } }],
  [
    "in place of the client's",
    { HostConfig: { Tmpfs: { "/tmp/": "", "/a": "ro" } } },
    { ...TMPFS, exec: true },
    { Tmpfs: { "/a": "ro", "/tmp": "rw,nosuid,nodev,exec,size=1m,mode=1777,uid=1,gid=2" } },
  ],
  [
    "an anonymous volume",
    { HostConfig: { Mounts: null } },
    { kind: "volume", path: "/v" },
    { Mounts: [{ Type: "volume", Target: "/v" }] },
  ],
  [
    "a volume of a driver",
    {},
    { kind: "volume", path: "/v", name: "n", driver: "d", options: { o: "x" } },
    {
      Mounts: [
        {
          Type: "volume",
          Source: "n",
          Target: "/v",
          VolumeOptions: { DriverConfig: { Name: "d", Options: { o: "x" } } },
        },
      ],
    },
  ],
  [
    "paths beside the runtime's own",
    {},
    { kind: "readOnlyPaths", paths: ["/etc"] },
    { ReadonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/etc"] },
  ],
  [
    "paths beside the client's",
    { HostConfig: { ReadonlyPaths: ["/proc/sys", "/etc"] } },
    { kind: "readOnlyPaths", paths: ["/etc", "/bin"] },
    { ReadonlyPaths: ["/proc/sys", "/etc", "/bin"] },
  ],
  [
    "no new privileges",
    { HostConfig: { SecurityOpt: ["no-new-privileges:false", "label=x"] } },
    { kind: "noNewPrivileges" },
    { SecurityOpt: ["label=x", "no-new-privileges"] },
  ],
  ["processes", { HostConfig: { PidsLimit: null } }, { kind: "pidsLimit", limit: 9 }, { PidsLimit: 9 }],
  ["memory", { HostConfig: { Memory: 0 } }, { kind: "memory", bytes: 2 ** 33 }, { Memory: 2 ** 33 }],
  [
    "capabilities",
    { HostConfig: { CapDrop: ["cap_mknod"] } },
    { kind: "dropCapabilities", names: ["MKNOD", "NET_RAW"] },
    { CapDrop: ["cap_mknod", "NET_RAW"] },
  ],
  [
    "a log",
    { HostConfig: { LogConfig: { Type: "", Config: { a: "b" } } } },
    { kind: "logDriver", driver: "local", options: { c: "d" } },
    { LogConfig: { Type: "local", Config: { c: "d" } } },
  ],
])("%s", (_, body, change, host) => {
  expect(hostOf(body, change)).toEqual(host);
});

test("a variable takes the place of its namesakes", () => {
  const body = changed({ Env: ["A=1", "AB=2", "A", "B=A=3"] }, { kind: "env", name: "A", value: "x=y" });
  expect(JSON.parse(body.toString())).toEqual({ Env: ["AB=2", "B=A=3", "A=x=y"] });
});

test("single paths of a privileged container are refused, because the engine would forget them", () => {
  expect(() => changed({ HostConfig: { Privileged: true } }, { kind: "readOnlyPaths", paths: ["/etc"] })).toThrow(
    expect.objectContaining({ code: "E_ENGINE_UNSUPPORTED" }),
  );
});

test("a change wins over a client's word in any spelling", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("readonlyrootfs", "READONLYROOTFS", "ReadonlyRootf\u017F"),
      fc.boolean(),
      (key, value) => {
        const body = changed({ "ho\u017FtConfig": { [key]: value } }, { kind: "readOnlyRoot" }).toString();
        expect(body).toBe('{"HostConfig":{"ReadonlyRootfs":true}}');
      },
    ),
  );
});

describe("reading the changed body gives the changed request", () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const path = word.map((name) => `/${name}`);
  const text = fc.string({ unit: "binary", maxLength: 5 }).map((value) => value.toWellFormed());
  const change: fc.Arbitrary<Change> = fc.oneof(
    fc.constant({ kind: "readOnlyRoot" } as const),
    fc.record({
      kind: fc.constant("tmpfs" as const),
      path,
      sizeBytes: fc.integer({ min: 1, max: 2 ** 40 }),
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: fc.nat(),
      gid: fc.nat(),
      exec: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("volume" as const), path }),
    fc.record({
      kind: fc.constant("volume" as const),
      path,
      name: word,
      driver: word,
      options: fc.constant({ a: "b" }),
    }),
    fc.record({ kind: fc.constant("readOnlyPaths" as const), paths: fc.array(path) }),
    fc.record({ kind: fc.constant("env" as const), name: word, value: text }),
    fc.constant({ kind: "noNewPrivileges" } as const),
    fc.record({ kind: fc.constant("pidsLimit" as const), limit: fc.integer({ min: 1 }) }),
    fc.record({ kind: fc.constant("memory" as const), bytes: fc.integer({ min: 1, max: 2 ** 50 }) }),
    fc.record({ kind: fc.constant("dropCapabilities" as const), names: fc.constant(["MKNOD", "NET_RAW"]) }),
    fc.record({ kind: fc.constant("logDriver" as const), driver: word, options: fc.dictionary(word, text) }),
  );
  const body = fc.record(
    {
      Image: word,
      Env: fc.option(fc.array(word.map((name) => `${name}=1`))),
      HostConfig: fc.option(
        fc.record(
          {
            Tmpfs: fc.option(fc.dictionary(path, fc.constantFrom("", "exec"))),
            Mounts: fc.option(fc.array(path.map((target) => ({ Type: "tmpfs", Target: target, ReadOnly: true })))),
            SecurityOpt: fc.option(fc.array(fc.constantFrom("no-new-privileges=false", "label=disable"))),
            CapDrop: fc.option(fc.subarray(["cap_mknod", "all"])),
            ReadonlyPaths: fc.option(fc.array(path)),
            PidsLimit: fc.option(fc.integer()),
          },
          { requiredKeys: [] },
        ),
      ),
    },
    { requiredKeys: [] },
  );
  test("for any body and change", () => {
    fc.assert(
      fc.property(body, change, (asked, one) => {
        const before = read(Buffer.from(JSON.stringify(asked)));
        expect(comparable(read(changed(asked, one)))).toEqual(comparable(withChange(before, one)));
      }),
      { numRuns: 1_000 },
    );
  });

  test("making changes twice is making them once, but for volumes", () => {
    fc.assert(
      fc.property(body, fc.array(change.filter(({ kind }) => kind !== "volume")), (asked, all) => {
        const once = changed(asked, ...all);
        const twice = readCreate(once, CALL).body([all]);
        expect(read(twice)).toEqual(read(once));
      }),
    );
  });
});

const RUNTIMES = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

function withChange(before: Container, change: Change): Container {
  switch (change.kind) {
    case "readOnlyRoot":
      return { ...before, readOnlyRoot: true };
    case "tmpfs": {
      const { path: target, exec } = change;
      const others = before.mounts.filter((mount) => mount.target !== target || isLong(mount));
      return { ...before, mounts: [...others, { type: "tmpfs", target, readOnly: false, exec }] };
    }
    case "volume": {
      const { path: target, name, driver, options } = change;
      const added = {
        type: "volume" as const,
        ...(name === undefined ? {} : { source: name }),
        target,
        readOnly: false,
        ...(driver === undefined ? {} : { driver }),
        ...(options === undefined ? {} : { driverOptions: options }),
      };
      return { ...before, mounts: [...before.mounts, added] };
    }
    case "readOnlyPaths":
      return { ...before, readOnlyPaths: [...new Set([...(before.readOnlyPaths ?? RUNTIMES), ...change.paths])] };
    case "env": {
      const others = before.env.filter((entry) => entry.split("=")[0] !== change.name);
      return { ...before, env: [...others, `${change.name}=${change.value}`] };
    }
    case "noNewPrivileges":
      return { ...before, noNewPrivileges: true };
    case "pidsLimit":
      return { ...before, pidsLimit: change.limit };
    case "memory":
      return { ...before, memoryBytes: change.bytes };
    case "dropCapabilities":
      return { ...before, capDrop: [...new Set([...before.capDrop, ...change.names])] };
    case "logDriver":
      break;
  }
  return { ...before, logDriver: change.driver };
}

/** The bodies here have read-only ones in `Mounts` alone, which stay. */
function isLong({ type, readOnly }: Container["mounts"][number]): boolean {
  return type === "tmpfs" && readOnly;
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function comparable(container: Container): Container {
  return { ...container, mounts: container.mounts.toSorted(byText) };
}

test("flags that would do the same", () => {
  expect(
    flagsFor([
      { kind: "readOnlyRoot" },
      TMPFS,
      { kind: "volume", path: "/v,w" },
      { kind: "volume", path: "/v", name: "n", driver: "d", options: { o: "a,b" } },
      { kind: "readOnlyPaths", paths: ["/etc"] },
      { kind: "env", name: "A", value: "it's; rm" },
      { kind: "noNewPrivileges" },
      { kind: "pidsLimit", limit: 9 },
      { kind: "memory", bytes: 10 },
      { kind: "dropCapabilities", names: ["A", "B"] },
      { kind: "logDriver", driver: "local", options: { a: "b" } },
    ]),
  ).toEqual([
    "--read-only",
    "--tmpfs /tmp:rw,nosuid,nodev,noexec,size=1m,mode=1777,uid=1,gid=2",
    `--mount 'type=volume,"target=/v,w"'`,
    `--mount 'type=volume,source=n,target=/v,volume-driver=d,"volume-opt=o=a,b"'`,
    String.raw`--env 'A=it'\''s; rm'`,
    "--security-opt no-new-privileges",
    "--pids-limit 9",
    "--memory 10",
    "--cap-drop A",
    "--cap-drop B",
    "--log-driver local",
    "--log-opt a=b",
  ]);
});
