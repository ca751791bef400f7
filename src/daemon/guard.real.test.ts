import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerHttp, dockerJson } from "../../test/support/docker-http.ts";
import { busyboxPath, type PrivateEngine, startPrivateEngine } from "../../test/support/private-engine.ts";
import { TestContainers } from "../../test/support/test-containers.ts";
import { type RunningGuard, startGuard } from "./guard.ts";

const policy = (mode: string, more = ""): string => `apiVersion: petrify.dev/v1
kind: ReadOnlyPolicy
metadata:
  name: house
mode: ${mode}
scope: all
trust: hostile
privileged: refuse
${more}`;

const folder = mkdtempSync(join(tmpdir(), "petrify-guard-"));
const socketPath = join(folder, "docker.sock");
const metrics = join(folder, "metrics.sock");
const policyFile = join(folder, "policy.yaml");
const logFile = join(folder, "decisions.log");
let engine: PrivateEngine;
let guard: RunningGuard;
let direct: TestContainers;
let guarded: TestContainers;

beforeAll(async () => {
  engine = await startPrivateEngine();
  writeFileSync(policyFile, policy("enforce"));
  guard = await startGuard({
    listening: { kind: "path", path: socketPath, mode: 0o600, group: "0" },
    upstream: engine.socketPath,
    policyFile,
    dryRun: false,
    stateDir: join(folder, "state"),
    logFile,
    metrics,
    graceMs: 1000,
    tell: () => undefined,
    onFailure: () => undefined,
  });
  direct = new TestContainers(engine.socketPath);
  guarded = new TestContainers(socketPath);
  await direct.importBusybox(await busyboxPath());
});

afterAll(async () => {
  await guarded.remove();
  await direct.remove();
  await guard.stop();
  await engine.stop();
  rmSync(folder, { recursive: true });
});

async function replacePolicy(text: string): Promise<void> {
  writeFileSync(policyFile, text);
  await guard.reload();
}

async function logs(id: string): Promise<string> {
  return (await dockerHttp(socketPath, "GET", `/containers/${id}/logs?stdout=1&stderr=1`)).text;
}

function measured(path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  request({ socketPath: metrics, path, agent: false }, (response) => {
    let text = `${response.statusCode}\n`;
    response.setEncoding("utf8").on("data", (part: string) => (text += part));
    response.on("end", () => resolve(text));
  })
    .on("error", reject)
    .end();
  return promise;
}

const WRITES = ["sh", "-c", "echo x > /file && echo root; echo x > /tmp/file && echo tmp"];

test("a container that asks for nothing is read-only, with what the policy lets it write", async () => {
  const id = await guarded.create(WRITES);
  await guarded.start(id);
  await guarded.wait(id);
  const text = await logs(id);
  expect(text).toContain("can't create /file: Read-only file system");
  expect(text).toContain("tmp");
  expect(text).not.toContain("root\n");
});

test("an image that is not there is told as the engine tells it", async () => {
  const [told, own] = await Promise.all(
    [socketPath, engine.socketPath].map((path) =>
      dockerHttp(path, "POST", "/containers/create", '{"Image":"nowhere:1"}'),
    ),
  );
  expect(told?.status).toBe(404);
  expect(told?.text).toContain("No such image: nowhere:1");
  expect(JSON.parse(told?.text ?? "")).toEqual(JSON.parse(own?.text ?? ""));
});

test("what was made past the guard is not started through it", async () => {
  const id = await direct.create(WRITES);
  const { status, text } = await dockerHttp(socketPath, "POST", `/containers/${id}/start`);
  expect(status).toBe(403);
  expect(text).toMatch(/root is writable.*\(policy house\)/);
});

test("a named volume that is a bind of the host is seen where a container gets it", async () => {
  const name = "petrify-guard-bind";
  const options = { type: "none", o: "bind", device: "/etc" };
  await dockerJson(socketPath, "POST", "/volumes/create", { Name: name, Driver: "local", DriverOpts: options });
  try {
    const body = { Image: "petrify-busybox:test", HostConfig: { Binds: [`${name}:/host`] } };
    const { status, text } = await dockerHttp(socketPath, "POST", "/containers/create", JSON.stringify(body));
    expect(status).toBe(403);
    expect(text).toContain("/etc");
  } finally {
    await dockerHttp(engine.socketPath, "DELETE", `/volumes/${name}`);
  }
});

test("an exec with privileges is refused, made now or before", async () => {
  const id = await guarded.create(["sleep", "60"]);
  await guarded.start(id);
  const privileged = JSON.stringify({ Cmd: ["id"], Privileged: true });
  expect((await dockerHttp(socketPath, "POST", `/containers/${id}/exec`, privileged)).status).toBe(403);
  const before = await dockerJson<{ Id: string }>(engine.socketPath, "POST", `/containers/${id}/exec`, {
    Cmd: ["id"],
    Privileged: true,
  });
  expect((await dockerHttp(socketPath, "POST", `/exec/${before.Id}/start`, '{"Detach":true}')).status).toBe(403);
  const plain = await dockerJson<{ Id: string }>(socketPath, "POST", `/containers/${id}/exec`, { Cmd: ["true"] });
  expect((await dockerHttp(socketPath, "POST", `/exec/${plain.Id}/start`, '{"Detach":true}')).status).toBeLessThan(300);
});

test("limits may be changed, and nothing else of a container", async () => {
  const id = await guarded.create(["sleep", "60"]);
  const update = (body: unknown) => dockerHttp(socketPath, "POST", `/containers/${id}/update`, JSON.stringify(body));
  expect((await update({ CpuShares: 512 })).status).toBe(200);
  expect((await update({ Devices: [{ PathOnHost: "/dev/null" }] })).status).toBe(403);
});

test("each mode does what it says, from the next call on, and a broken file changes nothing", async () => {
  const read = async (id: string): Promise<boolean> => {
    type Inspected = { HostConfig: { ReadonlyRootfs: boolean } };
    return (await dockerJson<Inspected>(engine.socketPath, "GET", `/containers/${id}/json`)).HostConfig.ReadonlyRootfs;
  };
  await replacePolicy(policy("audit"));
  expect(await read(await guarded.create(["true"]))).toBe(false);
  await replacePolicy(policy("warn"));
  const warned = await dockerJson<{ Id: string; Warnings: string[] }>(socketPath, "POST", "/containers/create", {
    Image: "petrify-busybox:test",
    Cmd: ["true"],
  });
  expect(await read(warned.Id)).toBe(false);
  expect(warned.Warnings.join()).toContain("would be changed by the policy house, as with: --read-only");
  await dockerHttp(engine.socketPath, "DELETE", `/containers/${warned.Id}`);
  await replacePolicy(policy("enforce"));
  expect(await read(await guarded.create(["true"]))).toBe(true);
  await replacePolicy("mode: nonsense");
  expect(await read(await guarded.create(["true"]))).toBe(true);
  expect(await measured("/healthz")).toMatch(/^503\n.*broken/);
  await replacePolicy(policy("enforce"));
  expect(await measured("/healthz")).toBe("200\nok\n");
});

test("decisions are logged and counted", async () => {
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n");
  const events = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  expect(events[0]).toMatchObject({ "event.action": "policy-loaded", "petrify.policy": "house" });
  expect(events).toContainEqual(
    expect.objectContaining({
      "event.outcome": "patch",
      "http.route": "POST containers/create",
      "petrify.mode": "enforce",
      "user.id": process.getuid?.(),
      "process.pid": process.pid,
      "container.image.name": "petrify-busybox:test",
    }),
  );
  expect(events).toContainEqual(
    expect.objectContaining({ "event.action": "policy-rejected", "error.code": "E_POLICY_INVALID" }),
  );
  const text = await measured("/metrics");
  expect(text).toMatch(/petrify_guard_decisions_total\{verdict="patch",action="create",mode="enforce"\} [1-9]/);
  expect(text).toMatch(/petrify_guard_policy_reloads_total\{outcome="failed"\} 1/);
  expect(text).toMatch(/petrify_guard_open_connections \d/);
});
