import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { SAMPLES, bind, deny, scratch, seeded, strategy, tmpfs, volume } from "../../test/support/strategy-samples.ts";
import { PetrifyError } from "../model/errors.ts";
import type { Strategy, StrategyEntry } from "../model/strategy.ts";
import { exportCompose } from "./compose.ts";
import { exportDocker } from "./docker.ts";

/** What a target makes of an entry: the words it writes, or a pattern of the reason why it cannot. */
type Outcome = unknown;
const COLON = expect.stringMatching(/^unsupported: .*\/a:b.*colon/);

// Each row states every target's exact output: a target that was forgotten cannot go unnoticed.
const ROWS: readonly (readonly [name: string, entry: StrategyEntry, docker: Outcome, compose: Outcome])[] = [
  [
    "tmpfs",
    tmpfs("/run"),
    "--tmpfs /run:rw,nosuid,nodev,noexec,size=1m,mode=0755,uid=0,gid=0",
    "tmpfs: /run:rw,nosuid,nodev,noexec,size=1m,mode=0755,uid=0,gid=0",
  ],
  [
    "tmpfs with owner, exec, odd size",
    tmpfs("/t", { uid: 33, gid: 4, mode: 0o1777, exec: true, sizeBytes: 1025 }),
    "--tmpfs /t:rw,nosuid,nodev,exec,size=1025,mode=1777,uid=33,gid=4",
    "tmpfs: /t:rw,nosuid,nodev,exec,size=1025,mode=1777,uid=33,gid=4",
  ],
  [
    "tmpfs with a comma",
    tmpfs("/a,b", { sizeBytes: 2 ** 31 }),
    "--tmpfs /a,b:rw,nosuid,nodev,noexec,size=2g,mode=0755,uid=0,gid=0",
    "tmpfs: /a,b:rw,nosuid,nodev,noexec,size=2g,mode=0755,uid=0,gid=0",
  ],
  ["tmpfs with a colon", tmpfs("/a:b"), COLON, COLON],
  [
    "volume",
    volume("/var/lib/x"),
    "--volume app_var-lib-x:/var/lib/x",
    "volumes: app_var-lib-x:/var/lib/x\ntop: {app_var-lib-x: {}}",
  ],
  [
    "volume, seeded",
    volume("/etc/x", { seeded: true }),
    "--volume app_etc-x:/etc/x",
    "volumes: app_etc-x:/etc/x\ntop: {app_etc-x: {}}",
  ],
  ["seeded", seeded("/etc/x"), "--volume /etc/x", "volumes: /etc/x"],
  ["scratch", scratch("/var/cache/x"), "--volume /var/cache/x", "volumes: /var/cache/x"],
  ["seeded with a colon", seeded("/a:b"), "--mount type=volume,target=/a:b", "volumes: {type: volume, target: /a:b}"],
  [
    "volume, given",
    volume("/d", { source: "mine", reason: "given" }),
    "--volume mine:/d",
    "volumes: mine:/d\ntop: {mine: {name: mine}}",
  ],
  [
    "volume with driver",
    volume("/d", { driver: "nfs", options: { o: "addr=a,rw" } }),
    `--mount 'type=volume,source=app_d,target=/d,volume-driver=nfs,"volume-opt=o=addr=a,rw"'`,
    "volumes: app_d:/d\ntop: {app_d: {driver: nfs, driver_opts: {o: addr=a,rw}}}",
  ],
  [
    "volume with a colon",
    volume("/a:b"),
    "--mount type=volume,source=app_a.3ab,target=/a:b",
    "volumes: {type: volume, source: app_a.3ab, target: /a:b}\ntop: {app_a.3ab: {}}",
  ],
  ["bind", bind("/d"), "--volume /srv/app:/d", "volumes: /srv/app:/d"],
  ["bind, read-only", bind("/d", { readOnly: true }), "--volume /srv/app:/d:ro", "volumes: /srv/app:/d:ro"],
  [
    "bind with a colon",
    bind("/d", { source: "/a:b", readOnly: true }),
    "--mount type=bind,source=/a:b,target=/d,readonly",
    "volumes: {type: bind, source: /a:b, target: /d, read_only: true}",
  ],
  ["deny", deny("/etc/x"), "", ""],
];

describe.each(ROWS)("%s", (_, entry, docker, compose) => {
  test("docker", () => {
    expect(attempt(() => dockerMounts(strategy([entry])))).toEqual(docker);
  });
  test("compose", () => {
    expect(attempt(() => composeMountText(strategy([entry])))).toEqual(compose);
  });
});

test("single read-only paths in a writable root are refused: no target has words for them", () => {
  for (const target of [exportDocker, exportCompose])
    expect(() => target(strategy([], { readOnlyPaths: ["/etc"] }))).toThrow(
      expect.objectContaining({ code: "E_EXPORT_UNSUPPORTED", message: expect.stringContaining("/etc") as string }),
    );
});

test("a denied path is not written, and said", () => {
  for (const target of [exportDocker, exportCompose])
    expect(target(strategy([deny("/etc/x")])).notes).toEqual([
      "Denied on purpose, by the read-only root itself: /etc/x.",
    ]);
});

test("what Docker and Compose cannot do for volumes without a name is said", () => {
  const subject = strategy([seeded("/etc/x"), scratch("/var/cache/x", { exec: true, sizeBytes: 2 ** 30 })]);
  const both = [
    "Docker does not hold a volume to a size: nothing bounds /etc/x (1MiB), /var/cache/x (1GiB).",
    "Docker lets code in a volume be run: also in /etc/x.",
  ];
  expect(exportDocker(subject).notes).toEqual([
    ...both,
    "Start it with --rm, or remove it with docker rm -v: the volumes at /etc/x, /var/cache/x would stay.",
  ]);
  expect(exportCompose(subject).notes).toEqual([
    ...both,
    expect.stringMatching(/^Compose hands on \/etc\/x, \/var\/cache\/x from a container .*-V/) as string,
  ]);
});

test("a bind with an SELinux label and a colon cannot be said", () => {
  const { workload } = strategy([]);
  const mounts = [{ type: "bind", source: "/a:b", target: "/d", readOnly: false, options: "z" }] as const;
  for (const target of [exportDocker, exportCompose])
    expect(() => target(strategy([bind("/d", { source: "/a:b" })], { workload: { ...workload, mounts } }))).toThrow(
      /SELinux option 'z'.*\/d/,
    );
});

describe.each(Object.entries(SAMPLES))("golden files of %s", (name, sample) => {
  test("docker", async () => {
    await expect(rendered(exportDocker(sample))).toMatchFileSnapshot(`../../test/fixtures/export/${name}.docker.sh`);
  });
  test("compose", async () => {
    await expect(rendered(exportCompose(sample))).toMatchFileSnapshot(
      `../../test/fixtures/export/${name}.compose.yaml`,
    );
  });
});

function rendered({ text, notes }: { readonly text: string; readonly notes: readonly string[] }): string {
  return `${text}${notes.map((note) => `# note: ${note}\n`).join("")}`;
}

/** What a target wrote, or `unsupported:` with its reason. */
function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof PetrifyError && error.code === "E_EXPORT_UNSUPPORTED") return `unsupported: ${error.message}`;
    throw error;
  }
}

function dockerMounts(subject: Strategy): string {
  const lines = exportDocker(subject).text.split(" \\\n  ");
  return lines.filter((line) => /^--(tmpfs|volume|mount)/.test(line)).join("\n");
}

function composeMountText(subject: Strategy): string {
  const file = parse(exportCompose(subject).text) as ComposeFile;
  const { tmpfs: temporary = [], volumes = [] } = file.services[subject.name] ?? {};
  return [
    ...temporary.map((item) => `tmpfs: ${item}`),
    ...volumes.map((item) => `volumes: ${inline(item)}`),
    ...(file.volumes === undefined ? [] : [`top: ${inline(file.volumes)}`]),
  ].join("\n");
}

type Item = string | boolean | null | { readonly [key: string]: Item };
interface ComposeFile {
  readonly services: Readonly<Record<string, { readonly tmpfs?: string[]; readonly volumes?: Item[] }>>;
  readonly volumes?: Item;
}

function inline(value: Item): string {
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  return `{${Object.entries(value ?? {})
    .map(([key, item]) => `${key}: ${inline(item)}`)
    .join(", ")}}`;
}
