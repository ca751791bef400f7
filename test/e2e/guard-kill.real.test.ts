import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { dockerHttp, dockerJson } from "../support/docker-http.ts";
import { GuardedDocker } from "../support/guarded-docker.ts";
import { importImages, service } from "../support/loop-images.ts";
import { ENFORCING } from "./guard-clients/policies.ts";

const IMAGE = "petrify-killed:1";
const SERVICE = ["--net", "none", "--name", "$name", IMAGE];

interface Act {
  readonly name: string;
  /** Through the guard, to its end. */
  readonly before: readonly (readonly string[])[];
  /** In the middle of which the guard dies. `$name`: of the container that it makes or uses. */
  readonly killed: readonly string[];
  /** Longer than it takes, so that points before, in and after it are drawn. */
  readonly withinMs: number;
}

const ACTS: readonly Act[] = [
  { name: "create", before: [], killed: ["create", ...SERVICE], withinMs: 250 },
  { name: "start", before: [["create", ...SERVICE]], killed: ["start", "$name"], withinMs: 500 },
  { name: "run", before: [], killed: ["run", "-i", ...SERVICE], withinMs: 700 },
  { name: "attach", before: [["run", "-d", ...SERVICE]], killed: ["attach", "$name"], withinMs: 300 },
  { name: "exec", before: [["run", "-d", ...SERVICE]], killed: ["exec", "$name", "sleep", "1"], withinMs: 500 },
  { name: "build", before: [], killed: ["build", "--no-cache", "context"], withinMs: 1500 },
];
const POINTS = 3;

/** Numbers below 1, the same ones in each run (mulberry32). */
function* drawn(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
const random = drawn(6);
const CASES = ACTS.flatMap((act) =>
  Array.from({ length: POINTS }, (_, index): readonly [string, number, string, Act] => [
    act.name,
    Math.round(random.next().value * act.withinMs),
    `killed-${act.name}-${index}`,
    act,
  ]),
);

let guarded: GuardedDocker;
let bystander: string;
beforeAll(async () => {
  guarded = await GuardedDocker.open();
  await importImages(guarded.engine.cacheDir, [{ reference: IMAGE, changes: [service("echo up; cat >/dev/null")] }]);
  mkdirSync(join(guarded.folder, "context"));
  const steps = ["RUN sleep 0.2 && echo 1 >/etc/built", "RUN sleep 0.2 && echo 2 >/etc/built"];
  writeFileSync(join(guarded.folder, "context/Dockerfile"), [`FROM ${IMAGE}`, ...steps, ""].join("\n"));
  await guarded.start(ENFORCING);
  guarded.docker("run", "-d", "--net", "none", "--name", "bystander", IMAGE);
  bystander = await stateOf("bystander");
  guarded.guard.kill("SIGKILL");
  await guarded.guard.ended;
});
// In the place of the one that was killed, whose socket is still there.
beforeEach(async () => void (await guarded.start(ENFORCING)));
afterAll(() => guarded.close());

interface Inspected {
  readonly Name: string;
  readonly State: { readonly Running: boolean; readonly Pid: number; readonly StartedAt: string };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean };
}
const inspected = (id: string): Promise<Inspected> =>
  dockerJson(guarded.engine.socketPath, "GET", `/containers/${id}/json`);

/** Changes when it is stopped, restarted or replaced. */
async function stateOf(name: string): Promise<string> {
  const { State } = await inspected(name);
  return JSON.stringify([State.Running, State.Pid, State.StartedAt]);
}

async function containers(): Promise<readonly Inspected[]> {
  const ids = await dockerJson<readonly { Id: string }[]>(guarded.engine.socketPath, "GET", "/containers/json?all=1");
  // The builder removes its own at any moment.
  const answers = ids.map(({ Id }) => dockerHttp(guarded.engine.socketPath, "GET", `/containers/${Id}/json`));
  const there = (await Promise.all(answers)).filter(({ status }) => status !== 404);
  return there.map(({ text }) => JSON.parse(text) as Inspected);
}

/** Steps of a build run in writable containers, whose names the engine makes up. */
const isOwn = ({ Name }: Inspected): boolean => Name.startsWith("/killed-") || Name === "/bystander";
const isRunning = ({ State }: Inspected): boolean => State.Running;

test.for(CASES)("%s, killed after %i ms: nothing that it leaves runs writable", async ([, afterMs, name, act]) => {
  const named = (args: readonly string[]): string[] => args.map((arg) => arg.replace("$name", name));
  for (const args of act.before) expect(guarded.docker(...named(args))).toMatchObject({ status: 0 });
  const client = spawn("docker", named(act.killed), { cwd: guarded.folder, env: guarded.env, timeout: 60_000 });
  const ended = once(client, "exit");
  await delay(afterMs);
  guarded.guard.kill("SIGKILL");
  await guarded.guard.ended;
  client.stdin.end();
  await ended;

  // What the engine had been asked for may still be under way.
  const buildSteps = async (): Promise<unknown> => (await containers()).filter((one) => isRunning(one) && !isOwn(one));
  await expect.poll(buildSteps, { timeout: 20_000 }).toEqual([]);
  const left = (await containers()).filter(isOwn);
  expect(left.filter(({ HostConfig }) => !HostConfig.ReadonlyRootfs)).toEqual([]);
  for (const { Name } of left.filter(isRunning))
    expect(() => guarded.direct.docker("exec", Name.slice(1), "touch", "/etc/x")).toThrow("Read-only file system");
  expect(await stateOf("bystander")).toBe(bystander);
});

test("the guard that comes after the last one serves what runs since the first", () => {
  expect(guarded.docker("exec", "bystander", "echo", "served")).toMatchObject({ status: 0, stdout: "served\n" });
  expect(guarded.docker("ps", "-q", "-f", "name=bystander").stdout).not.toBe("");
});
