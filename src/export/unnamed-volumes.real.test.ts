import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type DockerTools, dockerTools } from "../../test/support/docker-compose.ts";
import { dockerHttp } from "../../test/support/docker-http.ts";
import { type PrivateEngine, startPrivateEngine } from "../../test/support/private-engine.ts";
import { scratch, seeded, strategy, workload } from "../../test/support/strategy-samples.ts";
import { exportCompose } from "./compose.ts";
import { exportDocker } from "./docker.ts";

// Seeded and scratch mounts are volumes without a name: what becomes of them on a real engine, in an image without a shell.

let engine: PrivateEngine;
let tools: DockerTools;
let directory: string;

beforeAll(async () => {
  engine = await startPrivateEngine();
  tools = await dockerTools(engine);
  directory = mkdtempSync(join(tmpdir(), "petrify-export-"));
});
beforeEach(() => importBare("one"));
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await engine.stop();
});

/** An image of nothing but one program and its files: no shell, no cp. */
async function importBare(version: string): Promise<void> {
  const tar = execFileSync(
    "sh",
    [
      "-euc",
      `cd "$(mktemp -d)"; mkdir -p bin etc/app var/cache/app; cp "$1" bin/busybox; ln -s busybox bin/sleep
       echo ${version} > etc/app/version; chown -R 1000:1001 etc/app var/cache/app; chmod 2750 etc/app; chmod 1770 var/cache/app
       tar -c .; rm -r "$PWD"`,
      "sh",
      tools.busybox,
    ],
    { maxBuffer: 2 ** 26 },
  );
  const path = "/images/create?fromSrc=-&repo=petrify-export-bare&tag=1";
  const { status, text } = await dockerHttp(engine.socketPath, "POST", path, tar);
  if (status !== 200) throw new Error(text);
}

const BARE = strategy(
  [
    seeded("/etc/app", { uid: 1000, gid: 1001, mode: 0o2750 }),
    scratch("/var/cache/app", { uid: 1000, gid: 1001, mode: 0o1770 }),
  ],
  {
    workload: workload({
      name: "bare",
      image: "petrify-export-bare:1",
      user: "1000:1001",
      command: ["/bin/sleep", "600"],
      network: "none",
      stopTimeoutSeconds: 0,
    }),
  },
);
const busybox = (container: string, ...args: string[]) => tools.docker("exec", container, "/bin/busybox", ...args);
const volumes = () => tools.docker("volume", "ls", "--quiet").split("\n").filter(Boolean);

function expectForgetful(container: string): void {
  expect(busybox(container, "stat", "-c", "%n %a %u %g", "/etc/app", "/etc/app/version", "/var/cache/app")).toBe(
    "/etc/app 2750 1000 1001\n/etc/app/version 644 1000 1001\n/var/cache/app 1770 1000 1001\n",
  );
  expect(busybox(container, "ls", "/etc/app", "/var/cache/app")).not.toContain("written");
  for (const place of ["/etc/app", "/var/cache/app"]) busybox(container, "touch", `${place}/written`);
  expect(() => busybox(container, "touch", "/etc/x")).toThrow(/Read-only file system/);
}

test("docker run: a new container starts with its image's content, and nothing is left of the old one", async () => {
  const before = volumes();
  const script = exportDocker(BARE).text.replace("docker run", "docker run --detach");
  try {
    tools.shell(script);
    expectForgetful("bare");
    expect(busybox("bare", "cat", "/etc/app/version")).toBe("one\n");
    tools.docker("rm", "--force", "--volumes", "bare");
    expect(volumes()).toEqual(before);
    await importBare("two");
    tools.shell(script);
    expectForgetful("bare");
    expect(busybox("bare", "cat", "/etc/app/version")).toBe("two\n");
  } finally {
    tools.docker("rm", "--force", "--volumes", "bare");
  }
});

test("Compose hands them on to the container that replaces one, unless -V says otherwise", async () => {
  const before = volumes();
  const file = join(directory, "bare.yaml");
  writeFileSync(file, exportCompose(BARE).text);
  const compose = (...args: string[]) => tools.compose(directory, "-p", "petrify-bare", "-f", file, ...args);
  const container = "petrify-bare_bare_1";
  try {
    compose("up", "--detach");
    expectForgetful(container);
    await importBare("two");
    compose("up", "--detach");
    expect(busybox(container, "cat", "/etc/app/version")).toBe("one\n");
    expect(busybox(container, "ls", "/etc/app", "/var/cache/app").match(/written/g)).toHaveLength(2);
    compose("up", "--detach", "--force-recreate", "--renew-anon-volumes");
    expectForgetful(container);
    expect(busybox(container, "cat", "/etc/app/version")).toBe("two\n");
  } finally {
    compose("down", "--volumes");
    // docker-compose 1.29 forgets the two that -V replaced.
    tools.docker("volume", "rm", ...volumes().filter((volume) => !before.includes(volume)));
  }
});
