import { afterAll, beforeAll, expect, test } from "vitest";
import { busyboxPath } from "../../../test/support/private-engine.ts";
import { scratchCache } from "../../../test/support/scratch-cache.ts";
import { busyboxRoot } from "../../../test/support/test-image.ts";
import { containerSpec, plainWorkload } from "../../../test/support/workload.ts";
import { type EngineUse, useEngine } from "../embedded/lifecycle.ts";
import { connectDocker } from "./connect.ts";

const cache = scratchCache();
let use: EngineUse;

beforeAll(async () => {
  use = await useEngine(cache.directory);
});
afterAll(async () => {
  await use.release();
  cache.remove();
});

test("an engine that is killed while a container runs is lost, for whoever waits and for whoever asks", async () => {
  const endpoint = { kind: "unix", path: use.layout.socketPath } as const;
  await using engine = await connectDocker(endpoint, "test");
  const root = busyboxRoot(await busyboxPath());
  await engine.importImage(root.tar, { reference: "petrify-lost:1", changes: [] });
  root.remove();
  const workload = plainWorkload("petrify-lost:1", { command: ["sleep", "1000"] });
  const container = await engine.createContainer(containerSpec(workload));
  await container.start();
  const waiting = container.wait();
  const exec = container.exec(["sleep", "1000"]);
  const outcomes = Promise.allSettled([waiting, exec]);
  await container.exec(["true"]);

  process.kill(use.daemon.pid, "SIGKILL");

  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "E_ENGINE_LOST" } });
  }
  await expect(container.state()).rejects.toMatchObject({ code: "E_ENGINE_LOST", hint: expect.any(String) as string });
  await expect(container.remove()).rejects.toMatchObject({ code: "E_ENGINE_LOST" });
  await expect(connectDocker(endpoint, "test")).rejects.toMatchObject({ code: "E_ENGINE_UNREACHABLE" });
});
