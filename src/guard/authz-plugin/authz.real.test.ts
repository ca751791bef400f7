import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { busyboxTar, dockerHttp } from "../../../test/support/docker-http.ts";
import { busyboxPath, type PrivateEngine, startAuthorizedEngine } from "../../../test/support/private-engine.ts";
import { startAuthz } from "../../daemon/authz.ts";
import type { RunningGuard } from "../../daemon/guard.ts";
import { DOCKERD } from "../../engine/embedded/dockerd.ts";
import { defaultCacheDir } from "../../engine/embedded/layout.ts";
import { unpackPackages } from "../../engine/embedded/packages.ts";

const POLICY = (mode: string): string => `apiVersion: petrify.dev/v1
kind: ReadOnlyPolicy
metadata:
  name: strict
mode: ${mode}
scope: all
trust: hostile
privileged: refuse
template:
  - path: /run
    size: 1m
`;

const folder = mkdtempSync(join(tmpdir(), "petrify-authz-"));
const socketPath = join(folder, "petrify.sock");
const policyFile = join(folder, "policy.yaml");
const logFile = join(folder, "decisions.log");
let engine: PrivateEngine;
let plugin: RunningGuard;
let dockerRoot: string;

async function startPlugin(upstream: string): Promise<RunningGuard> {
  return startAuthz({
    policyFile,
    upstream,
    socketPath,
    dryRun: false,
    stateDir: join(folder, "state"),
    logFile,
    tell: () => undefined,
  });
}

/** Without blocking the plugin, which serves in this very process. */
async function docker(...args: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn(join(dockerRoot, "usr/bin/docker"), args, {
    env: { DOCKER_HOST: `unix://${engine.socketPath}`, HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (out += text));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on("close", resolve);
  return { code: await promise, out };
}

/** What comes back for bytes of a request's head and body as they are. */
function raw(text: string | Buffer): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = createConnection(engine.socketPath);
  let answer = "";
  socket.setEncoding("utf8").on("data", (part: string) => (answer += part));
  // What is refused is not read to its end.
  socket.on("error", () => undefined).on("close", () => resolve(answer));
  socket.write(text);
  return promise;
}

const create = (body: unknown, path = "/v1.41/containers/create"): ReturnType<typeof dockerHttp> =>
  dockerHttp(engine.socketPath, "POST", path, typeof body === "string" ? body : JSON.stringify(body));

async function containers(): Promise<readonly string[]> {
  const { text } = await dockerHttp(engine.socketPath, "GET", "/containers/json?all=1");
  return (JSON.parse(text) as { Id: string }[]).map(({ Id }) => Id);
}

function createHead(fields: string): string {
  return `POST /v1.41/containers/create HTTP/1.1\r\nHost: d\r\nConnection: close\r\n${fields}\r\n\r\n`;
}

/** Makes a writable container as if before the plugin: with nothing enforced. */
async function madeBefore(name: string): Promise<void> {
  writeFileSync(policyFile, POLICY("audit"));
  await plugin.reload();
  expect((await create({ Image: "box:1", Cmd: ["true"] }, `/containers/create?name=${name}`)).status).toBe(201);
  writeFileSync(policyFile, POLICY("enforce"));
  await plugin.reload();
}

beforeAll(async () => {
  writeFileSync(policyFile, POLICY("enforce"));
  ({ root: dockerRoot } = await unpackPackages(DOCKERD.packages, join(defaultCacheDir(), "packages")));
  // dockerd looks for its plugin when it starts; where the engine's socket will be, only the engine knows.
  const first = await startPlugin("/nonexistent");
  engine = await startAuthorizedEngine(socketPath);
  await first.stop();
  plugin = await startPlugin(engine.socketPath);
  const path = "/images/create?fromSrc=-&repo=box&tag=1";
  const { status, text } = await dockerHttp(engine.socketPath, "POST", path, busyboxTar(await busyboxPath()));
  if (status !== 200) throw new Error(text);
});

afterAll(async () => {
  for (const id of await containers()) await dockerHttp(engine.socketPath, "DELETE", `/containers/${id}?force=1`);
  await engine.stop();
  await plugin.stop();
  rmSync(folder, { recursive: true });
});

test("docker run is denied with the flags to add, and works with them", async () => {
  const refused = await docker("run", "--rm", "--network", "none", "box:1", "true");
  expect(refused.code).not.toBe(0);
  const [, flags = ""] = /Add: (.*?)\.?$/m.exec(refused.out) ?? [];
  expect(flags).toMatch(/--read-only/);
  const words = flags.split(" ").map((word) => word.replaceAll("'", ""));
  const script = "echo x > /file || echo denied; echo y > /run/file && echo written";
  const allowed = await docker("run", "--rm", "--network", "none", ...words, "box:1", "sh", "-c", script);
  expect(allowed.code).toBe(0);
  for (const text of ["Read-only file system", "denied\n", "written\n"]) expect(allowed.out).toContain(text);
});

test("docker run of an image that is not there is told so by dockerd", async () => {
  const { status, text } = await create({ Image: "nowhere:1" });
  expect(status).toBe(404);
  expect(text).toContain("No such image: nowhere:1");
});

describe("no writable container comes out of", () => {
  const host = { ReadonlyRootfs: true };
  test.each<readonly [string, () => Promise<{ readonly status: number; readonly text: string }>]>([
    ["an encoded path", () => create({ Image: "box:1" }, "/v1.41/containers/cr%65ate")],
    [
      "keys in another case",
      () => create(`{"Image":"box:1","HostConfig":${JSON.stringify(host)},"hostconfig":{"ReadonlyRootfs":false}}`),
    ],
    ["keys that fold", () => create(`{"Image":"box:1","HostConfig":{"ReadonlyRootfs":true,"Readonlyrootfſ":false}}`)],
    ["a key twice", () => create(`{"Image":"box:1","HostConfig":{"ReadonlyRootfs":true,"ReadonlyRootfs":false}}`)],
    ["a second value", () => create(`{"Image":"box:1","HostConfig":{"ReadonlyRootfs":true}} {}`)],
    ["a body that dockerd does not show", () => create({ Image: "box:1", Labels: { x: "y".repeat(1_100_000) } })],
    ["privileges", () => create({ Image: "box:1", HostConfig: { ...host, Privileged: true } })],
    [
      "a socket of the engine",
      () => create({ Image: "box:1", HostConfig: { ...host, Binds: [`${engine.socketPath}:/s`] } }),
    ],
  ])("%s", async (_, attempt) => {
    const before = await containers();
    const { status, text } = await attempt();
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).toContain("authorization denied by plugin petrify");
    expect(await containers()).toEqual(before);
  });

  test("a body in chunks, or of another type", async () => {
    const before = await containers();
    const body = JSON.stringify({ Image: "box:1" });
    const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    for (const request of [
      createHead("Content-Type: application/json\r\nTransfer-Encoding: chunked") + chunked,
      // CVE-2024-41110: what says that it is empty was not shown.
      createHead("Content-Type: application/json\r\nContent-Length: 0") + body,
      createHead(`Content-Type: text/plain\r\nContent-Length: ${body.length}`) + body,
      createHead(`Content-Length: ${body.length}`) + body,
      createHead(`Content-Type: text/plain\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`) + body,
    ])
      expect(await raw(request)).toMatch(/^HTTP\/1.1 4\d\d /);
    expect(await containers()).toEqual(before);
  });
});

describe("a container that was made before the policy", () => {
  test("is not started, by no version of the API, and with no body", async () => {
    await madeBefore("older");
    for (const path of [
      "/v1.41/containers/older/start",
      "/v1.23/containers/older/start",
      "/containers/older/restart",
    ]) {
      const { status, text } = await dockerHttp(engine.socketPath, "POST", path);
      expect(status).toBe(403);
      expect(text).toMatch(/root is writable/);
    }
  });

  test("does not replace its settings by the body of a start", async () => {
    expect(
      (await create({ Image: "box:1", Cmd: ["sleep", "9"], HostConfig: READ_ONLY }, "/containers/create?name=ro"))
        .status,
    ).toBe(201);
    const body = JSON.stringify({ ReadonlyRootfs: false });
    const head =
      "POST /v1.23/containers/ro/start HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Type: application/json\r\n";
    const long = " ".repeat(1_100_000) + body;
    for (const request of [
      `${head}Content-Length: ${body.length}\r\n\r\n${body}`,
      `${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      `${head}Content-Length: ${long.length}\r\n\r\n${long}`,
      `${head}Transfer-Encoding: chunked\r\n\r\n${long.length.toString(16)}\r\n${long}\r\n0\r\n\r\n`,
    ])
      expect(await raw(request)).toMatch(/^$|^HTTP\/1.1 4\d\d [^]*must have no body/);
    const { text } = await dockerHttp(engine.socketPath, "GET", "/containers/ro/json");
    expect(JSON.parse(text)).toMatchObject({ State: { Running: false }, HostConfig: { ReadonlyRootfs: true } });
    expect((await dockerHttp(engine.socketPath, "POST", "/containers/ro/start")).status).toBe(204);
  });
  const READ_ONLY = { ReadonlyRootfs: true, NetworkMode: "none", Tmpfs: { "/run": "rw,size=1m" } };
});

test("changes of the engine are denied", async () => {
  for (const path of ["/plugins/pull?remote=x", "/swarm/init"]) {
    const { status, text } = await dockerHttp(engine.socketPath, "POST", path, "{}");
    expect(status).toBe(403);
    expect(text).toContain("authorization denied by plugin petrify");
  }
});

test("each decision is one line of the log, and none holds a body", async () => {
  await create({ Image: "box:1", Env: ["PASSWORD=hunter2"] });
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n");
  const parsed = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  expect(parsed.at(-1)).toMatchObject({
    "event.action": "decision",
    "event.outcome": "patch",
    "http.route": "POST containers/create",
  });
  expect(lines.join()).not.toContain("hunter2");
});

test("a broken policy keeps the one before it", async () => {
  writeFileSync(policyFile, "kind: Nonsense");
  await plugin.reload();
  expect((await create({ Image: "box:1" })).status).toBe(403);
  writeFileSync(policyFile, POLICY("enforce"));
  await plugin.reload();
});

test("without the plugin every call fails, and containers go on", async () => {
  expect(
    (
      await create(
        {
          Image: "box:1",
          Cmd: ["sleep", "60"],
          HostConfig: { ReadonlyRootfs: true, NetworkMode: "none", Tmpfs: { "/run": "rw,size=1m" } },
        },
        "/containers/create?name=on",
      )
    ).status,
  ).toBe(201);
  expect((await dockerHttp(engine.socketPath, "POST", "/containers/on/start")).status).toBe(204);
  await plugin.stop();
  try {
    const [read, made] = await Promise.all([
      dockerHttp(engine.socketPath, "GET", "/containers/json"),
      create({ Image: "box:1" }),
    ]);
    expect(read.status).toBeGreaterThanOrEqual(400);
    expect(made.status).toBeGreaterThanOrEqual(400);
  } finally {
    plugin = await startPlugin(engine.socketPath);
  }
  const { text } = await dockerHttp(engine.socketPath, "GET", "/containers/on/json");
  expect(JSON.parse(text)).toMatchObject({ State: { Running: true } });
});
