import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { busyboxTar, dockerHttp, dockerJson } from "../../test/support/docker-http.ts";
import { busyboxPath, type PrivateEngine, startPrivatePodman } from "../../test/support/private-engine.ts";
import { type RunningGuard, startGuard } from "./guard.ts";

const POLICY = `apiVersion: petrify.dev/v1
kind: ReadOnlyPolicy
metadata:
  name: house
mode: enforce
scope: all
trust: hostile
privileged: refuse
`;
const LIBPOD = "/v4.0.0/libpod";
const IMAGE = "petrify-busybox:test";

const folder = mkdtempSync(join(tmpdir(), "petrify-guard-"));
const socketPath = join(folder, "podman.sock");
let engine: PrivateEngine;
let guard: RunningGuard;

beforeAll(async () => {
  engine = await startPrivatePodman();
  writeFileSync(join(folder, "policy.yaml"), POLICY);
  guard = await startGuard({
    listening: { kind: "path", path: socketPath, mode: 0o600, group: "0" },
    upstream: engine.socketPath,
    policyFile: join(folder, "policy.yaml"),
    dryRun: false,
    stateDir: join(folder, "state"),
    logFile: join(folder, "log"),
    graceMs: 1000,
    tell: () => undefined,
    onFailure: () => undefined,
  });
  // Podman takes the tag from here alone.
  const { status, text } = await dockerHttp(
    engine.socketPath,
    "POST",
    `/images/create?fromSrc=-&repo=${IMAGE}`,
    busyboxTar(await busyboxPath()),
  );
  if (status !== 200) throw new Error(text);
});

afterAll(async () => {
  for (const name of ["p", "played"])
    await dockerHttp(engine.socketPath, "DELETE", `${LIBPOD}/pods/${name}?force=true`);
  for (const name of ["made", "compat", "older"])
    await dockerHttp(engine.socketPath, "DELETE", `/containers/${name}?force=1`);
  await guard.stop();
  await engine.stop();
  rmSync(folder, { recursive: true });
});

type Inspected = { readonly HostConfig: { readonly ReadonlyRootfs: boolean } };
const isReadOnly = async (name: string): Promise<boolean> =>
  (await dockerJson<Inspected>(engine.socketPath, "GET", `/containers/${name}/json`)).HostConfig.ReadonlyRootfs;

test("containers by both of Podman's APIs are read-only, and start", async () => {
  const spec = { image: IMAGE, name: "made", command: ["true"], netns: { nsmode: "none" } };
  await dockerJson(socketPath, "POST", `${LIBPOD}/containers/create`, spec);
  const body = { Image: IMAGE, Cmd: ["true"], HostConfig: { NetworkMode: "none" } };
  await dockerJson(socketPath, "POST", "/v1.41/containers/create?name=compat", body);
  for (const name of ["made", "compat"]) {
    expect(await isReadOnly(name)).toBe(true);
    const { status, text } = await dockerHttp(socketPath, "POST", `${LIBPOD}/containers/${name}/start`);
    expect(`${status} ${text}`).toMatch(/^204/);
  }
});

test("what was made past the guard is not started through it, by any call", async () => {
  const body = { Image: IMAGE, Cmd: ["sleep", "9"], HostConfig: { NetworkMode: "none" } };
  await dockerJson(engine.socketPath, "POST", "/v1.41/containers/create?name=older", body);
  for (const path of [
    "/v1.41/containers/older/start",
    `${LIBPOD}/containers/older/start`,
    `${LIBPOD}/containers/older/init`,
    `${LIBPOD}/containers/older/restart`,
    `${LIBPOD}/containers/older/restore`,
  ]) {
    const { status, text } = await dockerHttp(socketPath, "POST", path);
    expect(status).toBe(403);
    expect(text).toContain("root is writable");
  }
});

test("a pod is made and started, unless one of its containers is writable", async () => {
  const pod = { name: "p", netns: { nsmode: "none" } };
  const made = await dockerHttp(socketPath, "POST", `${LIBPOD}/pods/create`, JSON.stringify(pod));
  expect(`${made.status} ${made.text}`).toMatch(/^201/);
  const spec = { image: IMAGE, name: "member", command: ["sleep", "9"], pod: "p" };
  await dockerJson(socketPath, "POST", `${LIBPOD}/containers/create`, spec);
  // Whoever mistrusts clients says which image is Podman's pause.
  for (const path of ["pods/p/start", "containers/member/start"]) {
    const { status, text } = await dockerHttp(socketPath, "POST", `${LIBPOD}/${path}`);
    expect(status).toBe(403);
    const id = /imageId: \\?"(sha256:[0-9a-f]{64})/.exec(text)?.[1];
    writeFileSync(
      join(folder, "policy.yaml"),
      `${POLICY}exemptions:\n- {imageId: "${id}", reason: pause, until: 2999-01-01}\n`,
    );
  }
  await guard.reload();
  const started = await dockerHttp(socketPath, "POST", `${LIBPOD}/pods/p/start`);
  expect(`${started.status} ${started.text}`).toMatch(/^200/);
  await dockerJson(engine.socketPath, "POST", `${LIBPOD}/containers/create`, { ...spec, name: "stranger" });
  const { status, text } = await dockerHttp(socketPath, "POST", `${LIBPOD}/pods/p/restart`);
  expect(status).toBe(403);
  expect(text).toContain("root is writable");
});

function manifest(more: object): string {
  const containers = [{ name: "c", image: IMAGE, command: ["sleep", "9"], ...more }];
  const spec = { restartPolicy: "Never", containers };
  return JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "played" }, spec });
}

test("the containers of a manifest are read-only, and what cannot be made so is refused", async () => {
  const path = `${LIBPOD}/play/kube?network=none&start=false`;
  expect((await dockerHttp(socketPath, "POST", path, manifest({ securityContext: { privileged: true } }))).status).toBe(
    403,
  );
  const writable = await dockerHttp(socketPath, "POST", path, manifest({}));
  expect(`${writable.status} ${writable.text}`).toMatch(/^403 .*has no place for the mount that it needs at \/run/);
  const readOnly = manifest({ securityContext: { readOnlyRootFilesystem: true } });
  // Which image its infra container has is not known before.
  expect((await dockerHttp(socketPath, "POST", path.replace("&start=false", ""), readOnly)).text).toContain(
    "infra container",
  );
  const { status, text } = await dockerHttp(socketPath, "POST", path, readOnly);
  expect(`${status} ${text}`).toMatch(/^200/);
  expect(await isReadOnly("played-c")).toBe(true);
});

test("calls that nobody knows are refused", async () => {
  for (const path of [`${LIBPOD}/kube/apply`, `${LIBPOD}/containers/gone/restore`])
    expect((await dockerHttp(socketPath, "POST", path)).status).toBe(403);
});
