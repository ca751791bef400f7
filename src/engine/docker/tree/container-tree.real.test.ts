import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  busyboxPath,
  type PrivateEngine,
  startPrivateEngine,
  startPrivateImageStore,
} from "../../../../test/support/private-engine.ts";
import { busyboxRoot } from "../../../../test/support/test-image.ts";
import { containerSpec, plainWorkload } from "../../../../test/support/workload.ts";
import { flatten } from "../../contract/trees.ts";
import type { ContainerHandle, Engine } from "../../engine.ts";
import { DockerApi } from "../api.ts";
import { connectDocker } from "../connect.ts";
import { containerAnswer } from "../schemas.ts";
import { containerTree, exportTree, type LayerFacts } from "./container-tree.ts";
import { LayerTree } from "./layer-tree.ts";

const IMAGE = "petrify-tree:1";
const ON_DISK = { isLocal: true, ownersUnknown: false, nativeDiff: true } as const;
const STORE = { snapshotter: "overlayfs", namespace: "moby" } as const;

describe.each<[string, () => Promise<PrivateEngine>, (socketPath: string) => LayerFacts]>([
  ["a graph driver", startPrivateEngine, () => ON_DISK],
  [
    "the containerd image store",
    startPrivateImageStore,
    (socketPath) => ({ ...ON_DISK, store: { ...STORE, address: join(dirname(socketPath), "containerd.sock") } }),
  ],
])("%s:", (_name, start, factsOf) => {
  let daemon: PrivateEngine;
  let engine: Engine;
  let api: DockerApi;
  let facts: LayerFacts;

  beforeAll(async () => {
    daemon = await start();
    facts = factsOf(daemon.socketPath);
    const endpoint = { kind: "unix", path: daemon.socketPath } as const;
    engine = await connectDocker(endpoint, "test");
    api = new DockerApi(endpoint);
    api.useVersion(engine.info.apiVersion);
    const arrange = `mkdir -p a/b/c/d e/f && for i in 1 2 3; do echo $i > a/b/c/$i; done && ln -s b a/link && ln a/b/c/1 e/hard
    echo x > "sp ace" && echo y > 'new
line' && mkdir -m 1777 tmp && mkfifo pipe && chown -R 12:34 e`;
    const root = busyboxRoot(await busyboxPath(), arrange);
    await engine.importImage(root.tar, { reference: IMAGE, changes: [] });
    root.remove();
  });
  afterAll(async () => {
    await engine.removeSession("tree-test");
    await engine.removeImage(IMAGE);
    api.close();
    await engine[Symbol.asyncDispose]();
    await daemon.stop();
  });

  async function ran<T>(script: string, use: (container: ContainerHandle) => Promise<T>): Promise<T> {
    const workload = plainWorkload(IMAGE, { command: ["sh", "-c", script] });
    const container = await engine.createContainer(containerSpec(workload, { session: "tree-test" }));
    try {
      await container.start();
      expect(await container.wait()).toBe(0);
      return await use(container);
    } finally {
      await container.remove();
    }
  }

  const inspect = (container: ContainerHandle) =>
    api.json({ action: "inspect", method: "GET", path: `/containers/${container.id}/json` }, containerAnswer);

  test("layers and export show the same tree, after every kind of change", async () => {
    const script = `
    rm -r /a/b/c && mkdir /a/b/c && echo again > /a/b/c/2
    rm -r /e && echo now-a-file > /e
    rm "/sp ace" && mkdir "/sp ace" && touch "/sp ace/in"
    mv /a/link /a/moved && ln -sf /a/b/c/2 /a/link
    chmod 0711 /a/b && chown 5:6 /a/b && touch /tmp/x && rm /pipe
    mkdir -p /deep/1/2/3/4/5 && echo z > /deep/1/2/3/4/5/z && rmdir /a/b/c/d 2>/dev/null
    i=0; while [ $i -lt 300 ]; do echo $i > /tmp/$i; i=$((i+1)); done; rm /tmp/1*; true`;
    await ran(script, async (container) => {
      const layers = await containerTree(api, await inspect(container), facts);
      expect(layers).toBeInstanceOf(LayerTree);
      const expected = flatten(await exportTree(api, container.id));
      expect(flatten(layers)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(400);
      expect(expected.map(([path]) => path)).toEqual(
        expect.arrayContaining(["/a/b/c/2", "/deep/1/2/3/4/5/z", "/new\nline"]),
      );
    });
  });

  test.each([
    ["a remote engine", { isLocal: false }],
    ["owners that nobody tells", { ownersUnknown: true }],
    // A store tells it by the mount's options.
    ["a kernel that redirects directories", { nativeDiff: false, store: undefined }],
  ])("%s: the layers are left alone, and the export tells", async (_what, differing) => {
    await ran("rm /pipe", async (container) => {
      const { store, ...rest } = { ...facts, ...differing };
      const tree = await containerTree(api, await inspect(container), store === undefined ? rest : { ...rest, store });
      expect(tree).not.toBeInstanceOf(LayerTree);
      expect(tree.entry("/pipe")).toBeUndefined();
      expect(tree.entry("/a/link")).toMatchObject({ type: "symlink", linkTarget: "b" });
    });
  });

  test("a container that changes while it is read is read without an error, and shows nothing of the host", async () => {
    const swap = `while :; do mkdir /t; rmdir /t; ln -s /etc /t; rm /t; done`;
    const workload = plainWorkload(IMAGE, { command: ["sh", "-c", swap] });
    const container = await engine.createContainer(containerSpec(workload, { session: "tree-test" }));
    try {
      await container.start();
      const answer = await inspect(container);
      const seen = new Set<string>();
      for (let round = 0; round < 300; round++) {
        const tree = await containerTree(api, answer, facts);
        for (const name of tree.children("/t")) seen.add(name);
      }
      expect([...seen]).toEqual([]);
    } finally {
      await container.remove();
    }
  });
});
