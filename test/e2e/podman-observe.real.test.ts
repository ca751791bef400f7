import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDocker } from "../../src/engine/docker/connect.ts";
import { readProfile } from "../../src/learn/profile-file.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import type { CliResult } from "../support/cli.ts";
import { dockerJson } from "../support/docker-http.ts";
import { podman, podmanCommand } from "../support/podman-command.ts";
import { busyboxPath, type PrivateEngine, startPrivatePodman } from "../support/private-engine.ts";
import { startPetrify } from "../support/running-petrify.ts";
import { busyboxRoot } from "../support/test-image.ts";

const IMAGE = "localhost/petrify-podman-observe:1";
const RUN = ["run", "--network", "none", "-d"];
const FOREVER = "while :; do sleep 1; done";
const folder = mkdtempSync(join(tmpdir(), "podman-observe-test-"));
let engine: PrivateEngine;

beforeAll(async () => {
  engine = await startPrivatePodman();
  const connected = await connectDocker({ kind: "unix", path: engine.socketPath }, "test");
  const root = busyboxRoot(await busyboxPath(), "mkdir -p tmp srv/app var/log/app state && chmod 1777 tmp");
  await connected.importImage(root.tar, { reference: IMAGE, changes: ['CMD ["sh"]', "ENV PATH=/bin"] });
  root.remove();
  await connected[Symbol.asyncDispose]();
});
afterAll(async () => {
  podman(engine, "pod", "rm", "--all", "--force", "--time", "0");
  podman(engine, "rm", "--all", "--force", "--volumes", "--time", "0");
  await engine.stop();
  rmSync(folder, { recursive: true });
});

const learn = (cwd: string, ...args: string[]): ReturnType<typeof startPetrify> =>
  startPetrify(["learn", "--host", `unix://${engine.socketPath}`, "--out", join(folder, cwd), ...args]);
const strategyIn = (cwd: string, name: string): Strategy => {
  const file = join(folder, cwd, `${name}.strategy.yaml`);
  return parseStrategy(readFileSync(file, "utf8"), file);
};
const kinds = ({ entries }: Strategy): Record<string, string> =>
  Object.fromEntries(entries.map(({ path, kind }) => [path, kind]));
const inspect = (name: string): Promise<unknown> => dockerJson(engine.socketPath, "GET", `/containers/${name}/json`);

test("a container of `podman run`: its layer for the past, the sensor from now on, what it would lose, and not a thing changed", async () => {
  const script = "echo old > /srv/app/old; echo l > /var/log/app/log; echo 1 > /run/shop.pid";
  podman(
    engine,
    ...RUN,
    "--name",
    "shop",
    "-e",
    "A=1",
    IMAGE,
    "sh",
    "-c",
    `${script}; while :; do echo x > /state/x; rm /state/x; sleep 0.2; done`,
  );
  const before = await inspect("shop");
  const { exitCode, stdout, stderr } = await learn("past", "--container", "shop", "--for", "2s", "--json").ended;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(await inspect("shop")).toEqual(before);

  const strategy = strategyIn("past", "shop");
  expect(kinds(strategy)).toEqual({
    "/run": "tmpfs",
    "/srv/app": "volume",
    "/state": "tmpfs",
    "/tmp": "tmpfs",
    "/var/log/app": "tmpfs",
  });
  const { workload } = strategy;
  expect(workload).toMatchObject({ image: IMAGE, network: "none", env: ["A=1"], mounts: [], capAdd: [], capDrop: [] });
  const { workloads } = JSON.parse(stdout) as { workloads: readonly { atRisk: readonly object[] }[] };
  expect(workloads[0]?.atRisk).toMatchObject([{ container: "shop", items: [{ path: "/srv/app", files: 1 }] }]);
});

test("one that is read-only already: what Podman lends it counts as written there, and what it is denied is learned", async () => {
  const writes = "echo p > /run/app.pid; echo x > /state/file; echo y > /var/log/app/z; echo t > /tmp/t; rm /tmp/t";
  podman(
    engine,
    ...RUN,
    "--read-only",
    "--name",
    "sealed",
    IMAGE,
    "sh",
    "-c",
    `while :; do ${writes}; sleep 0.2; done`,
  );
  const { exitCode, stdout } = await learn("sealed", "--container", "sealed", "--for", "2s").ended;
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  const strategy = strategyIn("sealed", "sealed");
  expect(kinds(strategy)).toEqual({ "/run": "tmpfs", "/state": "volume", "/tmp": "tmpfs", "/var/log/app": "tmpfs" });
  expect(strategy.workload.mounts).toEqual([]);
  expect(stdout).toContain("No data at risk: sealed has none in a layer of its own.");
});

test("what replaces a container is observed from its first instruction on", async () => {
  podman(engine, ...RUN, "--name", "web", IMAGE, "sh", "-c", `echo a > /srv/app/a; ${FOREVER}`);
  const observing = learn("redeploy", "--container", "web");
  expect(await observing.shows("observing 1 container")).toBe(true);
  podman(engine, "rm", "--force", "--time", "0", "web");
  podman(engine, ...RUN, "--name", "web", IMAGE, "sh", "-c", `echo b > /state/b; rm /state/b; ${FOREVER}`);
  podman(engine, ...RUN, "--name", "stranger", IMAGE, "sh", "-c", FOREVER);
  observing.interrupt();
  const { exitCode, stdout, stderr } = await observing.ended;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain("Note: observed in 2 containers.");
  const strategy = strategyIn("redeploy", "web");
  expect(kinds(strategy)).toEqual({ "/srv/app": "volume", "/state": "tmpfs" });
  expect(strategy.incomplete.join()).not.toMatch(/start was not observed|ended by itself/);
});

test("--all takes what runs and what is made meanwhile, and nothing that only holds a pod together", async () => {
  podman(engine, "pod", "create", "--name", "pod", "--network", "none");
  podman(
    engine,
    "run",
    "-d",
    "--pod",
    "pod",
    "--name",
    "member",
    IMAGE,
    "sh",
    "-c",
    `while :; do echo m > /state/m; sleep 0.2; done`,
  );
  const observing = learn("all", "--all", "--json");
  expect(await observing.shows("observing 5 containers")).toBe(true);
  podman(engine, ...RUN, "--name", "late", IMAGE, "sh", "-c", `echo x > /state/late; ${FOREVER}`);
  podman(engine, "pod", "create", "--name", "pod2", "--network", "none");
  podman(engine, "run", "-d", "--pod", "pod2", "--name", "member2", IMAGE, "sh", "-c", `echo x > /state/m; ${FOREVER}`);
  observing.interrupt();
  const { exitCode, stdout, stderr } = await observing.ended;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const { workloads } = JSON.parse(stdout) as { workloads: readonly { strategyFile: string }[] };
  expect(workloads.map(({ strategyFile }) => strategyFile.replace(/^.*\//, "").split(".")[0])).toEqual([
    "late",
    "member",
    "member2",
    "sealed",
    "shop",
    "stranger",
    "web",
  ]);
  expect(strategyIn("all", "member").workload).toMatchObject({ env: [], mounts: [] });
});

function during(cwd: string, ...command: readonly string[]): Promise<CliResult> {
  return learn(cwd, "--during", "--", ...command).ended;
}

test("--during sees the first instruction of what `podman run` starts without the service", async ({ annotate }) => {
  const names = Array.from({ length: 8 }, (_, index) => `cli-${index}`);
  const run = [...podmanCommand(engine), "run", "--network", "none"].join(" ");
  const script = names.map(
    (name, index) => `${run} ${index % 2 ? "--rm" : ""} --name ${name} ${IMAGE} mkdir /state/${name}`,
  );
  const { exitCode, stderr } = await during("cli", "sh", "-euc", script.join("\n"));
  expect({ exitCode, stderr: stderr.split("petrify: ")[1] }).toEqual({ exitCode: 0 });
  // One that removes itself may be gone before it can be asked what it is.
  const known = names.filter((name) => existsSync(join(folder, "cli", `${name}.profile.ndjson.zst`)));
  expect(stderr.split("removed before it could be looked at").length - 1).toBe(names.length - known.length);
  let complete = 0;
  for (const name of known) {
    const { header, records } = await readProfile(join(folder, "cli", `${name}.profile.ndjson.zst`));
    const sawStart = !header.incomplete.some((reason) => reason.includes("start was not observed"));
    if (sawStart) complete++;
    const first = { path: `/state/${name}`, done: ["mkdir"], by: ["/bin/mkdir"] };
    expect({ sawStart, records }).toMatchObject({ sawStart, records: sawStart ? [first] : records });
    expect(header.coverage.phases).toMatchObject(sawStart ? [{ phase: "first", test: 0, exitedEarly: 0 }] : []);
  }
  await annotate(`${complete} of ${names.length} starts seen`);
  expect(complete).toBeGreaterThan(0);
});
