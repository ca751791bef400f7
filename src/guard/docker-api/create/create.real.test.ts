import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerHttp } from "../../../../test/support/docker-http.ts";
import { fuzzCreate } from "../../../../test/support/fuzz-create/run.ts";
import {
  busyboxPath,
  type PrivateEngine,
  startPrivateEngineInMemory,
} from "../../../../test/support/private-engine.ts";

let engine: PrivateEngine;
beforeAll(async () => {
  engine = await startPrivateEngineInMemory();
});
afterAll(async () => {
  await engine.stop();
});

const COUNT = 2_000;

test(`${COUNT} random create bodies are read as dockerd reads them, and changed ones are read-only`, async () => {
  const { counts, differences } = await fuzzCreate({
    socketPath: engine.socketPath,
    busybox: await busyboxPath(),
    count: COUNT,
    seed: 1,
    atOnce: 4,
  });
  expect(differences).toEqual([]);
  // Most of them must reach the engine's own judgement, or nothing was compared.
  expect(counts.get("both take it")).toBeGreaterThan(COUNT / 4);
  expect(counts.get("changed: as asked")).toBeGreaterThan(COUNT / 4);
  const left = await dockerHttp(engine.socketPath, "GET", "/containers/json?all=1");
  expect(JSON.parse(left.text)).toEqual([]);
});
