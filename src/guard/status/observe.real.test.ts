import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { busyboxTar, dockerHttp, dockerJson } from "../../../test/support/docker-http.ts";
import { busyboxPath, type PrivateEngine, startPrivateEngine } from "../../../test/support/private-engine.ts";
import { containersWith, observeHost } from "./observe.ts";
import { holdersOf, listeningInodes, runningProcesses } from "./processes.ts";
import { isOpen, ways } from "./ways.ts";

const folder = mkdtempSync(join(tmpdir(), "petrify-status-"));
const path = join(folder, "engine.sock");
let engine: PrivateEngine;
let server: Server;

async function listening(): Promise<Server> {
  const made = createServer();
  await new Promise<void>((resolve) => {
    made.listen(path, resolve);
  });
  return made;
}

beforeAll(async () => {
  engine = await startPrivateEngine();
  server = await listening();
});
afterAll(async () => {
  server.close();
  rmSync(folder, { recursive: true });
  await engine.stop();
});

test("who listens at a socket is found", () => {
  const inodes = listeningInodes().get(path) ?? [];
  const holders = holdersOf(inodes, runningProcesses());
  expect(holders?.map(({ pid }) => pid)).toContain(process.pid);
});

test("a container that has the socket is found, and so is one that has the socket of before", async () => {
  const call = <T>(method: string, where: string, body?: unknown): Promise<T> =>
    dockerJson<T>(engine.socketPath, method, where, body);
  await dockerHttp(
    engine.socketPath,
    "POST",
    "/images/create?fromSrc=-&repo=status&tag=1&changes=ENV%20PATH%3D%2Fbin",
    busyboxTar(await busyboxPath()),
  );
  const started = async (binds: readonly string[]): Promise<string> => {
    const body = { Image: "status:1", Cmd: ["sleep", "100"], HostConfig: { Binds: binds, NetworkMode: "none" } };
    const { Id } = await call<{ Id: string }>("POST", "/containers/create", body);
    await call("POST", `/containers/${Id}/start`);
    return Id;
  };
  const ids = [await started([`${path}:/s`]), await started([`${folder}:/f:ro`]), await started([])];
  try {
    const found = () => new Map(containersWith([{ path }], runningProcesses()).map(({ name, old }) => [name, old]));
    const [socket = "", directory = "", none = ""] = ids.map((id) => id.slice(0, 12));
    expect([found().get(socket), found().get(directory), found().has(none)]).toEqual([false, false, false]);
    server.close();
    server = await listening();
    expect([found().get(socket), found().get(directory), found().has(none)]).toEqual([true, false, false]);
  } finally {
    for (const id of ids) await call("DELETE", `/containers/${id}?force=1`);
  }
});

test("this very host is looked at, and every open way says what to do", () => {
  const view = observeHost({ file: "/nowhere", error: "It is not there.", exemptions: [] });
  const found = ways(view);
  expect(found.map(({ way }) => way)).toContain("policy /nowhere");
  for (const way of found.filter(isOpen)) expect(way.action).toMatch(/\.$/);
  // The private engine is a dockerd of this host.
  expect(view.dockerds.flatMap(({ hosts }) => hosts)).toContain(`unix://${engine.socketPath}`);
});
