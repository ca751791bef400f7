import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDocker } from "../../src/engine/docker/connect.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { type CliResult, petrify } from "../support/cli.ts";
import { type DockerTools, dockerTools } from "../support/docker-compose.ts";
import { dockerJson } from "../support/docker-http.ts";
import { service } from "../support/loop-images.ts";
import { busyboxPath, type PrivateEngine, startPrivatePodman } from "../support/private-engine.ts";
import { busyboxRoot } from "../support/test-image.ts";

const folder = mkdtempSync(join(tmpdir(), "podman-compose-test-"));
const project = join(folder, "shop");
const IMAGE = "localhost/petrify-podman-compose:1";
const COMPOSE = `
version: "2.4"
services:
  web:
    image: ${IMAGE}
    ports: ["127.0.0.1:18098:80"]
    depends_on: [store]
    restart: always
  store:
    image: ${IMAGE}
    command: ["sh", "-c", "trap 'exit 0' TERM; echo d > /srv/data/d; echo c >> /etc/app/conf; while :; do sleep 1000 & wait; done"]
    volumes: ["data:/srv/data", "./config:/etc/app"]
volumes:
  data:
`;
let daemon: PrivateEngine;
let engine: Engine;
let tools: DockerTools;

beforeAll(async () => {
  daemon = await startPrivatePodman();
  engine = await connectDocker({ kind: "unix", path: daemon.socketPath }, "test");
  tools = await dockerTools(daemon);
  const root = busyboxRoot(await busyboxPath(), "mkdir -p srv/app srv/data etc/app tmp");
  const changes = [service("cat /srv/app/state; echo x >> /srv/app/state"), "ENV PATH=/bin"];
  await engine.importImage(root.tar, { reference: IMAGE, changes });
  root.remove();
  mkdirSync(join(project, "config"), { recursive: true });
  writeFileSync(join(project, "config", "conf"), "own\n");
  writeFileSync(join(project, "docker-compose.yaml"), COMPOSE);
});
afterAll(async () => {
  await engine.removeImage(IMAGE);
  await engine[Symbol.asyncDispose]();
  await daemon.stop();
  rmSync(folder, { recursive: true });
});

function learn(out: string, ...args: string[]): CliResult {
  const env = { ...tools.onPath(folder), DOCKER_HOST: undefined };
  const options = ["--host", `unix://${daemon.socketPath}`, "--out", join(folder, out)];
  return petrify(["learn", "--compose", join(project, "docker-compose.yaml"), ...args, ...options], { env });
}
const strategyIn = (out: string, name: string): Strategy => {
  const file = join(folder, out, `${name}.strategy.yaml`);
  return parseStrategy(readFileSync(file, "utf8"), file);
};
const leftovers = async (): Promise<unknown> => ({
  containers: await dockerJson(daemon.socketPath, "GET", "/containers/json?all=1"),
  volumes: (await dockerJson<{ Volumes: unknown[] | null }>(daemon.socketPath, "GET", "/volumes")).Volumes ?? [],
  networks: (await dockerJson<{ Name: string }[]>(daemon.socketPath, "GET", "/networks")).map(({ Name }) => Name),
});

test("a copy of a Compose project is learned on Podman, and nothing of the user's is touched or left", async () => {
  const before = await leftovers();
  const { exitCode, stdout, stderr } = learn("all", "--test", 'test -n "$PETRIFY_PHASE"');
  expect({ exitCode, stderr, stdout }).toMatchObject({ exitCode: 0 });
  expect(await leftovers()).toEqual(before);
  expect(readFileSync(join(project, "config", "conf"), "utf8")).toBe("own\n");
  const web = strategyIn("all", "shop-web");
  expect(web.entries).toMatchObject([{ kind: "volume", path: "/srv/app", reason: "readBack" }]);
  expect(web).toMatchObject({ incomplete: [], test: { kind: "external" } });
  expect(web.workload).toMatchObject({ image: IMAGE, restart: "always", env: [], labels: {}, capAdd: [], capDrop: [] });
  const store = strategyIn("all", "shop-store");
  expect(store.entries.map(({ path, kind }) => [path, kind])).toEqual([
    ["/etc/app", "bind"],
    ["/srv/data", "volume"],
  ]);
});
