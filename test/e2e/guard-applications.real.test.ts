import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { corpusWorkload } from "../../demo/corpus.ts";
import { ensureImages } from "../../demo/images/build.ts";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import { formatStrategy } from "../../src/strategy/file.ts";
import { petrify, ROOT } from "../support/cli.ts";
import { GuardedDocker, type Ran } from "../support/guarded-docker.ts";
import { importImages } from "../support/loop-images.ts";
import { strategy, tmpfs, volume } from "../support/strategy-samples.ts";
import { plainWorkload } from "../support/workload.ts";
import { ENFORCING } from "./guard-clients/policies.ts";

/** Images are built, when no cache has them. */
const SET_UP_TIMEOUT_MS = 600_000;
const BUSYBOX = "petrify-guarded:1";
const APPLICATIONS = ["nginx", "redis", "postgresql"] as const;
type Application = (typeof APPLICATIONS)[number];
const PORTS: Readonly<Record<Application, string>> = { nginx: "80", redis: "6379", postgresql: "5432" };
const POLICY = `${ENFORCING}strategies:
  folder: strategies
`;

/** As somebody wrote them who had the applications elsewhere; redis' own is learned here. */
function byHand(postgres: { readonly uid: number; readonly gid: number }): readonly Strategy[] {
  return [
    written("nginx", [
      tmpfs("/run", { why: "Pid file." }),
      tmpfs("/var/lib/nginx", { why: "Request bodies.", sizeBytes: 2 ** 24 }),
      tmpfs("/var/log/nginx", { why: "Logs, which nothing reads back." }),
    ]),
    written("postgresql", [
      tmpfs("/run/postgresql", { why: "Socket and lock.", ...postgres, mode: 0o2775 }),
      volume("/var/lib/postgresql", { why: "The database.", seeded: true }),
    ]),
  ];
}

function written(name: Application, entries: Strategy["entries"]): Strategy {
  return strategy(entries, {
    name,
    fits: { repositories: [`docker.io/petrify-demo/${name}`] },
    workload: plainWorkload(`petrify-demo/${name}`, { name }),
    test: { kind: "none" },
  });
}

let guarded: GuardedDocker;
let images: Readonly<Record<Application, string>>;
beforeAll(async () => {
  guarded = await GuardedDocker.open();
  const { cacheDir } = guarded.engine;
  await importImages(cacheDir, [{ reference: BUSYBOX, arrange: "mkdir -p var/tmp" }]);
  await using store = await startEmbeddedEngine({ cacheDir });
  const recipes = APPLICATIONS.map((name) => corpusWorkload(name).recipe);
  const references = await ensureImages(store, recipes, { onProgress: () => {} });
  images = Object.fromEntries(APPLICATIONS.map((name, index) => [name, references[index]])) as typeof images;
  const [uid = 0, gid = 0] = guarded.direct
    .docker("run", "--rm", images.postgresql, "sh", "-c", "id -u; id -g")
    .split("\n")
    .map(Number);
  for (const one of byHand({ uid, gid }))
    writeFileSync(join(guarded.strategies, `${one.name}.strategy.yaml`), formatStrategy(one));
  const learned = petrify(["learn", "--host", "embedded", "--test", `sh ${ROOT}/demo/test redis`, images.redis], {
    env: { PETRIFY_CACHE: cacheDir, DOCKER_HOST: undefined },
    cwd: guarded.strategies,
  });
  if (learned.exitCode !== 0) throw new Error(learned.stderr);
  await guarded.start(POLICY);
}, SET_UP_TIMEOUT_MS);
afterAll(() => guarded.close());

/** One run of an application's own test. */
function exercise(name: Application, container: string, phase: "first" | "restart"): Ran {
  const port = PORTS[name];
  return guarded.program(`test/e2e/workloads/${name}/test.ts`, [], {
    PETRIFY_NAME: container,
    PETRIFY_HOST: guarded.direct.docker("inspect", "-f", "{{.NetworkSettings.IPAddress}}", container).trim(),
    PETRIFY_PORT: port,
    PETRIFY_PHASE: phase,
  });
}

test.for(APPLICATIONS)("%s does its work after `docker run` without a flag, and again after a restart", (name) => {
  const container = `guarded-${name}`;
  expect(guarded.docker("run", "-d", "--name", container, images[name])).toMatchObject({
    status: 0,
    // Of all three the image was built elsewhere than where they were verified.
    stderr: `WARNING: The strategy ${name} is used, unverified on this image.\n`,
  });
  expect(exercise(name, container, "first")).toMatchObject({ status: 0, stderr: "" });
  expect(guarded.docker("restart", "-t", "30", container)).toMatchObject({ status: 0 });
  expect(exercise(name, container, "restart")).toMatchObject({ status: 0, stderr: "" });
  const write = guarded.docker("exec", "-u", "0", container, "touch", "/usr/bin/x");
  expect(write.status).toBe(1);
  expect(write.stderr).toContain("'/usr/bin/x': Read-only file system");
  expect(guarded.docker("rm", "-fv", container)).toMatchObject({ status: 0 });
});

test("a strategy's volume without a name is the container's own, and goes with it", () => {
  const volumes = (): readonly string[] =>
    guarded.direct.docker("volume", "ls", "-q").split("\n").filter(Boolean).toSorted();
  const before = volumes();
  guarded.docker("create", "--name", "guarded-own", images.postgresql);
  const mounts = guarded.docker("inspect", "-f", "{{range .Mounts}}{{.Type}}={{.Destination}} {{end}}", "guarded-own");
  expect(mounts.stdout).toContain("volume=/var/lib/postgresql");
  expect(volumes()).toHaveLength(before.length + 1);
  guarded.docker("rm", "-v", "guarded-own");
  expect(volumes()).toEqual(before);
});

test("learning through the guard says so, instead of learning what a read-only container writes", () => {
  const { exitCode, stderr } = petrify(["learn", "--test", "true", BUSYBOX, "--", "sleep", "1000"], {
    env: { PETRIFY_CACHE: guarded.engine.cacheDir, DOCKER_HOST: guarded.env["DOCKER_HOST"] },
    cwd: guarded.folder,
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("[E_ENGINE_UNSUPPORTED]");
  expect(stderr).toMatch(/made the container read-only.*--host/s);
  expect(guarded.direct.docker("ps", "-aq", "--filter", `ancestor=${BUSYBOX}`)).toBe("");
});

const write = (): Ran => guarded.docker("run", "--rm", BUSYBOX, "sh", "-c", "echo x >/etc/x && echo wrote");
/** Resolves when `holds` does: the next call goes by the new policy. */
const reload = async (policy: string, holds: () => boolean): Promise<void> => {
  writeFileSync(guarded.guard.policyFile, policy);
  guarded.guard.kill("SIGHUP");
  await expect.poll(holds, { timeout: 10_000 }).toBe(true);
};
const createNginx = (): Ran => guarded.docker("create", images.nginx);

describe("a policy that is written anew", () => {
  test("holds from the next call on, while open streams stay open; a broken one leaves the policy of before", async () => {
    expect(guarded.docker("run", "-di", "--name", "guarded-stream", BUSYBOX, "cat")).toMatchObject({ status: 0 });
    const attached = spawn("docker", ["attach", "guarded-stream"], { env: guarded.env, timeout: 60_000 });
    attached.stdin.write("before\n");
    expect(String((await once(attached.stdout, "data"))[0])).toBe("before\n");
    expect(write()).toMatchObject({ status: 1, stdout: "" });

    await reload(POLICY.replace("mode: enforce", "mode: audit"), () => write().status === 0);
    writeFileSync(guarded.guard.policyFile, `${POLICY}mode: [`);
    guarded.guard.kill("SIGHUP");
    expect(await guarded.guard.says("E_POLICY")).toBe(true);
    expect(write()).toMatchObject({ status: 0, stdout: "wrote\n" });
    await reload(POLICY, () => write().status === 1);

    attached.stdin.write("after\n");
    expect(String((await once(attached.stdout, "data"))[0])).toBe("after\n");
    attached.kill();
    guarded.docker("rm", "-f", "guarded-stream");
  });

  test("refuses what was never verified where it says so: docker shows who refused, and what makes it known", async () => {
    await reload(`${POLICY}  onUnknownDigest: refuse\n`, () => createNginx().status !== 0);
    const { status, stderr } = createNginx();
    expect(status).toBe(1);
    expect(stderr).toContain("policy clients");
    expect(stderr).toContain("petrify verify");
    await reload(POLICY, () => createNginx().status === 0);
  });
});
