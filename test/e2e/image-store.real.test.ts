import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../src/engine/contract/bench.ts";
import { connectDocker } from "../../src/engine/docker/connect.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { petrify, ROOT } from "../support/cli.ts";
import { dockerTools } from "../support/docker-compose.ts";
import { dockerHttp, dockerJson } from "../support/docker-http.ts";
import { ociArchive } from "../support/oci-archive.ts";
import { busyboxPath, type PrivateEngine, startPrivateImageStore } from "../support/private-engine.ts";
import { startPetrify } from "../support/running-petrify.ts";
import { busyboxRoot } from "../support/test-image.ts";

const IMAGE = "petrify-image-store:1";
const SERVICE =
  "trap 'exit 0' TERM; cat /srv/app/state; echo state >> /srv/app/state; echo x > /tmp/x; rm /tmp/x; while :; do sleep 1000 & wait; done";

const folder = mkdtempSync(join(tmpdir(), "image-store-test-"));
const strategyFile = join(folder, "petrify-image-store.strategy.yaml");
let daemon: PrivateEngine;
let engine: Engine;
let digest: string;

beforeAll(async () => {
  daemon = await startPrivateImageStore();
  engine = await connectDocker({ kind: "unix", path: daemon.socketPath }, "test");
  const root = busyboxRoot(
    await busyboxPath(),
    "mkdir -p srv/app tmp && chmod 1777 tmp && echo shipped > srv/app/file",
  );
  const archive = ociArchive(IMAGE, await buffer(root.tar), { Cmd: ["sh", "-c", SERVICE], Env: ["PATH=/bin"] });
  root.remove();
  digest = archive.digest;
  await engine.loadImage(Readable.from(archive.tar));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await daemon.stop();
  rmSync(folder, { recursive: true });
});

const onStore = (...args: string[]): ReturnType<typeof petrify> => {
  const [verb = "", ...rest] = args;
  return petrify([verb, "--host", `unix://${daemon.socketPath}`, ...rest], { cwd: folder });
};

test("an image for several processors is learned, verified and exported by its index", () => {
  const { exitCode, stderr } = onStore("learn", "--exec", "cat /srv/app/state", IMAGE);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stderr).toContain("overlayfs (containerd image store)");
  const strategy = parseStrategy(readFileSync(strategyFile, "utf8"), strategyFile);
  expect(strategy.incomplete).toEqual([]);
  expect(strategy.entries.map(({ path, kind }) => `${kind} ${path}`)).toEqual(["volume /srv/app", "tmpfs /tmp"]);

  const verified = onStore("verify", "--minimal", "--json", strategyFile);
  expect(verified).toMatchObject({ exitCode: 0 });
  const verdict = JSON.parse(verified.stdout) as Verdict;
  expect(verdict).toMatchObject({ outcome: "passed", regressions: [], imageId: digest });
  expect(verdict.minimal?.map(({ path, needed }) => [path, needed])).toEqual([
    ["/srv/app", true],
    ["/tmp", true],
  ]);
  expect(petrify(["export", "--to", "docker", strategyFile], { cwd: folder }).stdout).toContain("--read-only");
});

test("doctor has tried the image store: Docker 26 does not tell where its containerd listens", () => {
  const { stdout } = onStore("doctor", "--json");
  const { findings } = JSON.parse(stdout) as { findings: readonly { id: string; found: string }[] };
  expect(findings.find(({ id }) => id === "store")).toMatchObject({
    status: "warn",
    found: "overlayfs (containerd image store): layers of images are not read on disk",
  });
});

test("run keeps to the strategy; its volume starts with what the image ships", async () => {
  const args = ["run", "--host", `unix://${daemon.socketPath}`, "--rm", "--name", "kept", IMAGE];
  const running = startPetrify(args, { cwd: folder });
  const ended = running.ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
  const isUp = eventually(async () => {
    const { text } = await dockerHttp(daemon.socketPath, "GET", "/containers/kept/json");
    const pid = (JSON.parse(text) as { State?: { Pid: number } }).State?.Pid ?? 0;
    return existsSync(`/proc/${pid}/root/srv/app/state`) ? pid : undefined;
  });
  const pid = await Promise.race([isUp, ended]);
  expect(readFileSync(`/proc/${pid}/mounts`, "utf8")).toMatch(/^\S+ \/ overlay ro,/m);
  expect(readFileSync(`/proc/${pid}/root/srv/app/file`, "utf8")).toBe("shipped\n");
  await dockerHttp(daemon.socketPath, "POST", "/containers/kept/kill?signal=SIGTERM");
  expect(await running.ended).toMatchObject({ exitCode: 0 });
  await engine.removeVolume("kept_srv-app");
});

interface AtRisk {
  readonly container: string;
  readonly items: readonly { readonly path: string; readonly sizeBytes: number; readonly changedAt?: string }[];
}
const atRiskIn = (json: string): readonly AtRisk[] =>
  (JSON.parse(json) as { workloads: readonly { atRisk: readonly AtRisk[] }[] }).workloads.flatMap(
    ({ atRisk }) => atRisk,
  );

test("data at risk is told of a container that runs, and of one that was stopped", async () => {
  const { socketPath } = daemon;
  const body = { Image: IMAGE, HostConfig: { NetworkMode: "none" } };
  await dockerJson(socketPath, "POST", "/containers/create?name=shop", body);
  await dockerJson(socketPath, "POST", "/containers/shop/start");
  const args = ["learn", "--host", `unix://${socketPath}`, "--json", "--out", join(folder, "shop")];
  const running = await startPetrify([...args, "--container", "shop", "--for", "1s"]).ended;
  expect({ ...running, stdout: "" }).toMatchObject({ exitCode: 0 });
  const expected = [{ container: "shop", items: [{ path: "/srv/app", files: 1, sizeBytes: 6 }] }];
  expect(atRiskIn(running.stdout)).toMatchObject(expected);

  const observing = startPetrify([...args, "--all"]);
  expect(await observing.shows("observing 1 container")).toBe(true);
  await dockerHttp(socketPath, "POST", "/containers/shop/stop");
  observing.interrupt();
  const stopped = await observing.ended;
  expect({ ...stopped, stdout: "" }).toMatchObject({ exitCode: 0 });
  expect(atRiskIn(stopped.stdout)).toMatchObject(expected);
  expect(atRiskIn(stopped.stdout)[0]?.items[0]?.changedAt).toMatch(/^\d{4}-/);
  await dockerHttp(socketPath, "DELETE", "/containers/shop?force=1");
});

test("a command's containers and a Compose project are learned", async () => {
  const tools = await dockerTools(daemon);
  const project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "compose.yaml"), `services: { web: { image: "${IMAGE}" } }\nversion: "2.4"\n`);
  const starter = join(ROOT, "test/support/container-starter.ts");
  for (const [name, ...source] of [
    ["made", "--during", "--", process.execPath, starter, IMAGE, "in turn", "made"],
    ["project-web", "--compose", join(project, "compose.yaml"), "--test", "true"],
  ] as const) {
    const out = join(folder, name);
    const args = ["learn", "--host", `unix://${daemon.socketPath}`, "--out", out, ...source];
    const { exitCode, stderr } = petrify(args, { env: tools.onPath(folder) });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const file = join(out, `${name}.strategy.yaml`);
    expect(parseStrategy(readFileSync(file, "utf8"), file).workload.image).toBe(IMAGE);
  }
  expect(await engine.listSessions()).toEqual([]);
});
