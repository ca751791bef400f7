import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { ContainerState } from "../engine/engine.ts";
import { type ReadinessOptions, waitReady } from "./readiness.ts";

// The sockets are real: those of this process, which stands for the container's first process.
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
async function listen(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  return `${typeof address === "object" && address !== null ? address.port : 0}/tcp`;
}

const RUNNING: ContainerState = {
  status: "running",
  pid: process.pid,
  exitCode: 0,
  oomKilled: false,
  error: "",
  health: "none",
  ipAddress: "",
};
const OPTIONS: ReadinessOptions = {
  expectedPorts: [],
  hasHealthcheck: false,
  wantsPort: false,
  timeoutMs: 1_000,
  activity: () => 0,
  sharesHostNetwork: false,
};
function wait(state: () => ContainerState, options: Partial<ReadinessOptions>) {
  return waitReady({ state: async () => state() }, { ...OPTIONS, ...options });
}

test("a workload that listens on its port is ready", async () => {
  const port = await listen();
  expect(await wait(() => RUNNING, { expectedPorts: [port] })).toMatchObject({ kind: "ready", health: "none" });
});

test("a port that opens late is waited for", async () => {
  const port = await listen();
  servers.pop()?.close();
  let opened = false;
  setTimeout(() => {
    const server = createServer().listen(Number.parseInt(port, 10), "127.0.0.1", () => (opened = true));
    servers.push(server);
  }, 300);
  expect(await wait(() => RUNNING, { expectedPorts: [port], timeoutMs: 10_000 })).toMatchObject({ kind: "ready" });
  expect(opened).toBe(true);
});

test("a port that never opens ends the wait with its name", async () => {
  const port = await listen();
  servers.pop()?.close();
  expect(await wait(() => RUNNING, { expectedPorts: [port], timeoutMs: 200 })).toMatchObject({
    kind: "timeout",
    waitingFor: `port ${port}`,
  });
});

test("ports that cannot be known are not waited for", async () => {
  const options = { expectedPorts: ["80/tcp"], wantsPort: true, listening: async () => undefined };
  expect(await wait(() => RUNNING, options)).toEqual({
    kind: "ready",
    health: "none",
    listening: [],
  });
});

test("a container that ends is not waited for", async () => {
  expect(await wait(() => ({ ...RUNNING, status: "exited", exitCode: 3 }), {})).toEqual({
    kind: "exited",
    exitCode: 3,
  });
});

test("a health check decides, whatever the ports say", async () => {
  let asked = 0;
  const state = (): ContainerState => ({ ...RUNNING, health: ++asked < 4 ? "starting" : "unhealthy" });
  expect(await wait(state, { hasHealthcheck: true, timeoutMs: 10_000 })).toMatchObject({ health: "unhealthy" });
  expect(asked).toBeGreaterThanOrEqual(4);
});

test("one that still writes is still starting", async () => {
  let writes = 0;
  let ended = false;
  const activity = (): number => (writes < 8 ? ++writes : ((ended = true), writes));
  expect(await wait(() => RUNNING, { activity, timeoutMs: 10_000 })).toMatchObject({ kind: "ready" });
  expect(ended).toBe(true);
});
