import { array, assert, asyncProperty, constant, constantFrom, integer, oneof, subarray, tuple } from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { busyboxTar, dockerHttp, dockerJson } from "../../../../test/support/docker-http.ts";
import { busyboxPath, type PrivateEngine, startPrivatePodman } from "../../../../test/support/private-engine.ts";
import type { Change } from "../../../policy/decision.ts";
import { readLibpodCreate } from "./create.ts";

const HEAD = { query: [], maxBytes: 1 << 20 };

const IMAGE = "localhost/guarded:1";
let podman: PrivateEngine;

beforeAll(async () => {
  podman = await startPrivatePodman();
  const tar = busyboxTar(await busyboxPath());
  await dockerHttp(podman.socketPath, "POST", "/images/create?fromSrc=-&repo=localhost/guarded&tag=1", tar);
  // An import is tagged `latest`, whatever is asked for (QUIRKS.importIgnoresTag).
  await dockerHttp(podman.socketPath, "POST", `/images/localhost/guarded:latest/tag?repo=localhost/guarded&tag=1`);
}, 300_000);

afterAll(() => podman.stop());

async function create(body: Buffer): Promise<{ readonly status: number; readonly id: string; readonly text: string }> {
  const { status, text } = await dockerHttp(
    podman.socketPath,
    "POST",
    "/v4.0.0/libpod/containers/create",
    String(body),
  );
  return { status, text, id: status === 201 ? (JSON.parse(text) as { Id: string }).Id : "" };
}

async function remove(id: string): Promise<void> {
  if (id !== "") await dockerHttp(podman.socketPath, "DELETE", `/v4.0.0/libpod/containers/${id}?force=true&v=true`);
}

/** What it prints. */
async function output(body: Buffer): Promise<string> {
  const { id, text } = await create(body);
  if (id === "") throw new Error(text);
  try {
    const path = `/v4.0.0/libpod/containers/${id}`;
    for (const step of ["start", "wait"]) {
      const done = await dockerHttp(podman.socketPath, "POST", `${path}/${step}`);
      if (done.status >= 400) throw new Error(done.text);
    }
    const logs = await dockerHttp(podman.socketPath, "GET", `${path}/logs?stdout=true&stderr=true`);
    // Each line has a head of 8 bytes: the stream, three zeros, and how long it is.
    // oxlint-disable-next-line no-control-regex -- it is made of them
    return logs.text.replaceAll(/[\u0001\u0002]\0{3}[^]{4}/g, "");
  } finally {
    await remove(id);
  }
}

const CHANGES: readonly Change[] = [
  { kind: "readOnlyRoot" },
  { kind: "tmpfs", path: "/tmp", sizeBytes: 1 << 20, mode: 0o1777, uid: 0, gid: 0, exec: false },
  { kind: "tmpfs", path: "/srv", sizeBytes: 1 << 20, mode: 0o750, uid: 5, gid: 6, exec: true },
  { kind: "tmpfs", path: "/new", sizeBytes: 1 << 20, mode: 0o750, uid: 5, gid: 6, exec: true },
  { kind: "volume", path: "/data" },
  { kind: "env", name: "ADDED", value: "by the policy" },
  { kind: "noNewPrivileges" },
  { kind: "dropCapabilities", names: ["NET_RAW", "MKNOD"] },
];
const SCRIPT = `
touch /x; echo "root $?"
for d in /tmp /srv /data; do touch $d/x; echo "$d $?"; done
stat -c '%n %a %u:%g' /srv /new /tmp
cat /proc/mounts | while read -r _ at type options _; do case $at in /|/tmp|/srv|/data) echo "$at $type $options";; esac; done
while read -r name value; do case $name in NoNewPrivs:|CapBnd:) echo "$name $value";; esac; done < /proc/self/status
echo "$ADDED"
`;

it("a container made by the changed body has a read-only root and can write where the changes let it", async () => {
  const asked = {
    image: IMAGE,
    command: ["/bin/sh", "-c", SCRIPT],
    netns: { nsmode: "none" },
    Read_Only_FileSystem: false,
  };
  const text = await output(readLibpodCreate(Buffer.from(JSON.stringify(asked)), HEAD).body([CHANGES]));
  expect(text).toContain("touch: /x: Read-only file system");
  expect(text).toContain("root 1\n");
  for (const place of ["/tmp", "/srv", "/data"]) expect(text).toContain(`${place} 0\n`);
  // Podman gives a volume the owner and the mode of the image's directory, else the container's user.
  expect(text).toContain("/srv 755 0:0\n/new 750 0:0\n/tmp 1777 0:0\n");
  expect(text).toMatch(/^\/ \S+ ro,/m);
  expect(text).toMatch(/^\/tmp tmpfs \S*noexec\S*size=1024k/m);
  expect(text).toMatch(/^\/srv tmpfs (?!\S*noexec)\S*size=1024k/m);
  expect(text).toMatch(/^NoNewPrivs: 1$/m);
  expect(text).toContain("by the policy");
});

it("the key that Go folds makes the root read-only for Podman as for this reader", async () => {
  const command = ["/bin/sh", "-c", "touch /x"];
  const body = Buffer.from(JSON.stringify({ image: IMAGE, command, "read_only_file\u017Fystem": true }));
  const request = readLibpodCreate(body, HEAD);
  expect(request.containers[0]?.readOnlyRoot).toBe(true);
  expect(await output(body)).toContain("Read-only file system");
  expect(await output(request.body([]))).toContain("Read-only file system");
});

const FIELDS: Readonly<Record<string, readonly unknown[]>> = {
  entrypoint: [["/bin/sh"], []],
  env: [{ A: "1" }, { A: "", "b c": "d=e" }, {}],
  labels: [{ a: "b" }, { "K\u017F": "\u00e9" }],
  user: ["1", "1:2", ""],
  work_dir: ["/srv", ""],
  hostname: ["h"],
  terminal: [true, false],
  stdin: [true, false],
  read_only_filesystem: [true, false],
  read_write_tmpfs: [true, false],
  privileged: [true, false],
  no_new_privileges: [true, false],
  init_container_type: [""],
  cap_add: [["NET_ADMIN"], ["CAP_SYS_TIME"], []],
  cap_drop: [["all"], ["kill"]],
  unmask: [["ALL"], ["/proc/acpi"]],
  mask: [["/proc/x"]],
  mounts: [
    [{ destination: "/t", type: "tmpfs", source: "tmpfs", options: ["size=1m", "noexec"] }],
    [{ destination: "/b/../c", type: "bind", source: "/etc", options: ["ro", "rslave"] }],
    [],
  ],
  volumes: [[{ Name: "fuzzed", Dest: "/v", Options: ["ro"] }], [{ Dest: "/w" }]],
  pidns: [{ nsmode: "host" }, { nsmode: "private" }, {}],
  ipcns: [{ nsmode: "host" }, { nsmode: "none" }],
  utsns: [{ nsmode: "host" }],
  netns: [{ nsmode: "none" }, { nsmode: "host" }],
  cgroupns: [{ nsmode: "private" }],
  shm_size: [65_536, 1_048_576],
  stop_signal: [15, 9],
  stop_timeout: [1, 0],
  restart_policy: ["always", "no"],
  restart_tries: [3],
  resource_limits: [{ pids: { limit: 20 } }, { memory: { limit: 33_554_432 } }, {}],
  r_limits: [[{ type: "RLIMIT_NOFILE", hard: 100, soft: 50 }]],
  annotations: [{ "com.example.a": "b" }],
  sysctl: [{ "net.ipv4.ip_forward": "1" }],
  image_volume_mode: ["ignore", "tmpfs"],
  systemd: ["always", "false"],
  seccomp_profile_path: ["unconfined"],
  oom_score_adj: [100],
  umask: ["0027"],
  timezone: ["local"],
  unknown_field: [1, { a: [null] }],
};

const spelled = (key: string) =>
  array(integer({ min: 0, max: 7 }), { minLength: key.length, maxLength: key.length }).map((draws) =>
    key
      .split("")
      .map((letter, index) => {
        if (draws[index] === 0) return letter.toUpperCase();
        if (draws[index] === 1 && letter === "s") return "\u017F";
        if (draws[index] === 1 && letter === "k") return "\u212A";
        return letter;
      })
      .join(""),
  );

const bodies = subarray(Object.keys(FIELDS), { minLength: 1, maxLength: 9 })
  .chain((names) =>
    tuple(
      ...names.map((name) =>
        tuple(
          // What is not known has no other spelling.
          name === "unknown_field" ? constant(name) : oneof(constant(name), spelled(name)),
          oneof(
            { weight: 9, arbitrary: constantFrom(...(FIELDS[name] ?? [])) },
            { weight: 1, arbitrary: constant(null) },
          ),
        ),
      ),
    ),
  )
  .map((pairs) => JSON.stringify({ image: IMAGE, command: ["/bin/true"], ...Object.fromEntries(pairs) }));

/** What Podman says of a container, without what differs between two of the same: ids, and the order of Go's maps. */
async function inspected(id: string): Promise<unknown> {
  const all = await dockerJson<Record<string, unknown>>(
    podman.socketPath,
    "GET",
    `/v4.0.0/libpod/containers/${id}/json`,
  );
  const { Created: _, Name: name, State: __, ...rest } = all;
  const text = JSON.stringify(rest, (key, value: unknown) =>
    Array.isArray(value) && MADE_OF_MAPS.has(key)
      ? value.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : value,
  );
  const own = text.replaceAll(id, "ID").replaceAll(id.slice(0, 12), "ID").replaceAll(String(name), "NAME");
  // Names of anonymous volumes and of layers.
  return JSON.parse(own.replaceAll(/[0-9a-f]{64}/g, "HASH").replaceAll(/\/overlay\/[^"]*/g, "LAYER"));
}
const MADE_OF_MAPS = new Set(["Env", "Mounts", "Binds"]);

it("Podman makes the same container of the client's body and of what is sent instead", async () => {
  const seen = { made: 0, refusedByBoth: 0 };
  await assert(
    asyncProperty(bodies, async (text) => {
      const raw = await create(Buffer.from(text));
      const own = await create(readLibpodCreate(Buffer.from(text), HEAD).body([]));
      try {
        expect([own.status, own.id === "" ? own.text : ""]).toEqual([raw.status, raw.id === "" ? raw.text : ""]);
        seen[raw.id === "" ? "refusedByBoth" : "made"]++;
        expect(own.id && (await inspected(own.id))).toEqual(raw.id && (await inspected(raw.id)));
      } finally {
        await Promise.all([remove(raw.id), remove(own.id)]);
      }
    }),
    { numRuns: 300 },
  );
  expect(seen.made).toBeGreaterThan(200);
}, 600_000);
