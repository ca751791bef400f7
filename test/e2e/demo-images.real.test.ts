import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureImage } from "../../demo/images/build.ts";
import type { ImageRecipe } from "../../demo/images/recipe.ts";
import { plainWorkload } from "../../demo/workloads.ts";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { newSessionId } from "../../src/engine/sessions.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";

/** A base built on a busy machine, from a slow mirror. */
const BUILD_TIMEOUT_MS = 300_000;

const SHOW = `
test -e /etc/issue && echo issue is there
ls -A /etc/update-motd.d /etc/opt
cat /etc/petrify-kept
stat -c '%a %u %g' /srv/state
readlink /srv/link
getent passwd games || echo no games`;

const CHANGES: ImageRecipe = {
  name: "layer-test",
  base: "debian",
  packages: [],
  setup: `
    rm /etc/issue
    rm -rf /etc/update-motd.d; mkdir /etc/update-motd.d; touch /etc/update-motd.d/new
    mkdir -p /etc/opt; touch /etc/opt/gone; rm /etc/opt/gone
    echo kept >/etc/petrify-kept
    sed -i /games/d /etc/passwd`,
  files: {
    "/srv/state": { directory: true, mode: 0o2770, uid: 12, gid: 34 },
    "/srv/link": { linkTo: "state" },
  },
  run: () => ({ command: ["/bin/sh", "-c", SHOW] }),
  deviations: [],
};

describe("images from packages", () => {
  let shared: PrivateEngine;
  let engine: Engine;
  beforeAll(async () => {
    shared = await startPrivateEngine();
    engine = await startEmbeddedEngine({ cacheDir: shared.cacheDir });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await shared.stop();
  });

  test("a layer deletes, replaces and adds what its recipe says", { timeout: BUILD_TIMEOUT_MS }, async () => {
    const reference = await ensureImage(engine, CHANGES, { onProgress: () => {} });
    await using stack = new AsyncDisposableStack();
    stack.defer(() => engine.removeImage(reference));
    const container = await engine.createContainer({
      workload: plainWorkload("layer-test", reference),
      name: `petrify-layer-test-${process.pid}`,
      session: newSessionId(),
      readOnlyRoot: false,
      tmpfs: {},
      volumes: [],
      binds: [],
      publishPorts: false,
      autoRemove: false,
    });
    stack.defer(() => container.remove());
    await container.start();
    await container.wait();
    expect((await container.logs(50)).trim().split("\n")).toEqual([
      "/etc/opt:",
      "",
      "/etc/update-motd.d:",
      "new",
      "kept",
      "2770 12 34",
      "state",
      "no games",
    ]);
  });

  test("an image that the engine has is not built again", async () => {
    const told: string[] = [];
    const reference = await ensureImage(engine, CHANGES, { onProgress: () => {} });
    await using stack = new AsyncDisposableStack();
    stack.defer(() => engine.removeImage(reference));
    expect(await ensureImage(engine, CHANGES, { onProgress: (line) => told.push(line) })).toBe(reference);
    expect(told).toEqual([]);
  });
});

describe("a build that cannot succeed", () => {
  const child = join(import.meta.dirname, "images/build-child.ts");
  let cache: string;
  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), "petrify-images-"));
  });
  afterAll(async () => {
    await rm(cache, { recursive: true, force: true });
  });
  /** Runs shell text that ends in `"$@"`, the build. */
  const build = (recipe: string, around: string): ChildProcess =>
    spawn("unshare", ["--mount", "--net", "sh", "-c", around, "sh", process.execPath, child, recipe], {
      env: { ...process.env, PETRIFY_CACHE: cache },
      stdio: ["ignore", "pipe", "inherit"],
    });
  test("names the network", async () => {
    expect(await outcome(build("busybox", 'exec "$@"'))).toMatchObject({
      code: "E_IO",
      message: expect.stringContaining("mirror cannot be reached"),
      hint: expect.stringContaining("apt-get update"),
    });
  });

  test("names the full disk", async () => {
    const full =
      'mount -t tmpfs -o size=64k tmpfs "$PETRIFY_CACHE" && mkdir "$PETRIFY_CACHE/images" && dd if=/dev/zero of="$PETRIFY_CACHE/filler" 2>/dev/null; exec "$@"';
    expect(await outcome(build("busybox", full))).toMatchObject({
      code: "E_DISK_FULL",
      hint: expect.stringContaining("PETRIFY_CACHE"),
    });
  });

  test("leaves no process and no mount when it is killed, and its work folder goes with the next build", async () => {
    const builder = spawn(process.execPath, [child, "debian"], {
      env: { ...process.env, PETRIFY_CACHE: cache },
      stdio: "ignore",
    });
    const work = join(cache, "images", `work-${builder.pid}`);
    while ((await processesNaming(work)) === 0) await delay(50);
    builder.kill("SIGKILL");
    await once(builder, "exit");
    const giveUpAt = Date.now() + 10_000;
    while ((await processesNaming(work)) > 0 && Date.now() < giveUpAt) await delay(50);
    expect(await processesNaming(work)).toBe(0);
    expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(cache);

    await outcome(build("busybox", 'exec "$@"'));
    expect(await readdir(join(cache, "images"))).not.toContain(`work-${builder.pid}`);
  });
});

/** What the build printed: its error. */
async function outcome(build: ChildProcess): Promise<unknown> {
  let text = "";
  build.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await once(build, "close");
  return JSON.parse(text);
}

async function processesNaming(text: string): Promise<number> {
  let count = 0;
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (commandLine.includes(text)) count++;
  }
  return count;
}
