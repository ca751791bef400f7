import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureImage } from "../../demo/images/build.ts";
import { DEBIAN } from "../../demo/images/recipes.ts";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import { GuardedDocker, type Ran } from "../support/guarded-docker.ts";
import { importImages } from "../support/loop-images.ts";
import { smallDeb } from "./guard-clients/deb.ts";
import { ENFORCING, guidePolicy } from "./guard-clients/policies.ts";
import type { TestcontainersResult } from "./guard-clients/testcontainers.ts";

/** The base is built, when no cache has it. */
const SET_UP_TIMEOUT_MS = 600_000;
const BUSYBOX = "petrify-guarded:1";
/** Writes to its root and to the template's directories, and says what became of it. */
const WRITES = "for d in /etc /run /tmp /var/tmp; do echo x >$d/x && echo wrote $d; done";
const WROTE = ["wrote /run", "wrote /tmp", "wrote /var/tmp"];
const TESTCONTAINERS = "test/e2e/guard-clients/testcontainers.ts";

let guarded: GuardedDocker;
let debian: string;
beforeAll(async () => {
  guarded = await GuardedDocker.open();
  await importImages(guarded.engine.cacheDir, [{ reference: BUSYBOX, arrange: "mkdir -p var/tmp" }]);
  await using store = await startEmbeddedEngine({ cacheDir: guarded.engine.cacheDir });
  debian = await ensureImage(store, DEBIAN, { onProgress: () => {} });
  await guarded.start(ENFORCING);
}, SET_UP_TIMEOUT_MS);
afterAll(() => guarded.close());

describe("a container is read-only and has the template's directories when it is made by", () => {
  test("docker", () => {
    const { status, stdout, stderr } = guarded.docker("run", "--rm", BUSYBOX, "sh", "-c", WRITES);
    expect({ status, wrote: stdout.trim().split("\n") }).toEqual({ status: 0, wrote: WROTE });
    expect(stderr).toContain("can't create /etc/x: Read-only file system");
  });

  test("docker, from an image that BuildKit has built through the guard", () => {
    const context = join(guarded.folder, "context");
    mkdirSync(context);
    writeFileSync(join(context, "Dockerfile"), `FROM ${BUSYBOX}\nRUN echo built >/built\nCOPY large /large\n`);
    writeFileSync(join(context, "large"), Buffer.alloc(8 << 20, 1));
    // The client keeps a file in its home.
    const build = [
      "env",
      "DOCKER_BUILDKIT=1",
      `HOME=${guarded.folder}`,
      "docker",
      "build",
      "--no-cache",
      "-t",
      "petrify-built:1",
      context,
    ] as const;
    expect(guarded.run(...build)).toMatchObject({ status: 0 });
    const script = "cat /built; wc -c </large; echo x >/built";
    const { stdout, stderr } = guarded.docker("run", "--rm", "petrify-built:1", "sh", "-c", script);
    expect(stdout).toBe(`built\n${8 << 20}\n`);
    expect(stderr).toContain("Read-only file system");
    guarded.docker("rmi", "petrify-built:1");
  });

  test("docker-compose, whose services stay manageable", () => {
    const project = join(guarded.folder, "shop");
    mkdirSync(project);
    const file = join(project, "docker-compose.yaml");
    const script = `${WRITES.replaceAll("$", "$$$$")}; echo up; trap "exit 0" TERM; while :; do sleep 1000 & wait; done`;
    writeFileSync(
      file,
      `version: "2.4"
services:
  web:
    image: ${BUSYBOX}
    command: ["sh", "-c", ${JSON.stringify(script)}]
    ports: ["127.0.0.1::80"]
    volumes: ["state:/srv"]
  job:
    image: ${BUSYBOX}
    command: ["sh", "-c", "echo kept >>/srv/file; cat /srv/file"]
    volumes: ["state:/srv"]
volumes: { state: {} }
`,
    );
    const compose = (...args: readonly string[]): Ran => guarded.run("docker-compose", "-f", file, ...args);
    expect(compose("up", "-d", "web")).toMatchObject({ status: 0 });
    const write = compose("exec", "-T", "web", "touch", "/etc/x");
    expect(write.status).toBe(1);
    expect(write.stdout + write.stderr).toContain("/etc/x: Read-only file system");
    expect(compose("run", "--rm", "job")).toMatchObject({ status: 0, stdout: "kept\n" });
    expect(compose("logs", "--no-color", "web").stdout).toContain("wrote /var/tmp");
    expect(compose("restart", "-t", "20", "web")).toMatchObject({ status: 0 });
    expect(compose("up", "-d", "--force-recreate", "web")).toMatchObject({ status: 0 });
    expect(compose("ps", "-q", "web").stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(compose("down", "-v")).toMatchObject({ status: 0 });
  });

  test("dockerode, whose streams go both ways", async () => {
    const client = new Docker({ socketPath: guarded.guard.socketPath });
    const output = new PassThrough();
    const shown = text(output);
    const [{ StatusCode }, container] = (await client.run(BUSYBOX, ["sh", "-c", WRITES], output)) as [
      { StatusCode: number },
      Docker.Container,
    ];
    output.end();
    expect(StatusCode).toBe(0);
    for (const line of [...WROTE, "Read-only file system"]) expect(await shown).toContain(line);
    await container.remove();

    const cat = await client.createContainer({ Image: BUSYBOX, Cmd: ["cat"], OpenStdin: true, StdinOnce: true });
    const stream = await cat.attach({ stream: true, hijack: true, stdin: true, stdout: true });
    await cat.start();
    const echoed = new PassThrough();
    client.modem.demuxStream(stream, echoed, echoed);
    stream.on("end", () => echoed.end());
    stream.end("through the guard");
    expect(await text(echoed)).toBe("through the guard");
    await cat.remove({ force: true });
  });

  test("testcontainers, with its waiting, exec, logs and restart; copying into it says what to do instead", () => {
    const { status, stdout, stderr } = guarded.program(TESTCONTAINERS, [BUSYBOX], {
      TESTCONTAINERS_RYUK_DISABLED: "true",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const result = JSON.parse(stdout) as TestcontainersResult;
    expect(result.exec).toEqual({ exitCode: 3, output: "from exec\n" });
    expect(result.write.exitCode).toBe(1);
    expect(result.write.output).toContain("/etc/x: Read-only file system");
    expect([result.page, result.restarted]).toEqual(["page\n", "page\n"]);
    expect(result.logs).toMatch(/ready\n[\s\S]*ending\n/);
    for (const refusal of [result.copyRefused, result.copyBeforeStartRefused]) expect(refusal).toContain("read-only");
  });
});

test("docker cp into a container says who made it read-only, and what to do instead", () => {
  writeFileSync(join(guarded.folder, "file"), "content\n");
  expect(guarded.docker("run", "-d", "--name", "cp", BUSYBOX, "sleep", "1000")).toMatchObject({ status: 0 });
  const { status, stderr } = guarded.docker("cp", "file", "cp:/srv/file");
  expect(status).toBe(1);
  expect(stderr).toContain("policy clients");
  const printed = /tar -c FILE \| docker exec -i cp tar -xC \S+(?=\.)/.exec(stderr)?.[0] ?? "false";
  expect(guarded.run("sh", "-c", printed.replace("FILE", "file"))).toMatchObject({ status: 0 });
  guarded.docker("rm", "-f", "cp");
});

test("testcontainers is told that its removal, Ryuk, may not have the engine's socket", () => {
  guarded.direct.docker("tag", BUSYBOX, "testcontainers/ryuk:petrify");
  const { status, stderr } = guarded.program(TESTCONTAINERS, [BUSYBOX], {
    RYUK_CONTAINER_IMAGE: "testcontainers/ryuk:petrify",
  });
  guarded.direct.docker("rmi", "testcontainers/ryuk:petrify");
  expect(status).toBe(1);
  expect(stderr).toContain(`'${guarded.guard.socketPath}'`);
  expect(stderr).toContain("policy clients");
});

const INSTALL = "apt-get -qq install -y /deb/greeting.deb && cat /usr/share/greeting/text";
/** In a Debian container that sees the package. */
function inDebian(script: string): readonly string[] {
  return ["run", "--rm", "-v", `${guarded.folder}:/deb:ro`, debian, "sh", "-c", script];
}

const replaceGuard = async (policy: string): Promise<void> => {
  await guarded.guard.stop();
  await guarded.start(policy);
};

describe("the guide: installing a local package in a Debian container", () => {
  beforeAll(async () => {
    smallDeb(guarded.folder);
    await replaceGuard(guidePolicy());
  });

  test.for([
    [INSTALL, "read only lock file /var/lib/dpkg/lock"],
    ["dpkg -i /deb/greeting.deb", "database directory /var/lib/dpkg: Read-only file system"],
    ["apt-get update", "/var/lib/apt/lists/partial is missing. - Acquire (30: Read-only file system)"],
  ] as const)("`%s` fails, as what is below /var is read-only", ([script, message]) => {
    const { status, stdout, stderr } = guarded.docker(...inDebian(script));
    expect(status).not.toBe(0);
    expect(stdout + stderr).toContain(message);
  });

  test("works without the guard", () => {
    expect(guarded.direct.docker(...inDebian(INSTALL))).toContain("hello\n");
  });

  test("works with a policy that only watches, and is refused again with one that enforces", async () => {
    await replaceGuard(guidePolicy().replace("mode: enforce", "mode: audit"));
    expect(guarded.docker(...inDebian(INSTALL))).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("hello\n") as string,
    });
    await replaceGuard(guidePolicy());
    expect(guarded.docker(...inDebian(INSTALL)).status).not.toBe(0);
  });
});
