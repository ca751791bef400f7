import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../src/engine/contract/bench.ts";
import { connectDocker } from "../../src/engine/docker/connect.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { petrify } from "../support/cli.ts";
import { dockerHttp, dockerJson } from "../support/docker-http.ts";
import { service } from "../support/loop-images.ts";
import { busyboxPath, type PrivateEngine, startPrivateEngine, startPrivatePodman } from "../support/private-engine.ts";
import { startPetrify } from "../support/running-petrify.ts";
import { busyboxRoot } from "../support/test-image.ts";

const IMAGE = "petrify-podman-loop:1";
/** By a user of the image: state, a log, run-time files, a program that it runs, and, where Podman would mount by itself, /tmp and /run. */
const WRITES =
  "test -x /cache/true || cp /bin/busybox /cache/true; /cache/true; cat /srv/app/state 2>/dev/null; echo state >> /srv/app/state; echo up >> /var/log/app/log; echo 1 > /run/app/pid; echo x > /tmp/scratch; rm /tmp/scratch";
const ARRANGE =
  "mkdir -p tmp srv/app var/log/app run/app cache && chmod 1777 tmp && chown -R 1000:1000 srv/app var/log/app run/app cache";
const CHANGES = [service(WRITES), "VOLUME /cache", "USER 1000:1000"];
const TEST = ["--exec", "cat /srv/app/state"];

const folder = mkdtempSync(join(tmpdir(), "podman-loop-test-"));
const at = (engine: string): string => join(folder, engine);
const strategyFile = (engine: string): string => join(at(engine), "petrify-podman-loop.strategy.yaml");
let docker: PrivateEngine;
let podman: PrivateEngine;
const engines: Engine[] = [];

beforeAll(async () => {
  [docker, podman] = await Promise.all([startPrivateEngine(), startPrivatePodman()]);
  for (const [name, { socketPath }] of Object.entries({ docker, podman })) {
    const engine = await connectDocker({ kind: "unix", path: socketPath }, "test");
    engines.push(engine);
    const root = busyboxRoot(await busyboxPath(), ARRANGE);
    await engine.importImage(root.tar, { reference: IMAGE, changes: CHANGES });
    root.remove();
    mkdirSync(at(name));
    const { exitCode, stderr } = petrify(["learn", "--host", `unix://${socketPath}`, ...TEST, IMAGE], {
      cwd: at(name),
    });
    if (exitCode !== 0) throw new Error(stderr);
  }
});
afterAll(async () => {
  for (const engine of engines) {
    await engine.removeImage(IMAGE);
    await engine[Symbol.asyncDispose]();
  }
  await Promise.all([docker.stop(), podman.stop()]);
  rmSync(folder, { recursive: true });
});

const onPodman = (...args: string[]): ReturnType<typeof petrify> => {
  const [verb = "", ...rest] = args;
  return petrify([verb, "--host", `unix://${podman.socketPath}`, ...rest], { cwd: at("podman") });
};

test("what is learned on Podman is what is learned on Docker", () => {
  const [onDocker, same] = ["docker", "podman"].map((name) =>
    parseStrategy(readFileSync(strategyFile(name), "utf8"), name),
  );
  expect(same?.entries).toEqual(onDocker?.entries);
  expect(same?.incomplete).toEqual([]);
  expect(same?.entries.map(({ path, kind }) => `${kind} ${path}`)).toEqual(
    expect.arrayContaining(["tmpfs /run/app", "tmpfs /tmp", "volume /srv/app"]),
  );
  const volumes = same?.entries.flatMap((entry) => (entry.kind === "volume" ? [[entry.path, entry.exec]] : []));
  expect(volumes).toEqual([
    ["/cache", true],
    ["/srv/app", false],
  ]);
});

test("verify passes, and knows of each mount what it is needed for: Podman lends none of its own", async () => {
  const { exitCode, stdout, stderr } = onPodman("verify", "--minimal", "--json", strategyFile("podman"));
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const verdict = JSON.parse(stdout) as Verdict;
  expect(verdict).toMatchObject({ outcome: "passed", regressions: [] });
  const tried = verdict.minimal?.filter(({ path }) => path !== "/cache");
  expect(tried?.map(({ path, needed }) => [path, needed])).toEqual([
    ["/run/app", true],
    ["/srv/app", true],
    ["/tmp", true],
    ["/var/log/app", true],
  ]);
  expect(tried?.find(({ path }) => path === "/tmp")?.evidence).toContain("EROFS");
});

test("verify finds a volume in which code must be run, and may not", () => {
  const wrong = readFileSync(strategyFile("podman"), "utf8").replace("exec: true", "exec: false");
  const file = join(at("podman"), "wrong.strategy.yaml");
  writeFileSync(file, wrong);
  const { exitCode, stdout, stderr } = onPodman("verify", "--json", file);
  rmSync(file);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 });
  expect((JSON.parse(stdout) as Verdict).regressions).toContainEqual(
    expect.objectContaining({
      kind: "operation",
      operation: "exec",
      errno: "EACCES",
      path: "/cache/true",
      fix: "Allow exec on the volume on /cache.",
    }),
  );
});

test("run keeps to the strategy, and leaves nothing but the data", async () => {
  const { socketPath } = podman;
  const volumes = async (): Promise<string[]> => {
    const { Volumes } = await dockerJson<{ Volumes: { Name: string }[] }>(socketPath, "GET", "/volumes");
    return Volumes.map(({ Name }) => Name).toSorted();
  };
  const before = await volumes();
  const args = ["run", "--host", `unix://${socketPath}`, "--rm", "--name", "stone", IMAGE];
  const running = startPetrify(args, { cwd: at("podman") });
  const ended = running.ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
  const isUp = eventually(async () => {
    const { text } = await dockerHttp(socketPath, "GET", "/containers/stone/json");
    const started = (JSON.parse(text) as { State?: { Pid: number } }).State?.Pid ?? 0;
    return existsSync(`/proc/${started}/root/run/app/pid`) ? started : undefined;
  });
  const pid = await Promise.race([isUp, ended]);
  const mounts = readFileSync(`/proc/${pid}/mounts`, "utf8");
  expect(mounts).toMatch(/^\S+ \/ overlay ro,/m);
  const writable = mounts.match(/(?<= )\/(?:run|tmp|var|srv)\S*(?= (?:tmpfs|ext4|overlay|xfs|btrfs) rw)/gm)?.toSorted();
  expect(writable).toEqual(["/run/app", "/srv/app", "/tmp", "/var/log/app"]);
  expect(mounts).toMatch(/ \/srv\/app \S+ rw,[^ ]*noexec/);
  expect(mounts).not.toMatch(/ \/cache \S+ [^ ]*noexec/);
  expect(mounts).toMatch(/ \/run\/app tmpfs [^ ]*noexec[^ ]*uid=1000,gid=1000/);

  await dockerHttp(socketPath, "POST", "/containers/stone/kill?signal=SIGTERM");
  expect(await running.ended).toMatchObject({ exitCode: 0 });
  const left = (await volumes()).filter((name) => !before.includes(name));
  expect(left.filter((name) => !name.startsWith("stone_"))).toEqual([]);
  expect(left).toContain("stone_srv-app");
  for (const name of left) await dockerHttp(socketPath, "DELETE", `/volumes/${name}`);
});
