import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import { unpackPackages } from "../../src/engine/embedded/packages.ts";
import { ROOT } from "../support/cli.ts";
import { busyboxTar, dockerHttp, dockerJson } from "../support/docker-http.ts";
import { busyboxPath, type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";

const folder = mkdtempSync(join(tmpdir(), "petrify-activation-"));
const socket = join(folder, "docker.sock");
let engine: PrivateEngine;
let activator: ChildProcess;

beforeAll(async () => {
  engine = await startPrivateEngine();
  const policy = join(folder, "policy.yaml");
  writeFileSync(policy, "apiVersion: petrify.dev/v1\nkind: ReadOnlyPolicy\nmetadata:\n  name: house\nmode: enforce\n");
  const systemd = await unpackPackages(["systemd"], join(defaultCacheDir(), "packages"), { dependencies: "all" });
  const guard = [join(ROOT, "bin/petrify"), "guard", "--upstream", engine.socketPath, "--policy", policy];
  const program = join(systemd.root, "usr/bin/systemd-socket-activate");
  const own = process.env["PATH"] ?? "";
  const env = { ...systemd.env, PATH: own, PETRIFY_NODE: process.execPath };
  const passed = ["PATH", "PETRIFY_NODE"].flatMap((name) => ["-E", name]);
  activator = spawn(program, ["-l", socket, ...passed, ...guard], { env, stdio: ["ignore", "ignore", "inherit"] });
  while (!existsSync(socket)) await sleep(20);
});
afterAll(async () => {
  activator.kill();
  await engine.stop();
  rmSync(folder, { recursive: true });
});

test("the first client starts the guard, and its containers are read-only", async () => {
  expect((await dockerHttp(socket, "GET", "/_ping")).text).toBe("OK");
  const tar = busyboxTar(await busyboxPath());
  await dockerHttp(engine.socketPath, "POST", "/images/create?fromSrc=-&repo=activated&tag=1", tar);
  const body = { Image: "activated:1", Cmd: ["/bin/touch", "/srv/a"], HostConfig: { NetworkMode: "none" } };
  const { Id } = await dockerJson<{ Id: string }>(socket, "POST", "/containers/create", body);
  try {
    await dockerJson(socket, "POST", `/containers/${Id}/start`);
    const { StatusCode } = await dockerJson<{ StatusCode: number }>(socket, "POST", `/containers/${Id}/wait`);
    expect(StatusCode).toBe(1);
    const { text } = await dockerHttp(socket, "GET", `/containers/${Id}/logs?stderr=1`);
    expect(text).toContain("Read-only file system");
  } finally {
    await dockerJson(socket, "DELETE", `/containers/${Id}?force=1`);
  }
});
