import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { busyboxPath, type PrivateEngine, startPrivateImageStore } from "../../../../test/support/private-engine.ts";
import { busyboxRoot } from "../../../../test/support/test-image.ts";
import { containerSpec, plainWorkload } from "../../../../test/support/workload.ts";
import { eventually } from "../../contract/bench.ts";
import { flatten } from "../../contract/trees.ts";
import type { ContainerHandle, Engine } from "../../engine.ts";
import { DockerApi } from "../api.ts";
import { connectDocker } from "../connect.ts";
import { createForExport, readAndRemove } from "./container-tree.ts";
import { LayerTree } from "./layer-tree.ts";
import { snapshotLayers } from "./snapshot-layers.ts";

const IMAGE = "petrify-snapshots:1";
const SESSION = "snapshots-test";
let daemon: PrivateEngine;
let engine: Engine;
let api: DockerApi;
let address: string;

beforeAll(async () => {
  daemon = await startPrivateImageStore();
  address = join(dirname(daemon.socketPath), "containerd.sock");
  const endpoint = { kind: "unix", path: daemon.socketPath } as const;
  engine = await connectDocker(endpoint, "test");
  api = new DockerApi(endpoint);
  api.useVersion(engine.info.apiVersion);
  const root = busyboxRoot(await busyboxPath(), "mkdir -p seed/sub && echo x > seed/file");
  await engine.importImage(root.tar, { reference: IMAGE, changes: [] });
  root.remove();
});
afterAll(async () => {
  await engine.removeSession(SESSION);
  api.close();
  await engine[Symbol.asyncDispose]();
  await daemon.stop();
});

test("an image is read from its own layers, and of the container that this takes nothing is left", async () => {
  const facts = {
    isLocal: true,
    ownersUnknown: false,
    nativeDiff: false,
    store: { ...STORE, address },
  };
  const image = await engine.image(IMAGE);
  const id = await createForExport(api, image?.id ?? "", SESSION);
  const tree = await readAndRemove(api, id, facts);
  expect(tree).toBeInstanceOf(LayerTree);
  expect(await engine.listSessions()).toEqual([]);
  // Read after the removal; and without what an export has from the engine.
  expect(tree.children("/")).toEqual(["bin", "seed"]);
  const exported = flatten(
    await readAndRemove(api, await createForExport(api, image?.id ?? "", SESSION), { ...facts, isLocal: false }),
  ).filter(([path]) => /^\/(?:bin|seed)(?:\/|$)/.test(path));
  expect(flatten(tree)).toEqual(exported);
});

const STORE = { snapshotter: "overlayfs", namespace: "moby" } as const;

const untold = () => ({ ...STORE, address: undefined });

async function running<T>(command: string, use: (container: ContainerHandle, pid: number) => Promise<T>): Promise<T> {
  const workload = plainWorkload(IMAGE, { command: ["sh", "-c", `${command}; touch /done; sleep 1000`] });
  const container = await engine.createContainer(containerSpec(workload, { session: SESSION }));
  try {
    await container.start();
    const { pid } = await container.state();
    await eventually(() => Promise.resolve(existsSync(`/proc/${pid}/root/done`) || undefined));
    return await use(container, pid);
  } finally {
    await container.remove();
  }
}

test("a containerd whose address is not told is found by the shim of a container that runs, and remembered", async () => {
  await running("true", async ({ id }, pid) => {
    const seen = untold();
    expect(await snapshotLayers({ id, pid: 0 }, seen)).toBeUndefined();
    const layers = await snapshotLayers({ id, pid }, seen);
    expect(layers?.length).toBeGreaterThan(1);
    expect(layers?.every((path) => existsSync(path))).toBe(true);
    expect(await snapshotLayers({ id, pid: 0 }, seen)).toEqual(layers);
    expect(await snapshotLayers({ id, pid: 0 }, { ...STORE, address })).toEqual(layers);
    // Neither the shim of another container nor a process without one tells anything, and dockerd is no containerd.
    expect(await snapshotLayers({ id: "0".repeat(64), pid }, untold())).toBeUndefined();
    expect(await snapshotLayers({ id, pid: process.pid }, untold())).toBeUndefined();
    expect(await snapshotLayers({ id, pid }, { ...STORE, address: daemon.socketPath })).toBeUndefined();
  });
});

test("changes of a container that runs, and of the same one stopped, have the sizes that are allocated", async () => {
  const sparse = "dd if=/dev/zero of=/seed/sparse bs=1 count=0 seek=1099511627776; ln /seed/sparse /seed/again";
  await running(sparse, async (container) => {
    const sizes = async (): Promise<readonly (readonly [string, number])[]> => {
      const { changes } = await engine.changes(container);
      return changes
        .filter(({ path }) => path.startsWith("/seed/"))
        .map(({ path, entry }) => [path, entry?.sizeBytes ?? 0] as const);
    };
    const whileItRan = await sizes();
    expect(whileItRan.map(([path]) => path)).toEqual(expect.arrayContaining(["/seed/again", "/seed/sparse"]));
    expect(whileItRan.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(10_000);
    await container.stop(0);
    expect(await sizes()).toEqual(whileItRan);
  });
});
