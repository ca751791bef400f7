import { expect, test } from "vitest";
import { type FileTree, resolveInTree } from "../../model/image.ts";
import type { Bench } from "./bench.ts";

const CHANGE = [
  "rm /removed",
  "rm -r /opaque/old && mkdir /opaque/old && echo new > /opaque/old/new",
  "rm /relative && mkdir /relative && echo x > /relative/file",
  "rm -r /seed/sub && echo file > /seed/sub",
  "chmod 0701 /link-target && chown 7:8 /link-target",
  "mkdir -p /made/deep && ln -s /etc/passwd /made/link && head -c 100000 /dev/zero > /made/deep/file",
  "ln -s /proc/1/root/etc /made/trap && mkfifo /made/fifo",
].join(" && ");

export function treeContract(bench: Bench): void {
  test("of a created container is the image's content", async () => {
    await bench.with({ readOnlyRoot: true }, async (container) => {
      const tree = await bench.engine.tree(container);
      // Podman takes the owner's right to write from the root of every lowest layer (containers/storage drivers/overlay).
      expect(tree.entry("/")?.mode).toBeOneOf([0o755, 0o555]);
      expect(tree.entry("/seed")).toMatchObject({ type: "dir", mode: 0o750, uid: 1234, gid: 1235 });
      expect(tree.entry("/seed/file")).toEqual({ type: "file", mode: 0o640, uid: 1234, gid: 1235, sizeBytes: 8 });
      expect(tree.entry("/hardlink")).toEqual(tree.entry("/seed/file"));
      expect(tree.entry("/var/lib/app")).toMatchObject({ type: "dir", mode: 0o2775 });
      expect(tree.entry("/tmp")?.mode).toBe(0o1777);
      expect(tree.entry("/setuid")?.mode).toBe(0o4755);
      expect(tree.entry("/fifo")?.type).toBe("fifo");
      expect(tree.entry("/absolute")).toMatchObject({ type: "symlink", linkTarget: "/seed/file" });
      expect(tree.children("/seed")).toEqual(["file", "sub"]);
      expect(tree.entry(`/${"d".repeat(120)}/${"f".repeat(120)}`)?.type).toBe("dir");
      expect(tree.entry("/nothing")).toBeUndefined();
      expect(tree.entry("/nothing/below")).toBeUndefined();
      expect(tree.entry("/seed/file/below")).toBeUndefined();
      expect(tree.children("/seed/file")).toEqual([]);
      expect(tree.children("/nothing")).toEqual([]);
    });
  });

  test("after a run has what the run removed, replaced and made, and nothing that was hidden", async () => {
    await bench.started(CHANGE, {}, async (container) => {
      expect(await container.wait()).toBe(0);
      const tree = await bench.engine.tree(container);
      expect(tree.entry("/removed")).toBeUndefined();
      expect(tree.children("/")).not.toContain("removed");
      expect(tree.children("/opaque/old")).toEqual(["new"]);
      expect(tree.entry("/opaque/old/file")).toBeUndefined();
      expect(tree.children("/relative")).toEqual(["file"]);
      expect(tree.entry("/seed/sub")).toMatchObject({ type: "file", sizeBytes: 5 });
      expect(tree.entry("/seed/sub/file")).toBeUndefined();
      expect(tree.entry("/seed/file")).toMatchObject({ mode: 0o640, uid: 1234 });
      expect(tree.entry("/link-target")).toMatchObject({ mode: 0o701, uid: 7, gid: 8 });
      expect(tree.children("/made")).toEqual(["deep", "fifo", "link", "trap"]);
      expect(tree.entry("/made/deep/file")?.sizeBytes).toBe(100_000);
    });
  });

  test("never follows a link: not out of the container, not within", async () => {
    await bench.started(CHANGE, {}, async (container) => {
      await container.wait();
      const tree = await bench.engine.tree(container);
      for (const path of ["/made/trap/hostname", "/escaping/x", "/made/link/x"])
        expect(tree.entry(path)).toBeUndefined();
      for (const path of ["/made/trap", "/escaping", "/absolute"]) expect(tree.children(path)).toEqual([]);
      for (const path of ["/../etc/passwd", "/seed/../../etc", "/./seed", "seed", ""])
        expect(tree.entry(path)).toBeUndefined();
      expect(resolveInTree(tree, "/escaping", true)).toBe("/etc/passwd");
      expect(resolveInTree(tree, "/absolute", true)).toBe("/seed/file");
    });
  });

  test("a mount does not change it", async () => {
    await bench.started("touch /seed/in-tmpfs", { tmpfs: { "/seed": "" } }, async (container) => {
      await container.wait();
      expect((await bench.engine.tree(container)).children("/seed")).toEqual(["file", "sub"]);
    });
  });
}

/** Every path of a tree with what is known of it, for comparing two ways of reading one container. */
export function flatten(tree: FileTree, path = "/"): readonly (readonly [string, unknown])[] {
  return tree.children(path).flatMap((name) => {
    const child = path === "/" ? `/${name}` : `${path}/${name}`;
    return [[child, tree.entry(child)] as const, ...flatten(tree, child)];
  });
}
