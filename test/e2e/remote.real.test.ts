import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readProfile } from "../../src/learn/profile-file.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { formatStrategy, parseStrategy } from "../../src/strategy/file.ts";
import type { CliResult } from "../support/cli.ts";
import { dockerJson } from "../support/docker-http.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { startPetrify } from "../support/running-petrify.ts";
import { startTlsProxy, type TlsProxy } from "../support/tls-proxy.ts";

const NAME = "petrify-remote";
const IMAGE = `${NAME}:1`;
/** It is up when it listens, which takes a while. */
const WRITES =
  "cat /srv/app/state; echo state >> /srv/app/state; echo 1 > /run/pid; sleep 1; mkdir -p /tmp/www; echo up > /tmp/www/index.html; httpd -p 8080 -h /tmp/www";
const TEST = ["--exec", "cat /srv/app/state && wget -qO- http://127.0.0.1:8080/"];

const folder = mkdtempSync(join(tmpdir(), "remote-test-"));
let engine: PrivateEngine;
let proxy: TlsProxy;

beforeAll(async () => {
  engine = await startPrivateEngine();
  proxy = await startTlsProxy(engine.socketPath);
  const changes = [service(WRITES), "EXPOSE 8080"];
  await importImages(engine.cacheDir, [{ reference: IMAGE, arrange: "mkdir -p srv/app", changes }]);
});
afterAll(async () => {
  await proxy.close();
  await engine.stop();
  rmSync(folder, { recursive: true });
});

/** With the engine behind TLS, which this process serves: so nothing here may wait for it by standing still. */
function far(...args: string[]): Promise<CliResult> {
  const env = {
    DOCKER_HOST: `tcp://127.0.0.1:${proxy.port}`,
    DOCKER_TLS_VERIFY: "1",
    DOCKER_CERT_PATH: proxy.clientDirectory,
  };
  return startPetrify(args, { env, cwd: folder }).ended;
}
const strategyFile = join(folder, "out", `${NAME}.strategy.yaml`);

/** Names of what is on the engine. */
async function things(): Promise<readonly unknown[]> {
  const [containers, { Volumes }] = await Promise.all([
    dockerJson<{ Id: string }[]>(engine.socketPath, "GET", "/containers/json?all=1"),
    dockerJson<{ Volumes: { Name: string }[] | null }>(engine.socketPath, "GET", "/volumes"),
  ]);
  return [containers.map(({ Id }) => Id), (Volumes ?? []).map(({ Name }) => Name).toSorted()];
}

test("without a sensor for it learning is refused, and the hint names the one that there is", async () => {
  const { exitCode, stderr } = await far("learn", ...TEST, IMAGE);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/\[E_NOT_LOCAL\]\nhint: .*--sensor diff/);
});

test("by the engine's changes an image is learned there, once it listens, and the profile is never called complete", async () => {
  const before = await things();
  const { exitCode, stdout, stderr } = await far("learn", ...TEST, "--sensor", "diff", "--out", "out", IMAGE);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("remote") as string });
  expect(stdout).toContain("INCOMPLETE");
  const { entries, incomplete } = parseStrategy(readFileSync(strategyFile, "utf8"), strategyFile);
  expect(incomplete).toEqual([expect.stringContaining("came and went")]);
  expect(Object.fromEntries(entries.map(({ path, kind }) => [path, kind]))).toEqual({
    "/run": "tmpfs",
    "/srv/app": "volume",
    "/tmp": "tmpfs",
  });
  const { header } = await readProfile(join(folder, "out", `${NAME}.profile.ndjson.zst`));
  expect(header).toMatchObject({ sensor: "diff", coverage: { listening: ["8080/tcp"] } });
  expect(await things()).toEqual(before);
});

test("verify says by the test and the log whether it works there", async () => {
  const before = await things();
  const passed = await far("verify", "--sensor", "diff", strategyFile);
  expect(passed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("passed") as string });
  const strategy = parseStrategy(readFileSync(strategyFile, "utf8"), strategyFile);
  const without = strategy.entries.filter(({ path }) => path !== "/tmp");
  writeFileSync(strategyFile, formatStrategy({ ...strategy, entries: without }));
  const failed = await far("verify", "--sensor", "diff", "--json", "--ready-timeout", "5s", strategyFile);
  expect(failed).toMatchObject({ exitCode: 2 });
  const { regressions, caveats } = JSON.parse(failed.stdout) as Verdict;
  expect(regressions).toContainEqual(expect.objectContaining({ kind: "exec" }));
  expect(caveats).toContainEqual(
    expect.stringMatching(/^the container's log says: .*\/tmp\/www.*Read-only file system/),
  );
  expect(await things()).toEqual(before);
});

test("what would need files of that machine is refused, and nothing is left", async () => {
  mkdirSync(join(folder, "data"));
  const before = await things();
  const { exitCode, stderr } = await far(
    "learn",
    "--sensor",
    "diff",
    "-v",
    `${folder}/data:/data`,
    "--out",
    "x",
    IMAGE,
  );
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/\/data is on the engine's machine.*\[E_NOT_LOCAL\]\nhint: .*:ro/);
  expect(await things()).toEqual(before);
  expect(readdirSync(folder)).not.toContain("x.strategy.yaml");
});
