import { expect, test } from "vitest";
import type { LayerChange } from "../../model/change.ts";
import type { Workload } from "../../model/workload.ts";
import type { ContainerEvent } from "../engine.ts";
import { type Bench, eventually } from "./bench.ts";

const CHANGE = [
  "rm /removed && rm -r /opaque/old && mkdir /opaque/old && echo new > /opaque/old/new",
  "rm -r /seed/sub && echo file > /seed/sub && chmod 0701 /link-target",
  "mkdir -p /made/deep && ln -s /proc/1/root/etc /made/trap && mkfifo /made/fifo",
  "head -c 100000 /dev/zero > /made/deep/file && touch /tmp/mounted",
].join(" && ");

/** Settings that a container is found with as they were given. */
const SETTINGS: Partial<Workload> = {
  env: ["A=1"],
  user: "1234",
  workingDir: "/seed",
  hostname: "contract",
  network: "none",
  capAdd: ["NET_ADMIN"],
  capDrop: ["SETFCAP"],
  groupAdd: ["4321"],
  ulimits: [{ name: "nofile", soft: 64, hard: 128 }],
  memoryBytes: 64 * 2 ** 20,
  pidsLimit: 50,
  init: true,
  stopSignal: "SIGINT",
  stopTimeoutSeconds: 3,
  mounts: [
    { type: "tmpfs", target: "/owned", readOnly: false, options: "size=1048576,uid=12" },
    { type: "tmpfs", target: "/t", readOnly: false, options: "size=1m" },
    { type: "volume", target: "/v", readOnly: false },
  ],
};

export function foundContract(bench: Bench): void {
  test("a container is found by name and by id, with the settings it was made with", async () => {
    const command = ["sleep", "60"];
    await bench.with({ workload: { ...SETTINGS, command }, readOnlyRoot: true }, async ({ id, name }) => {
      const found = await bench.engine.find(name);
      expect(found).toMatchObject({
        id,
        name,
        state: { status: "created" },
        readOnlyRoot: true,
        session: bench.session,
      });
      expect(found?.settings).toMatchObject({ ...SETTINGS, command });
      expect(found?.settings.entrypoint).toBeUndefined();
      expect((await bench.engine.find(id))?.name).toBe(name);
      expect(await bench.engine.containers("all")).toContain(id);
      expect(await bench.engine.containers("running")).not.toContain(id);
    });
    expect(await bench.engine.find("nobody")).toBeUndefined();
  });

  test("containers that come and go are found or not, and nothing between", async () => {
    const name = "contract-fleeting";
    const over = new AbortController();
    const finding = async (): Promise<ReadonlySet<string | undefined>> => {
      const names = new Set<string | undefined>();
      while (!over.signal.aborted) names.add((await bench.engine.find(name))?.name);
      return names;
    };
    const found = [finding(), finding()];
    for (let round = 0; round < 8; round++)
      await bench.started("true", { name }, async (container) => container.wait());
    over.abort();
    for (const names of found) expect([name, undefined]).toEqual(expect.arrayContaining([...(await names)]));
  });

  test("what a container changed in its own layer is told, without mounts and what the engine makes for them", async () => {
    await bench.started(CHANGE, { tmpfs: { "/tmp": "", "/way/to/mount": "" } }, async (container) => {
      expect(await container.wait()).toBe(0);
      const { changes, unread } = await bench.engine.changes(container);
      expect(unread).toEqual([]);
      const at = (path: string): LayerChange | undefined => changes.find((change) => change.path === path);
      expect(Object.fromEntries(changes.map(({ path, kind }) => [path, kind]))).toEqual({
        "/link-target": "changed",
        "/made": "added",
        "/made/deep": "added",
        "/made/deep/file": "added",
        "/made/fifo": "added",
        "/made/trap": "added",
        "/opaque/old/file": "deleted",
        "/opaque/old/new": "added",
        "/removed": "deleted",
        "/seed/sub": "changed",
      });
      expect(at("/made/deep/file")?.entry).toMatchObject({ type: "file", sizeBytes: 100_000 });
      expect(at("/made/trap")?.entry).toMatchObject({ type: "symlink", linkTarget: "/proc/1/root/etc" });
      expect(Math.abs((at("/made/deep/file")?.changedAtMs ?? 0) - Date.now())).toBeLessThan(600_000);
    });
  });

  test("an inspection tells what an audit asks for, and the processes of a container are seen without running any in it", async () => {
    const options = { readOnlyRoot: true, tmpfs: { "/t": "size=1m" }, workload: { capAdd: ["NET_ADMIN"], user: "7" } };
    await bench.started("sleep 300 & exec sleep 301", options, async (container) => {
      const found = await bench.engine.inspect(container.name);
      expect(found).toMatchObject({
        id: container.id,
        name: container.name,
        isInfrastructure: false,
        state: { status: "running" },
        settings: { readOnlyRoot: { value: true }, capAdd: { value: ["NET_ADMIN"] }, user: { value: "7" } },
      });
      expect(found?.image?.id).toMatch(/^sha256:/);
      expect(found?.settings.mounts).toContainEqual(expect.objectContaining({ target: "/t", sizeBytes: 2 ** 20 }));
      const seen = await eventually(async () => {
        const processes = await bench.engine.processes(container);
        return processes.filter(({ name }) => name === "sleep").length === 2 ? processes : undefined;
      });
      expect(seen).toHaveLength(2);
      const main = seen.find(({ pid }) => seen.some(({ parentPid }) => parentPid === pid));
      expect(main).toBeDefined();
      await container.stop(0);
      expect(await bench.engine.processes(container)).toEqual([]);
    });
    expect(await bench.engine.inspect("nobody")).toBeUndefined();
    expect(await bench.engine.processes({ id: "0".repeat(64), name: "nobody" })).toEqual([]);
  });

  test("what happens to a container is told in order", async () => {
    const events: ContainerEvent[] = [];
    using watching = await bench.engine.watch(
      (event) => void events.push(event),
      () => undefined,
    );
    const id = await bench.started("exit 7", {}, async (container) => {
      await container.wait();
      return container.id;
    });
    const told = (): readonly ContainerEvent[] => events.filter((event) => event.id === id);
    await watching.flush();
    expect(told()).toEqual([
      { action: "create", id },
      { action: "start", id },
      { action: "die", id, exitCode: 7 },
      { action: "destroy", id },
    ]);
  });
  test("what happened just before the watch is no part of it, and what happened just before a flush is", async () => {
    const told: ContainerEvent[] = [];
    await bench.with({}, async ({ id: before }) => {
      using watching = await bench.engine.watch(
        (event) => void told.push(event),
        () => undefined,
      );
      await watching.flush();
      expect(told).not.toContainEqual({ action: "create", id: before });
      for (let round = 0; round < 10; round++) {
        const id = await bench.with({}, async (container) => container.id);
        await watching.flush();
        expect(told.filter((event) => event.id === id)).toEqual([
          { action: "create", id },
          { action: "destroy", id },
        ]);
      }
    });
  });
}
