import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { busyboxTar, dockerHttp, dockerJson } from "../../../test/support/docker-http.ts";
import { busyboxPath, type PrivateEngine, startWrappedEngine } from "../../../test/support/private-engine.ts";
import { archiveOf } from "../../engine/docker/tree/tar-writer.ts";
import { logFileOf, policyFileOf, writePolicy } from "../../../test/support/wrapped-engines.ts";

const IMAGE = "wrapped:1";
const EROFS = "Read-only file system";

let engine: PrivateEngine;
let imageId: string;

beforeAll(async () => {
  engine = await startWrappedEngine();
  await dockerHttp(
    engine.socketPath,
    "POST",
    "/images/create?fromSrc=-&repo=wrapped&tag=1&changes=ENV%20PATH%3D%2Fbin",
    busyboxTar(await busyboxPath()),
  );
  imageId = (await call<{ Id: string }>("GET", `/images/${IMAGE}/json`)).Id;
});
afterAll(() => engine.stop());
beforeEach(() => setPolicy());

const call = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  dockerJson<T>(engine.socketPath, method, path, body);

function setPolicy(more = ""): void {
  writePolicy(dirname(engine.socketPath), more);
}

function decisions(): readonly unknown[] {
  const text = readFileSync(logFileOf(dirname(engine.socketPath)), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

interface Outcome {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a shell script in a container made by this very body, on the engine's own socket. */
async function run(
  script: string,
  hostConfig: object = {},
  raw?: (body: string) => string,
  start?: string,
): Promise<Outcome> {
  const body = JSON.stringify({
    Image: IMAGE,
    Cmd: ["sh", "-c", script],
    Tty: true,
    HostConfig: { ReadonlyRootfs: false, ...hostConfig },
  });
  const made = await dockerHttp(engine.socketPath, "POST", "/containers/create", raw?.(body) ?? body);
  const { Id } = JSON.parse(made.text) as { Id: string };
  try {
    const started = await dockerHttp(
      engine.socketPath,
      "POST",
      `${start === undefined ? "" : "/v1.23"}/containers/${Id}/start`,
      start,
    );
    if (started.status >= 400) return { exitCode: -1, output: started.text };
    const { StatusCode } = await call<{ StatusCode: number }>("POST", `/containers/${Id}/wait`);
    const { text } = await dockerHttp(engine.socketPath, "GET", `/containers/${Id}/logs?stdout=1&stderr=1`);
    return { exitCode: StatusCode, output: text };
  } finally {
    await call("DELETE", `/containers/${Id}?force=1`);
  }
}

test("a container made on the engine's own socket is read-only, and has the template's places", async () => {
  const { exitCode, output } = await run("echo ok > /tmp/a && cat /tmp/a; echo x > /srv/a");
  expect(output).toContain("ok");
  expect(output).toContain(EROFS);
  expect(exitCode).not.toBe(0);
});

test("names in another case get past no specification", async () => {
  const { output } = await run("echo x > /srv/a", {}, (body) =>
    body.replace(/}$/, ',"hostconfig":{"readonlyrootfs":false,"Ho\u017FtConfig":{"ReadonlyRootf\u017F":false}}}'),
  );
  expect(output).toContain(EROFS);
});

test("the body of an old start gets past no specification", async () => {
  const { output } = await run("echo x > /srv/a", {}, undefined, JSON.stringify({ ReadonlyRootfs: false }));
  expect(output).toContain(EROFS);
});

test("another runtime is the way past it, to be refused at the socket", async () => {
  for (const Runtime of ["runc", "plain"])
    expect(await run("echo x > /srv/a", { Runtime })).toMatchObject({ exitCode: 0 });
});

test("an image that is exempt by its id stays writable, also under another name", async () => {
  setPolicy(`exemptions:\n  - imageId: ${imageId}\n    reason: it builds\n    until: 2999-01-01\n`);
  expect(await run("echo x > /srv/a")).toMatchObject({ exitCode: 0 });
});

test("where the policy cannot be read nothing starts, and the client is told why", async () => {
  writeFileSync(policyFileOf(dirname(engine.socketPath)), "kind: Nonsense\n");
  const { exitCode, output } = await run("echo started");
  expect(exitCode).toBe(-1);
  expect(output).toContain("petrify: no container starts:");
  expect(output).toContain("policy.yaml");
});

test("audit changes nothing, and writes down what enforce would do", async () => {
  setPolicy("mode: audit\n");
  const before = decisions().length;
  expect(await run("echo x > /srv/a")).toMatchObject({ exitCode: 0 });
  expect(await run("echo x > /srv/a", { Binds: [`${dirname(engine.socketPath)}:/x`] })).toMatchObject({ exitCode: 0 });
  expect(decisions().slice(before)).toMatchObject([
    { "event.outcome": "patch", "petrify.mode": "audit", "container.image.name": IMAGE },
    { "event.outcome": "deny", "petrify.mode": "audit", "petrify.rules": expect.arrayContaining(["engine-bind"]) },
  ]);
});

test("a bind of the engine's own directory is refused, wherever that is, and is in the log", async () => {
  const { output } = await run("echo started", { Binds: [`${dirname(engine.socketPath)}:/x:ro`] });
  expect(output).toContain("petrify: policy house");
  expect(decisions().at(-1)).toMatchObject({ "event.outcome": "deny", "petrify.mode": "enforce" });
});

test("a command is executed in it", async () => {
  const { Id } = await call<{ Id: string }>("POST", "/containers/create", { Image: IMAGE, Cmd: ["sleep", "60"] });
  try {
    await call("POST", `/containers/${Id}/start`);
    const exec = await call<{ Id: string }>("POST", `/containers/${Id}/exec`, {
      Cmd: ["sh", "-c", "echo create run; touch /srv/a"],
      AttachStdout: true,
      AttachStderr: true,
      Tty: true,
    });
    const { text } = await dockerHttp(
      engine.socketPath,
      "POST",
      `/exec/${exec.Id}/start`,
      JSON.stringify({ Tty: true }),
    );
    expect(text).toContain("create run");
    expect(text).toContain(EROFS);
  } finally {
    await call("DELETE", `/containers/${Id}?force=1`);
  }
});

test("docker build writes in its steps, unless the policy denies building", async () => {
  expect(await build()).toContain("Successfully built");
  setPolicy("production:\n  build: deny\n");
  expect(await build()).toContain("petrify: policy house");
});

test("a build step with a bind is no build step", async () => {
  const hostConfig = { LogConfig: { Type: "none" } };
  expect(await run("echo x > /srv/a", hostConfig, asStep)).toMatchObject({ exitCode: 0 });
  expect(await run("echo x > /srv/a", { ...hostConfig, Binds: ["/tmp:/host:ro"] }, asStep)).not.toMatchObject({
    exitCode: 0,
  });
});

function asStep(body: string): string {
  return body.replace(IMAGE, imageId);
}

async function build(): Promise<string> {
  const content = Buffer.from(`FROM ${IMAGE}\nRUN echo x > /srv/built\n`);
  const context = archiveOf([{ path: "Dockerfile", type: "file", mode: 0o644, content }]);
  return (await dockerHttp(engine.socketPath, "POST", "/build?nocache=1&rm=1&forcerm=1", context)).text;
}
