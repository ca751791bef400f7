import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Child, startChild } from "../../../test/support/child.ts";
import { busyboxTar, dockerHttp, dockerJson } from "../../../test/support/docker-http.ts";
import { type HostState, hostState, namespacesOf, processesIn } from "../../../test/support/host-state.ts";
import { scratchCache } from "../../../test/support/scratch-cache.ts";
import { identify, isAlive, type ProcessIdentity } from "../identity.ts";
import { layoutOf } from "./layout.ts";
import { DOCKERD } from "./dockerd.ts";
import { useEngine } from "./lifecycle.ts";
import { withLock } from "./lock.ts";
import { unpackPackages } from "./packages.ts";
import { engineCgroups, engineProcesses, removeEngine } from "./teardown.ts";

const cache = scratchCache();
const layout = layoutOf(cache.directory);
const userScript = join(import.meta.dirname, "../../../test/support/engine-user.ts");
let busybox: string;
let before: HostState;

beforeAll(async () => {
  const packages = await unpackPackages(DOCKERD.packages, layout.packagesDir);
  busybox = join(packages.root, "bin/busybox");
  before = hostState();
});
afterAll(async () => {
  await withLock(layout.lockFile, () => removeEngine(layout));
  cache.remove();
});

/** Whatever there is now that there was not before; `namespaces` are those in which nobody may be any more. */
function leftBehind(namespaces: readonly string[] = []) {
  const after = hostState();
  return {
    daemons: engineProcesses(layout),
    processes: processesIn(namespaces),
    cgroups: engineCgroups(layout),
    mounts: after.mounts.filter((mount) => !before.mounts.includes(mount)),
    files: after.files.filter((path) => !before.files.includes(path)),
    runDirectory: existsSync(layout.runDir),
  };
}
const NOTHING = { daemons: [], processes: [], cgroups: [], mounts: [], files: [], runDirectory: false };

async function runBusybox(
  socketPath: string,
  script: string,
): Promise<{ readonly id: string; readonly process: ProcessIdentity }> {
  const imported = await dockerHttp(
    socketPath,
    "POST",
    "/images/create?fromSrc=-&repo=busybox&tag=test",
    busyboxTar(busybox),
  );
  expect(imported.status).toBe(200);
  const { Id: id } = await dockerJson<{ Id: string }>(socketPath, "POST", "/containers/create", {
    Image: "busybox:test",
    Cmd: ["sh", "-c", script],
    Labels: { "petrify.session": "test" },
  });
  await dockerJson(socketPath, "POST", `/containers/${id}/start`);
  const { State } = await dockerJson<{ State: { Pid: number } }>(socketPath, "GET", `/containers/${id}/json`);
  const identity = identify(State.Pid);
  if (identity === undefined) throw new Error(`container ${id} has ended`);
  return { id, process: identity };
}

function startUser(): Child {
  return startChild(process.execPath, [userScript, cache.directory]);
}
async function engineOf(user: Child): Promise<{ pid: number; socketPath: string; fresh: boolean }> {
  return JSON.parse(await user.firstLine) as { pid: number; socketPath: string; fresh: boolean };
}

describe("one use", () => {
  test("the engine runs a container while nothing of the host changes, and leaves nothing behind", async () => {
    const use = await useEngine(cache.directory);
    const container = await runBusybox(layout.socketPath, "sleep 1000");
    const own = namespacesOf(process.pid);
    const namespaces = [...namespacesOf(use.daemon.pid), ...namespacesOf(container.process.pid)].filter(
      (name) => !own.includes(name),
    );
    expect(namespaces).toHaveLength(4);
    const during = hostState();
    expect(during.mounts).toEqual(before.mounts);
    expect(during.files.filter((path) => !before.files.includes(path))).toEqual([]);
    expect(engineCgroups(layout).length).toBeGreaterThan(0);

    await use.release();
    expect(leftBehind(namespaces)).toEqual(NOTHING);
  });

  test("releasing twice is releasing once", async () => {
    const use = await useEngine(cache.directory);
    await Promise.all([use.release(), use.release()]);
    expect(leftBehind()).toEqual(NOTHING);
  });

  test("images stay between two engines, containers of Petrify's sessions do not", async () => {
    const first = await useEngine(cache.directory);
    await runBusybox(layout.socketPath, "sleep 1000");
    await first.release();
    const second = await useEngine(cache.directory);
    const images = await dockerJson<{ RepoTags: string[] }[]>(layout.socketPath, "GET", "/images/json");
    expect(images.flatMap(({ RepoTags }) => RepoTags)).toContain("busybox:test");
    expect(await dockerJson(layout.socketPath, "GET", "/containers/json?all=1")).toEqual([]);
    await second.release();
  });
});

describe("several processes", () => {
  test("share one engine, and the last one stops it", async () => {
    const users = [startUser(), startUser(), startUser()];
    const engines = await Promise.all(users.map(engineOf));
    expect(new Set(engines.map(({ pid }) => pid)).size).toBe(1);
    expect(engines.filter(({ fresh }) => fresh)).toHaveLength(1);
    for (const user of users.slice(0, 2)) {
      user.endInput();
      expect(await user.ended).toBe(0);
      expect((await dockerHttp(layout.socketPath, "GET", "/_ping")).status).toBe(200);
    }
    users[2]?.endInput();
    expect(await users[2]?.ended).toBe(0);
    expect(leftBehind()).toEqual(NOTHING);
  });

  test("one that is killed neither stops the engine of the others nor keeps it from ending", async () => {
    const [victim, survivor] = [startUser(), startUser()];
    await Promise.all([engineOf(victim), engineOf(survivor)]);
    victim.kill("SIGKILL");
    await victim.ended;
    expect((await dockerHttp(layout.socketPath, "GET", "/_ping")).status).toBe(200);
    survivor.endInput();
    await survivor.ended;
    expect(leftBehind()).toEqual(NOTHING);
  });

  test("Ctrl-C in the terminal reaches the user of the engine, not the engine", async () => {
    const [interrupted, other] = [startUser(), startUser()];
    const [{ pid }] = await Promise.all([engineOf(interrupted), engineOf(other)]);
    interrupted.interruptGroup();
    expect(await interrupted.ended).toBe(0);
    expect((await dockerHttp(layout.socketPath, "GET", "/_ping")).status).toBe(200);
    expect(JSON.parse(await other.firstLine)).toMatchObject({ pid });
    other.endInput();
    await other.ended;
    expect(leftBehind()).toEqual(NOTHING);
  });
});

describe("after kill -9", () => {
  test("of its last user the next one gets a new engine, without the containers of the dead", async () => {
    const victim = startUser();
    const dead = await engineOf(victim);
    const container = await runBusybox(dead.socketPath, "sleep 1000");
    victim.kill("SIGKILL");
    await victim.ended;
    const use = await useEngine(cache.directory);
    expect(use.daemon.pid).not.toBe(dead.pid);
    expect(isAlive(container.process)).toBe(false);
    expect(await dockerJson(layout.socketPath, "GET", "/containers/json?all=1")).toEqual([]);
    await use.release();
    expect(leftBehind()).toEqual(NOTHING);
  });

  test.for([
    ["a fork bomb", "while :; do sh -c 'sleep 100' & done"],
    ["a process that takes no SIGTERM", "trap '' TERM; while :; do sleep 1; done"],
  ] as const)("of user and engine, %s in a container is removed with them", async ([, script]) => {
    const victim = startUser();
    const dead = await engineOf(victim);
    const container = await runBusybox(dead.socketPath, script);
    const namespaces = namespacesOf(container.process.pid);
    victim.kill("SIGKILL");
    process.kill(dead.pid, "SIGKILL");
    await victim.ended;
    await withLock(layout.lockFile, () => removeEngine(layout));
    expect(leftBehind(namespaces)).toEqual(NOTHING);
  });

  test("a paused container is removed too", async () => {
    const victim = startUser();
    const dead = await engineOf(victim);
    const container = await runBusybox(dead.socketPath, "sleep 1000");
    await dockerJson(dead.socketPath, "POST", `/containers/${container.id}/pause`);
    victim.kill("SIGKILL");
    await victim.ended;
    await withLock(layout.lockFile, () => removeEngine(layout));
    expect(leftBehind()).toEqual(NOTHING);
  });

  test.for([40, 120, 200, 280, 400])("%i ms after the beginning of a start, the next start works", async (delayMs) => {
    const victim = startUser();
    await sleep(delayMs);
    victim.kill("SIGKILL");
    await victim.ended;
    const use = await useEngine(cache.directory);
    expect((await dockerHttp(layout.socketPath, "GET", "/_ping")).status).toBe(200);
    await use.release();
    expect(leftBehind()).toEqual(NOTHING);
  });

  test("a pid that was reused by a stranger is no user and no engine", async () => {
    const use = await useEngine(cache.directory);
    const stranger = { ...use.daemon, pid: process.pid };
    expect(isAlive(stranger)).toBe(false);
    await use.release();
  });
});
