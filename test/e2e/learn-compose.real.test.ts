import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Strategy } from "../../src/model/strategy.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { type CliResult, petrify } from "../support/cli.ts";
import { type DockerTools, dockerTools } from "../support/docker-compose.ts";
import { dockerJson } from "../support/docker-http.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";

const folder = mkdtempSync(join(tmpdir(), "learn-compose-test-"));
const project = join(folder, "shop");
let engine: PrivateEngine;
let tools: DockerTools;

const COMPOSE = `
version: "2.4"
services:
  web:
    image: petrify-compose-web:1
    container_name: shop-front
    ports: ["127.0.0.1:18099:80"]
    depends_on: [store]
    restart: always
    environment: { DB_PASSWORD: "\${DB_PASSWORD}" }
    labels: { traefik.enable: "true" }
  store:
    image: petrify-compose-store:1
    volumes: ["data:/srv/data", "./config:/etc/app", "./readonly:/etc/fixed:ro"]
  idle:
    image: petrify-compose-store:1
volumes:
  data: { driver_opts: { type: none, device: "/nonexistent", o: bind } }
networks:
  default: { ipam: { config: [{ subnet: "10.231.0.0/24" }] } }
`;

beforeAll(async () => {
  engine = await startPrivateEngine();
  tools = await dockerTools(engine);
  const page = "mkdir -p srv/www && echo page > srv/www/index.html";
  await importImages(engine.cacheDir, [
    {
      reference: "petrify-compose-web:1",
      arrange: `mkdir -p srv/app && ${page}`,
      changes: [
        service(
          "cat /srv/app/state; echo x >> /srv/app/state; until nslookup store >/dev/null; do sleep 0.1; done; httpd -p 80 -h /srv/www",
        ),
        "EXPOSE 80",
      ],
    },
    {
      // It listens: with a test, a service that listens on nothing is waited for, in case it only needs longer.
      reference: "petrify-compose-store:1",
      arrange: "mkdir -p srv/data etc/app etc/fixed",
      changes: [service("echo d > /srv/data/d; echo c >> /etc/app/conf; echo l > /var/log/store.log; httpd -p 81")],
    },
  ]);
  mkdirSync(join(project, "config"), { recursive: true });
  mkdirSync(join(project, "readonly"));
  writeFileSync(join(project, "config", "conf"), "own\n");
  writeFileSync(join(project, "docker-compose.yaml"), COMPOSE);
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});

function learn(out: string, ...args: string[]): CliResult {
  return learnFile("docker-compose.yaml", out, ...args);
}
function learnFile(file: string, out: string, ...args: string[]): CliResult {
  const env = {
    ...tools.onPath(folder),
    DB_PASSWORD: "hunter2",
    PETRIFY_CACHE: engine.cacheDir,
    DOCKER_HOST: undefined,
  };
  const options = ["--host", "embedded", "--out", join(folder, out)];
  return petrify(["learn", "--compose", join(project, file), ...args, ...options], { env });
}
const strategyIn = (out: string, name: string): Strategy => {
  const file = join(folder, out, `${name}.strategy.yaml`);
  return parseStrategy(readFileSync(file, "utf8"), file);
};
/** By name: the engine tells in no order, and says of containers since when they are up. */
const leftovers = async (): Promise<unknown> => ({
  containers: (await dockerJson<{ Id: string }[]>(engine.socketPath, "GET", "/containers/json?all=1"))
    .map(({ Id }) => Id)
    .toSorted(),
  volumes: (
    (await dockerJson<{ Volumes: { Name: string }[] | null }>(engine.socketPath, "GET", "/volumes")).Volumes ?? []
  )
    .map(({ Name }) => Name)
    .toSorted(),
  networks: (await dockerJson<{ Name: string }[]>(engine.socketPath, "GET", "/networks"))
    .map(({ Name }) => Name)
    .toSorted(),
});

test("a copy of the project is learned, tested twice, and nothing of the user's is touched or left", async () => {
  const before = await leftovers();
  const script = 'wget -qO- "http://$PETRIFY_HOST:$PETRIFY_PORT_WEB_80/" | grep -q page';
  const { exitCode, stdout, stderr } = learn("all", "web", "store", "--test", script);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(await leftovers()).toEqual(before);
  expect(readFileSync(join(project, "config", "conf"), "utf8")).toBe("own\n");
  expect(readdirSync(join(folder, "all")).filter((name) => name.endsWith(".yaml"))).toEqual([
    "shop-store.strategy.yaml",
    "shop-web.strategy.yaml",
  ]);
  expect(stdout).toContain("not started, and so not observed: idle");

  const web = strategyIn("all", "shop-web");
  expect(web.entries).toMatchObject([{ kind: "volume", path: "/srv/app", reason: "readBack" }]);
  expect(web).toMatchObject({ incomplete: [], test: { kind: "external" } });
  expect(web.workload).toMatchObject({
    image: "petrify-compose-web:1",
    env: ["DB_PASSWORD"],
    restart: "always",
    labels: {},
    ports: [{ hostIp: "127.0.0.1", hostPort: 18_099, containerPort: 80, protocol: "tcp" }],
  });
  const store = strategyIn("all", "shop-store");
  expect(store.entries.map(({ path, kind }) => [path, kind])).toEqual([
    ["/etc/app", "bind"],
    ["/etc/fixed", "bind"],
    ["/srv/data", "volume"],
    ["/var/log", "tmpfs"],
  ]);
  expect(store.entries[0]).toMatchObject({ source: join(project, "config"), readOnly: false });
  expect(store.entries[2]).toMatchObject({ source: "shop_data", reason: "given" });
});

test("a test that fails, and a file that is none, end in one sentence and leave nothing", async () => {
  const before = await leftovers();
  expect(learn("failed", "--test", "exit 4")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("[E_TEST_FAILED]") as string,
  });
  expect(await leftovers()).toEqual(before);
  writeFileSync(join(project, "broken.yaml"), "services: [");
  const broken = petrify(["learn", "--compose", join(project, "broken.yaml"), "--host", "embedded"], {
    env: { ...tools.onPath(folder), PETRIFY_CACHE: engine.cacheDir, DOCKER_HOST: undefined },
  });
  expect(broken).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("[E_COMPOSE_INVALID]") as string });
});

test("what the user's own `up` leaves alone is left alone, until it is named", () => {
  const text = `version: "3.9"
services:
  store: { image: "petrify-compose-store:1" }
  migrate: { image: "petrify-compose-store:1", profiles: [migrate] }
`;
  writeFileSync(join(project, "profiles.yaml"), text);
  const { exitCode, stdout, stderr } = learnFile("profiles.yaml", "profiles");
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain("not started, and so not observed: migrate");
  expect(learnFile("profiles.yaml", "named", "migrate")).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("shop-migrate.strategy.yaml") as string,
  });
});

test("a project that shares a container outside of it is refused before anything is made", async () => {
  const before = await leftovers();
  const text = `version: "2.4"
services:
  store: { image: "petrify-compose-store:1", volumes_from: ["container:production"] }
`;
  writeFileSync(join(project, "outsider.yaml"), text);
  expect(learnFile("outsider.yaml", "outsider")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("volumes_from names a container outside of the project") as string,
  });
  expect(await leftovers()).toEqual(before);
});
