import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DockerTools, dockerTools } from "../../test/support/docker-compose.ts";
import { busyboxTar, dockerHttp } from "../../test/support/docker-http.ts";
import { type PrivateEngine, startPrivateEngine } from "../../test/support/private-engine.ts";
import { SAMPLES, strategy, tmpfs, volume, workload } from "../../test/support/strategy-samples.ts";
import { exportCompose } from "./compose.ts";
import { spliceCompose } from "./compose-splice.ts";
import { exportDocker } from "./docker.ts";
import { exportTo } from "./targets.ts";

const IMAGE = "petrify-export-test:1";
const SCRIPT = 'echo "$$" > /run/app.pid; echo started >> /data/state; exec sleep 600';
/** Writes a pid file and keeps a state, as real servers do. */
const APP = strategy(
  [
    tmpfs("/run", { why: "Its pid file.", uid: 1000, gid: 1001, mode: 0o770, sizeBytes: 2 ** 16 }),
    tmpfs("/tmp", { why: "It runs what it unpacks.", exec: true, mode: 0o1777 }),
    volume("/data", { why: "Its state." }),
    volume("/part", { why: "Of a driver.", options: { type: "tmpfs", device: "tmpfs", o: "size=2m,mode=0750" } }),
  ],
  {
    fits: { repositories: ["docker.io/library/petrify-export-test"] },
    workload: workload({
      name: "app",
      image: IMAGE,
      command: ["sh", "-c", SCRIPT],
      network: "none",
      stopTimeoutSeconds: 0,
    }),
  },
);

let engine: PrivateEngine;
let tools: DockerTools;
let directory: string;
let dataDir: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "petrify-export-"));
  dataDir = join(directory, "data");
  mkdirSync(join(dataDir, "app_data"), { recursive: true });
  engine = await startPrivateEngine();
  tools = await dockerTools(engine);
  inEngine("mount", "-o", "bind,noexec,nosuid,nodev", dataDir, dataDir);
  const { status, text } = await dockerHttp(
    engine.socketPath,
    "POST",
    "/images/create?fromSrc=-&repo=petrify-export-test&tag=1",
    busyboxTar(tools.busybox),
  );
  if (status !== 200) throw new Error(text);
});

afterAll(async () => {
  inEngine("umount", dataDir);
  await engine.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Among the engine's mounts, which are not the host's here. */
function inEngine(...command: readonly string[]): void {
  execFileSync("nsenter", ["-t", String(engine.pid), "-m", ...command]);
}

function composeFile(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

/** What docker-compose makes of a file, with the `$$` that it prints for `$`. */
function composeReads(file: string): ComposeConfig {
  return tools.readYaml(tools.compose(directory, "-f", file, "config")) as ComposeConfig;
}
interface ComposeConfig {
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** The container is read-only where the strategy says nothing, and has what it says. */
function expectStrategy(container: string): void {
  const inside = (script: string) => tools.docker("exec", container, "sh", "-c", script);
  expect(tools.docker("inspect", "--format", "{{.HostConfig.ReadonlyRootfs}}", container).trim()).toBe("true");
  expect(inside("touch /etc/x 2>&1; touch /bin/x 2>&1; true").match(/Read-only file system/g)).toHaveLength(2);
  expect(inside("stat -c %u:%g /run").trim()).toBe("1000:1001");
  const mounts = inside("cat /proc/mounts").split("\n");
  expect(mounts).toContainEqual(expect.stringMatching(/^tmpfs \/run tmpfs rw,nosuid,nodev,noexec.*size=64k/));
  expect(mounts).toContainEqual(expect.stringMatching(/^tmpfs \/tmp tmpfs rw,nosuid,nodev,relatime.*size=1024k/));
  expect(mounts).toContainEqual(expect.stringMatching(/^tmpfs \/part tmpfs rw,.*size=2048k,mode=750/));
  expect(inside("cat /run/app.pid").trim()).toBe("1");
}

function stateOf(container: string): string[] {
  return tools.docker("exec", container, "cat", "/data/state").trim().split("\n");
}

test("the exported command line starts the workload read-only, and its state outlives the container", () => {
  const script = exportDocker(APP).text.replace("docker run", "docker run --detach");
  try {
    tools.shell(script);
    expectStrategy("app");
    tools.docker("rm", "--force", "app");
    tools.shell(script);
    expect(stateOf("app")).toEqual(["started", "started"]);
  } finally {
    tools.docker("rm", "--force", "app");
    tools.docker("volume", "rm", "app_data", "app_part");
  }
});

test.each([
  ["noexec", "a data directory that is mounted so", undefined, /Permission denied/],
  ["exec", "the option of Docker's local driver, which leaves it out", "bind,noexec,nosuid,nodev", /^ran\n$/],
])("volumes are %s by %s", (_flag, _way, o, expected) => {
  const plain = exportTo("docker", APP, { dataDir }).text.replace("docker run", "docker run --detach");
  // Outside of the mounted directory nothing but the option could forbid it.
  const elsewhere = join(directory, "elsewhere");
  mkdirSync(elsewhere, { recursive: true });
  const script =
    o === undefined
      ? plain
      : plain
          .replace("volume-opt=o=bind", `"volume-opt=o=${o}"`)
          .replace(`device=${dataDir}/app_data`, `device=${elsewhere}`)
          .replace(/type=volume,source=app_data\S+/, "'$&'");
  try {
    tools.shell(script);
    tools.docker("rm", "--force", "app");
    tools.shell(script);
    expect(stateOf("app")).toEqual(["started", "started"]);
    const ran = tools.docker("exec", "app", "sh", "-c", "cp /bin/sh /data/sh; /data/sh -c 'echo ran' 2>&1; true");
    expect(ran).toMatch(expected);
  } finally {
    tools.docker("rm", "--force", "app");
    tools.docker("volume", "rm", "app_data", "app_part");
  }
});

test("the exported Compose file starts it read-only, and its state outlives the container", () => {
  const file = composeFile("new.yaml", exportCompose(APP).text);
  const compose = (...args: string[]) => tools.compose(directory, "-p", "petrify-new", "-f", file, ...args);
  try {
    compose("up", "--detach");
    expectStrategy("petrify-new_app_1");
    compose("down");
    compose("up", "--detach");
    expect(stateOf("petrify-new_app_1")).toEqual(["started", "started"]);
  } finally {
    compose("down", "--volumes");
  }
});

describe("an existing Compose file", () => {
  const BEFORE = `# ours
x-common: &common
  network_mode: none
  stop_grace_period: 0s
services:
    web:
        <<: *common
        image: ${IMAGE}
        command: [sh, -c, 'echo "$$$$" > /run/app.pid; echo started >> /data/state; exec sleep 600']
        tmpfs: /scratch
        volumes: # kept
        - conf:/etc/conf:ro
    other: {<<: *common, image: ${IMAGE}, command: [sleep, "600"]}
volumes: {conf: {}}
`;

  test("means the same to docker-compose but for the mounts of the one service", () => {
    const before = composeReads(composeFile("before.yaml", BEFORE));
    const after = composeReads(composeFile("after.yaml", spliceCompose(BEFORE, APP, { service: "web" }).text));
    const { read_only, tmpfs: temporary, volumes, ...same } = after.services["web"] ?? {};
    const { tmpfs: _tmpfs, volumes: _volumes, ...expected } = before.services["web"] ?? {};
    expect(same).toEqual(expected);
    expect(after.services["other"]).toEqual(before.services["other"]);
    expect({ read_only, temporary, volumes, top: after.volumes }).toEqual({
      read_only: true,
      temporary: [
        "/scratch",
        "/run:rw,nosuid,nodev,noexec,size=64k,mode=0770,uid=1000,gid=1001",
        "/tmp:rw,nosuid,nodev,exec,size=1m,mode=1777,uid=0,gid=0",
      ],
      volumes: ["conf:/etc/conf:ro", "app_data:/data:rw", "app_part:/part:rw"],
      top: {
        conf: {},
        app_data: {},
        app_part: { driver_opts: { type: "tmpfs", device: "tmpfs", o: "size=2m,mode=0750" } },
      },
    });
  });

  test("starts the service read-only", () => {
    const file = composeFile("spliced.yaml", spliceCompose(BEFORE, APP, { service: "web" }).text);
    const compose = (...args: string[]) => tools.compose(directory, "-p", "petrify-old", "-f", file, ...args);
    try {
      compose("up", "--detach");
      expectStrategy("petrify-old_web_1");
      expect(tools.docker("exec", "petrify-old_other_1", "touch", "/still-writable")).toBe("");
    } finally {
      compose("down", "--volumes");
    }
  });
});

test.each(Object.entries(SAMPLES))("docker-compose reads the golden file of %s as it is meant", (name, sample) => {
  const service = composeReads(composeFile(`${name}.yaml`, exportCompose(sample).text)).services[name];
  const { command = [], labels } = sample.workload;
  expect(service).toMatchObject({ image: sample.workload.image, read_only: true });
  expect(service?.["command"] ?? []).toEqual(command.map(escapeDollar));
  expect(service?.["labels"] ?? {}).toEqual(mapValues(labels, escapeDollar));
});

test("docker-compose's reader, whose YAML is 1.1, takes hostile texts as they are", () => {
  const texts = [
    "no",
    "1e3",
    "022",
    "22:22",
    "2001-01-01",
    "~",
    "=",
    "<<",
    "a: b",
    "# x",
    "'",
    '"',
    "\\",
    "$",
    "${X}",
    "$$",
  ];
  const more = [
    "\u0085",
    "\u2028",
    "\uFEFF",
    "\u007F",
    "a\nb",
    " a ",
    "\t",
    "é",
    "🚀",
    "- x",
    "!x",
    "&x",
    "*x",
    "|",
    "%x",
    "",
  ];
  const labels = Object.fromEntries([...texts, ...more].map((text, index) => [`l${index}`, text]));
  const subject = strategy([], { workload: workload({ labels, command: [...texts, ...more] }) });
  const service = (tools.readYaml(exportCompose(subject).text) as ComposeConfig).services["app"];
  expect(service?.["labels"]).toEqual(mapValues(labels, escapeDollar));
  expect(service?.["command"]).toEqual([...texts, ...more].map(escapeDollar));
});

function escapeDollar(text: string): string {
  return text.replaceAll("$", "$$$$");
}

function mapValues(map: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
