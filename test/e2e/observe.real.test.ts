import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Strategy } from "../../src/model/strategy.ts";
import { parseStrategy } from "../../src/strategy/file.ts";
import { dockerHttp, dockerJson } from "../support/docker-http.ts";
import { importImages } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { startPetrify } from "../support/running-petrify.ts";

const IMAGE = "petrify-observe:1";
/** Traps for who reads the layer: a link out, a FIFO, a name that is no UTF-8, a sparse terabyte, a tower of directories. */
const TRAPS = [
  "ln -s /etc/shadow /srv/app/link; ln -s /proc/1/root/etc /srv/app/outside; mkfifo /srv/app/fifo",
  "touch /srv/app/$(printf '\\377\\376'); dd if=/dev/zero of=/srv/app/sparse bs=1 count=0 seek=1099511627776 2>/dev/null",
  "(cd /srv/app; i=0; while [ $i -lt 600 ]; do mkdir d && cd d; i=$((i+1)); done)",
].join("; ");

const folder = mkdtempSync(join(tmpdir(), "observe-test-"));
let engine: PrivateEngine;

beforeAll(async () => {
  engine = await startPrivateEngine();
  const arrange = "mkdir -p srv/app var/log/app var/cache/app state";
  await importImages(engine.cacheDir, [{ reference: IMAGE, arrange, changes: ['CMD ["sh"]'] }]);
});
afterAll(async () => {
  for (const { Id } of await dockerJson<{ Id: string }[]>(engine.socketPath, "GET", "/containers/json?all=1"))
    await dockerHttp(engine.socketPath, "DELETE", `/containers/${Id}?force=1&v=1`);
  await engine.stop();
  rmSync(folder, { recursive: true });
});

async function run(name: string, script: string, config: object = {}): Promise<string> {
  const body = { Image: IMAGE, Cmd: ["sh", "-c", script], HostConfig: { NetworkMode: "none", ...config } };
  const { Id } = await dockerJson<{ Id: string }>(engine.socketPath, "POST", `/containers/create?name=${name}`, body);
  await dockerJson(engine.socketPath, "POST", `/containers/${Id}/start`);
  return Id;
}
const inspect = (id: string): Promise<unknown> => dockerJson(engine.socketPath, "GET", `/containers/${id}/json`);
const observe = (cwd: string, ...args: string[]): ReturnType<typeof startPetrify> =>
  startPetrify(["learn", "--host", `unix://${engine.socketPath}`, "--out", join(folder, cwd), ...args]);
const strategyIn = (cwd: string, name: string): Strategy => {
  const file = join(folder, cwd, `${name}.strategy.yaml`);
  return parseStrategy(readFileSync(file, "utf8"), file);
};
const kinds = ({ entries }: Strategy): Record<string, string> =>
  Object.fromEntries(entries.map(({ path, kind }) => [path, kind]));

test("a container that runs: its layer for the past, the sensor from now on, what it would lose, and not a thing changed", async () => {
  const id = await run(
    "shop",
    `echo old > /srv/app/old; echo l > /var/log/app/log; echo 1 > /run/shop.pid; echo c > /var/cache/app/c; ${TRAPS}; while :; do echo live >> /srv/app/live; echo x > /state/x; rm /state/x; sleep 0.2; done`,
    { RestartPolicy: { Name: "always" } },
  );
  const before = await inspect(id);
  const { exitCode, stdout, stderr } = await observe("past", "--container", "shop", "--for", "2s", "--json").ended;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(await inspect(id)).toEqual(before);

  const strategy = strategyIn("past", "shop");
  expect(kinds(strategy)).toEqual({
    "/run": "tmpfs",
    "/srv/app": "volume",
    "/state": "tmpfs",
    // Nobody saw its start.
    "/tmp": "tmpfs",
    "/var/cache/app": "tmpfs",
    "/var/log/app": "tmpfs",
  });
  expect(strategy.workload).toMatchObject({ image: IMAGE, network: "none", restart: "always" });
  expect(strategy.incomplete.map((reason) => reason.slice(0, 20))).toEqual([
    "directories lie deep",
    "its start was not ob",
    "no restart was obser",
    "no test was run: wha",
  ]);
  const { workloads } = JSON.parse(stdout) as { workloads: readonly { atRisk: readonly object[] }[] };
  const [atRisk] = workloads[0]?.atRisk ?? [];
  expect(atRisk).toMatchObject({ container: "shop", items: [{ path: "/srv/app", files: 4, by: ["/bin/busybox"] }] });
  expect((atRisk as { totalBytes: number }).totalBytes).toBeLessThan(100_000);
  expect(JSON.stringify(atRisk)).toContain("log files");
  expect(stdout).not.toContain("shadow");
});

test("writes that a read-only container is denied are learned", async () => {
  await run("sealed", "while :; do echo x > /state/file; echo y > /var/log/app/z; sleep 0.2; done", {
    ReadonlyRootfs: true,
  });
  const { exitCode, stdout } = await observe("sealed", "--container", "sealed", "--for", "2s").ended;
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  const strategy = strategyIn("sealed", "sealed");
  expect(kinds(strategy)).toEqual({ "/state": "volume", "/tmp": "tmpfs", "/var/log/app": "tmpfs" });
  expect(strategy.entries[0]?.why).toContain("read-only root refuses it");
  expect(stdout).toContain("No data at risk: sealed has none in a layer of its own.");
});

test("what replaces a container is observed from its first instruction on, and Ctrl-C keeps what was seen", async () => {
  const first = await run("web", "echo a > /srv/app/a; while :; do sleep 1; done");
  const observing = observe("redeploy", "--container", "web");
  expect(await observing.shows("observing 1 container")).toBe(true);
  await dockerHttp(engine.socketPath, "DELETE", `/containers/${first}?force=1`);
  await run("web", "echo b > /state/b; rm /state/b; while :; do sleep 1; done");
  // A stranger is none of its business.
  await run("stranger", "while :; do sleep 1; done");
  await new Promise((resolve) => setTimeout(resolve, 500));
  observing.interrupt();
  const { exitCode, stdout, stderr } = await observing.ended;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain("Note: observed in 2 containers.");
  const strategy = strategyIn("redeploy", "web");
  expect(kinds(strategy)).toEqual({ "/srv/app": "volume", "/state": "tmpfs" });
  expect(strategy.incomplete.join()).not.toContain("start was not observed");

  // Observed once more: what was seen before is kept.
  const again = await observe("redeploy", "--container", "web", "--for", "1s").ended;
  expect(again.stdout).toContain("Unchanged:");
  expect(kinds(strategyIn("redeploy", "web"))).toEqual(kinds(strategy));
});

test("an earlier profile that is damaged or of another image costs nothing of what was observed", async () => {
  const out = join(folder, "earlier");
  mkdirSync(out);
  const damaged = join(out, "web.profile.ndjson.zst");
  writeFileSync(damaged, "damaged");
  const first = await observe("earlier", "--container", "web", "--for", "1s").ended;
  expect(first).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`Note: not merged with ${damaged}, which is now ${damaged}.old: `) as string,
  });
  expect(readFileSync(`${damaged}.old`, "utf8")).toBe("damaged");

  await dockerHttp(engine.socketPath, "POST", "/containers/web/rename?name=earlier-web");
  await dockerHttp(engine.socketPath, "POST", `/images/${IMAGE}/tag?repo=petrify-observe-other&tag=1`);
  const body = { Image: "petrify-observe-other:1", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none" } };
  const { Id } = await dockerJson<{ Id: string }>(engine.socketPath, "POST", "/containers/create?name=web", body);
  await dockerJson(engine.socketPath, "POST", `/containers/${Id}/start`);
  const other = await observe("earlier", "--container", "web", "--for", "1s").ended;
  await dockerHttp(engine.socketPath, "DELETE", `/containers/${Id}?force=1`);
  await dockerHttp(engine.socketPath, "POST", "/containers/earlier-web/rename?name=web");
  expect(other).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("it is of docker.io/library/petrify-observe") as string,
  });
  expect(kinds(strategyIn("earlier", "web"))).not.toHaveProperty("/state");
});

test("--all takes what runs and what is made meanwhile; a name that nothing has is said", async () => {
  const observing = observe("all", "--all", "--json");
  expect(await observing.shows("observing 4 containers")).toBe(true);
  await run("late", "echo x > /state/late; while :; do sleep 1; done");
  await new Promise((resolve) => setTimeout(resolve, 500));
  observing.interrupt();
  const { exitCode, stdout } = await observing.ended;
  expect(exitCode).toBe(0);
  const { workloads } = JSON.parse(stdout) as { workloads: readonly { strategyFile: string; phases: unknown }[] };
  expect(workloads.map(({ strategyFile }) => strategyFile.replace(/^.*\//, "").split(".")[0])).toEqual([
    "late",
    "sealed",
    "shop",
    "stranger",
    "web",
  ]);
  const nobody = await observe("none", "--container", "nobody").ended;
  expect(nobody).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("E_CONTAINER_NOT_FOUND") as string });
});

test("where nothing has run, nothing is written, and that is said", async () => {
  const body = { Image: IMAGE, Cmd: ["sh"], HostConfig: { NetworkMode: "none" } };
  await dockerJson(engine.socketPath, "POST", "/containers/create?name=idle", body);
  const idle = await observe("idle", "--container", "idle", "idle", "--for", "0s").ended;
  expect(idle).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("none has run before.  [E_CONTAINER_NOT_FOUND]") as string,
  });
  expect(idle.stderr).toContain("observing 1 container\n");
});

test("--all begins before anything runs", async () => {
  for (const { Id } of await dockerJson<{ Id: string }[]>(engine.socketPath, "GET", "/containers/json"))
    await dockerHttp(engine.socketPath, "DELETE", `/containers/${Id}?force=1`);
  const observing = observe("early", "--all", "--json");
  expect(await observing.shows("observing 0 containers")).toBe(true);
  await run("first-of-all", "echo x > /state/late; while :; do sleep 1; done");
  expect(await observing.shows("observing first-of-all")).toBe(true);
  observing.interrupt();
  expect(await observing.ended).toMatchObject({ exitCode: 0 });
  expect(strategyIn("early", "first-of-all").name).toBe("first-of-all");
});
