import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { layoutOf } from "../../src/engine/embedded/layout.ts";
import { withLock } from "../../src/engine/embedded/lock.ts";
import { engineCgroups, engineProcesses, removeEngine } from "../../src/engine/embedded/teardown.ts";
import { type CliResult, petrify } from "../support/cli.ts";
import { type HostState, hostState } from "../support/host-state.ts";
import {
  allPrograms,
  type Inventory,
  inventory,
  orphanedPrograms,
  processesNamed,
  programsOf,
  sessionFolders,
} from "../support/leftovers.ts";
import { importImages, service } from "../support/loop-images.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import { type RunningPetrify, startPetrify } from "../support/running-petrify.ts";
import { scratchCache } from "../support/scratch-cache.ts";

const IMAGE = "petrify-interrupt:1";
/** On the command line of a process that only the user's test starts. */
const MARKER = `300.${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), "interrupt-test-"));
const strategy = join(folder, "petrify-interrupt.strategy.yaml");
const data = join(folder, "data");

let engine: PrivateEngine;
let programs: ReadonlySet<number>;
let before: Inventory;

const env = (): NodeJS.ProcessEnv => ({ PETRIFY_CACHE: engine.cacheDir, DOCKER_HOST: undefined });
const look = (): Promise<Inventory> => inventory(engine.socketPath, engine.cacheDir, engine.pid);
const LEARN = `learn --host embedded --network none --out ${folder} -v ${data}:/data -v named:/named`.split(" ");
const learn = (command: string): string[] => [...LEARN, "--test", command, IMAGE];
const verify = ["verify", "--host", "embedded", strategy];

beforeAll(async () => {
  engine = await startPrivateEngine();
  const writes = "echo a >> /srv/state; cat /srv/state; echo 1 > /run/pid; echo b > /data/b; echo c > /cache/c";
  await importImages(engine.cacheDir, [{ reference: IMAGE, changes: [service(writes), "VOLUME /cache"] }]);
  mkdirSync(data);
  writeFileSync(join(data, "big"), Buffer.alloc(2 ** 20));
  const learned = petrify(learn("true"), { env: env() });
  if (learned.exitCode !== 0) throw new Error(learned.stderr);
  programs = new Set(allPrograms());
  before = await look();
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});

/** What one command could leave outside the engine, whatever other petrify processes of this host have. */
async function leftBy(pid: number): Promise<object> {
  return {
    test: processesNamed(MARKER),
    folders: sessionFolders().filter((name) => name.includes(`-${pid}-`)),
    programs: await orphanedPrograms(programs),
    halfWritten: readdirSync(folder).filter((name) => name.endsWith(".tmp")),
  };
}
const NOTHING = { test: [], folders: [], programs: [], halfWritten: [] };

/** All that an interrupted command says as a result or as an error. */
function told({ exitCode, stdout, stderr }: CliResult): object {
  return { exitCode, stdout, errors: stderr.split("\n").filter((line) => /\[E_|^hint|^\s+at /.test(line)) };
}
function stoppedBy(signal: string, exitCode: number): object {
  const errors = [`petrify: Stopped by ${signal}; nothing is left running.  [E_INTERRUPTED]`];
  return { exitCode, stdout: "", errors };
}
const INTERRUPTED = stoppedBy("SIGINT", 130);

/** What an interrupted command told, and what it left. */
async function interruptedAt(args: readonly string[], line: string): Promise<object> {
  const command = startPetrify(args, { env: env() });
  expect(await command.shows(line), `shows '${line}'`).toBe(true);
  command.interrupt();
  return { ...told(await command.ended), ...(await leftBy(command.pid)) };
}

describe("Ctrl-C, at each thing that a command says it does", () => {
  test.for([
    "looking for an engine",
    "first run: creating the container",
    "first run: starting",
    "first run: waiting until it is ready",
    "first run: running the test",
    "first run: stopping",
    "first run: reading the totals",
    "restart run: starting",
    "restart run: stopping",
    "removing the containers",
  ])("learn: %s", async (line) => {
    const command = line.endsWith("the test") ? `sleep ${MARKER}` : "true";
    expect(await interruptedAt(learn(command), line)).toEqual({ ...INTERRUPTED, ...NOTHING });
    expect(await look()).toEqual(before);
  });

  test.for(["first run: creating the container", "first run: stopping", "replace run: creating the container"])(
    "verify: %s",
    async (line) => {
      expect(await interruptedAt(verify, line)).toEqual({ ...INTERRUPTED, ...NOTHING });
      expect(await look()).toEqual(before);
    },
  );

  test("at the very last one the result is told whole, or not at all", async () => {
    const command = startPetrify(learn("true"), { env: env() });
    await command.shows("removing what was started");
    command.interrupt();
    const result = await command.ended;
    const whole = result.exitCode === 0 && result.stdout.includes("Next: petrify verify");
    expect(whole ? INTERRUPTED : told(result)).toEqual(INTERRUPTED);
    expect(await leftBy(command.pid)).toEqual(NOTHING);
    expect(await look()).toEqual(before);
  });
});

test.for([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s is a Ctrl-C that says its own name", async ([signal, code]) => {
  const command = startPetrify(learn(`sleep ${MARKER}`), { env: env() });
  await command.shows("first run: running the test");
  expect(programsOf(command.pid).length).toBeGreaterThan(0);
  command.kill(signal);
  expect(told(await command.ended)).toEqual(stoppedBy(signal, code));
  expect(await leftBy(command.pid)).toEqual(NOTHING);
  expect(await look()).toEqual(before);
});

test("pressing it again and again changes nothing but a word on what is still done", async () => {
  const command = startPetrify(learn(`sleep ${MARKER}`), { env: env() });
  await command.shows("first run: running the test");
  for (let presses = 0; presses < 20; presses++) {
    command.interrupt();
    await sleep(5);
  }
  expect(told(await command.ended)).toEqual(INTERRUPTED);
  expect(await leftBy(command.pid)).toEqual(NOTHING);
  expect(await look()).toEqual(before);
});

test("a foreground container that ignores the signals goes at the third", async () => {
  const script = "trap '' INT TERM; echo up; while :; do sleep 0.1; done";
  const command = startPetrify(["run", "--host", "embedded", IMAGE, "sh", "-c", script], { env: env(), cwd: data });
  expect(await command.shows("up")).toBe(true);
  // The first two are forwarded.
  for (let presses = 0; presses < 3; presses++) {
    command.interrupt();
    await sleep(100);
  }
  const { exitCode, stderr } = await command.ended;
  expect(exitCode).toBe(130);
  expect(stderr).toContain("nothing is left running");
  expect(await look()).toEqual(before);
});

describe("an engine of the command's own", () => {
  const cache = scratchCache();
  const layout = layoutOf(cache.directory);
  const own = { PETRIFY_CACHE: cache.directory, DOCKER_HOST: undefined };
  let host: HostState;

  beforeAll(async () => {
    await importImages(cache.directory, [{ reference: IMAGE, changes: [service("echo a >> /srv/state")] }]);
    host = hostState();
  });
  afterAll(async () => {
    await withLock(layout.lockFile, () => removeEngine(layout));
    cache.remove();
  });

  const NO_ENGINE = { ...NOTHING, daemons: [], cgroups: [], runDirectory: false, mounts: [] };
  async function leftWithEngineBy(command: RunningPetrify): Promise<object> {
    return {
      ...(await leftBy(command.pid)),
      daemons: engineProcesses(layout),
      cgroups: engineCgroups(layout),
      runDirectory: existsSync(layout.runDir),
      mounts: hostState().mounts.filter((mount) => !host.mounts.includes(mount)),
    };
  }

  test.for(["looking for an engine", "starting the embedded engine"])("Ctrl-C at: %s", async (line) => {
    for (const delayMs of [0, 100, 300]) {
      const command = startPetrify(["learn", "--host", "embedded", "--out", folder, IMAGE], { env: own });
      await command.shows(line);
      await sleep(delayMs);
      command.interrupt();
      expect(told(await command.ended)).toEqual(INTERRUPTED);
      expect(await leftWithEngineBy(command)).toEqual(NO_ENGINE);
    }
  });

  test.for(["starting the embedded engine", "first run: running the test", "restart run: stopping"])(
    "kill -9 at: %s; then doctor --clean",
    async (line) => {
      const command = startPetrify(
        ["learn", "--host", "embedded", "--network", "none", "--out", folder, "-v", `${data}:/data`].concat(
          ["--test", line.endsWith("the test") ? `sleep ${MARKER} & sleep ${MARKER}` : "true"],
          IMAGE,
        ),
        { env: own },
      );
      expect(await command.shows(line), `shows '${line}'`).toBe(true);
      command.kill("SIGKILL");
      await command.ended;
      const cleaned = petrify(["doctor", "--clean", "--host", "embedded"], { env: own });
      expect(cleaned).toMatchObject({ exitCode: 0, stderr: "" });
      expect(await leftWithEngineBy(command)).toEqual(NO_ENGINE);
    },
  );
});

test("kill -9 of one that shares an engine: doctor --clean takes its containers and volumes from there, and nobody else's", async () => {
  const [victim, survivor] = [
    startPetrify(learn(`sleep ${MARKER}`), { env: env() }),
    startPetrify(learn(`sleep ${MARKER}`), { env: env() }),
  ];
  for (const command of [victim, survivor]) await command.shows("first run: running the test");
  victim.kill("SIGKILL");
  await victim.ended;
  expect(petrify(["doctor", "--clean", "--host", "embedded"], { env: env() })).toMatchObject({ exitCode: 0 });
  expect(sessionFolders().filter((name) => name.includes(`-${victim.pid}-`))).toEqual([]);
  expect(processesNamed(MARKER).length).toBeGreaterThan(0);
  expect((await look()).containers).toHaveLength(before.containers.length + 1);
  survivor.interrupt();
  expect(told(await survivor.ended)).toEqual(INTERRUPTED);
  expect(await leftBy(survivor.pid)).toEqual(NOTHING);
  expect(await look()).toEqual(before);
});

test("a daemon that an earlier test left on purpose is no leftover", async () => {
  const daemon = `setsid sleep ${MARKER} >/dev/null 2>&1 &`;
  const victim = startPetrify(learn(`[ $PETRIFY_PHASE = restart ] || ${daemon} sleep ${MARKER}`), { env: env() });
  await victim.shows("first run: running the test");
  while (processesNamed(MARKER).length < 3) await sleep(20);
  victim.kill("SIGKILL");
  await victim.ended;
  petrify(["doctor", "--clean", "--host", "embedded"], { env: env() });
  const [left, ...more] = processesNamed(MARKER);
  expect(more).toEqual([]);
  process.kill(left ?? 0, "SIGKILL");
  expect(await look()).toEqual(before);
});
