import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LayerChange } from "../../model/change.ts";
import type { ImageFacts } from "../../model/image.ts";
import type { Bench } from "./bench.ts";

const REFERENCE = "petrify-contract/built:1";
const CONTEXT = [
  "mkdir -p root/seed root/var/lib/app dirs/made links",
  "echo copied > root/seed/made && chmod 0640 root/seed/made",
  "chmod 0711 dirs/made && ln -s /dev/stdout links/log",
].join(" && ");

async function build(bench: Bench, dockerfile: (base: string) => readonly string[]): Promise<ImageFacts> {
  const folder = mkdtempSync(join(tmpdir(), "petrify-build-"));
  try {
    const base = await bench.engine.image("petrify-contract:latest");
    writeFileSync(join(folder, "Dockerfile"), `${dockerfile(base?.id ?? "").join("\n")}\n`);
    expect(spawnSync("sh", ["-ec", CONTEXT], { cwd: folder }).status).toBe(0);
    const tar = spawn("tar", ["-C", folder, "--owner=0", "--group=0", "-c", "."], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    return await bench.engine.buildImage(tar.stdout, REFERENCE);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function buildContract(bench: Bench): void {
  test("an image is built on the id of another, with the files, directories and links of its context", async () => {
    const built = await build(bench, (base) => [
      `FROM ${base}`,
      'COPY --chown=1234:1235 ["root/seed/made", "/seed/"]',
      'COPY --chown=7:8 ["dirs/", "/link-target/"]',
      'COPY ["links/", "/var/lib/app/"]',
      "USER 0:0",
      "RUN mkdir /srv-made && chown 3:4 /srv-made && chmod 0711 /srv-made",
      "USER 12:34",
    ]);
    expect(built).toMatchObject({ user: "12:34", command: ["sh"] });
    expect(await bench.engine.image(REFERENCE)).toEqual(built);
    const tree = await bench.engine.imageTree(built, bench.session);
    expect(tree.entry("/seed/made")).toEqual({ type: "file", mode: 0o640, uid: 1234, gid: 1235, sizeBytes: 7 });
    expect(tree.entry("/link-target/made")).toMatchObject({ type: "dir", mode: 0o711, uid: 7, gid: 8 });
    expect(tree.entry("/var/lib/app/log")).toMatchObject({ type: "symlink", linkTarget: "/dev/stdout" });
    expect(tree.entry("/srv-made")).toMatchObject({ type: "dir", mode: 0o711, uid: 3, gid: 4 });
    // What was there keeps its owner and mode.
    expect(tree.entry("/seed")).toMatchObject({ mode: 0o750, uid: 1234, gid: 1235 });
    expect(tree.entry("/link-target")).toMatchObject({ mode: 0o755, uid: 0, gid: 0 });
    expect(tree.entry("/var/lib/app")).toMatchObject({ mode: 0o2775, uid: 1234, gid: 1235 });
    await bench.engine.removeImage(REFERENCE);
  });

  test("an image has as many names as it is given, and a name one image", async () => {
    const built = await build(bench, (base) => [`FROM ${base}`, "ENV BUILT=1"]);
    const base = await bench.engine.image("petrify-contract:latest");
    await bench.engine.tagImage(base?.id ?? "", REFERENCE);
    expect((await bench.engine.image(REFERENCE))?.id).toBe(base?.id);
    await bench.engine.tagImage(built.id, "petrify-contract/again");
    expect((await bench.engine.image("petrify-contract/again:latest"))?.id).toBe(built.id);
    await bench.engine.removeImage("petrify-contract/again:latest");
    await bench.engine.removeImage(REFERENCE);
    expect(await bench.engine.image("petrify-contract:latest")).toBeDefined();
  });

  test("a build that fails says why in the builder's words, leaves no image, and no container", async () => {
    const before = await bench.engine.listSessions();
    await expect(build(bench, (base) => [`FROM ${base}`, "RUN false"])).rejects.toMatchObject({
      code: "E_ENGINE_API",
      message: expect.stringMatching(/refused to build.*false/) as string,
    });
    expect(await bench.engine.image(REFERENCE)).toBeUndefined();
    expect(await bench.engine.listSessions()).toEqual(before);
  });

  test("a layer is told with the content of small files, and nothing in it is followed or waited for", async () => {
    const change = [
      "mkdir -p /made && echo text > /made/file && ln -s /proc/1/root/etc/passwd /made/link && mkfifo /made/fifo",
      "dd if=/dev/zero of=/made/sparse bs=1 count=0 seek=1099511627776 2>/dev/null",
      "head -c 4096 /dev/zero > /made/limit && head -c 4097 /dev/zero > /made/larger",
      String.raw`touch "/made/$(printf 'new\nline')" "/made/$(printf 'not\377utf8')" && chown 5:6 /seed/file`,
    ].join(" && ");
    // While it runs: a containerd that tells nobody where it listens is found by that.
    await bench.started("sleep 1000", {}, async (container) => {
      expect(await container.exec(["sh", "-c", change])).toMatchObject({ exitCode: 0 });
      const { changes } = await bench.engine.layer(container, { limitBytes: 4096, as: "bytes" });
      const at = (path: string): LayerChange | undefined => changes.find((one) => one.path === path);
      const text = (path: string): string => Buffer.from(at(path)?.content ?? "").toString();
      expect(text("/made/file")).toBe("text\n");
      expect(at("/made/link")?.entry).toMatchObject({ type: "symlink", linkTarget: "/proc/1/root/etc/passwd" });
      for (const path of ["/made/link", "/made/fifo", "/made"]) expect(at(path)?.content).toBeUndefined();
      for (const path of ["/made/sparse", "/made/larger"]) expect(at(path)?.content).toBe("too large");
      expect(at("/made/limit")?.content).toHaveLength(4096);
      expect(text("/seed/file")).toBe("shipped\n");
      const digests = (await bench.engine.layer(container, { limitBytes: 4096, as: "digest" })).changes;
      const digest = (path: string): LayerChange["content"] => digests.find((one) => one.path === path)?.content;
      expect(digest("/made/file")).toEqual(createHash("sha256").update("text\n").digest());
      expect(digest("/made/limit")).toEqual(createHash("sha256").update(Buffer.alloc(4096)).digest());
      for (const path of ["/made/sparse", "/made/larger"]) expect(digest(path)).toBe("too large");
      expect(at("/seed/file")).toMatchObject({ kind: "changed", entry: { uid: 5, gid: 6, mode: 0o640 } });
      expect(changes.map(({ path }) => path)).toEqual(
        expect.arrayContaining(["/made/new\nline", "/made/not\uFFFDutf8"]),
      );
    });
  });
}
