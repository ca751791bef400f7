import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryTree } from "./memory-tree.ts";
import { type TarEntry, TarReader } from "./tar-reader.ts";

const LONG = `${"d".repeat(150)}/${"e".repeat(150)}/${"f".repeat(150)}`;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-tar-"));
  const script = `mkdir -p root/sub root/${LONG}; cd root; printf hello > sub/file; chmod 4640 sub/file; ln sub/file sub/hard
    ln -s ../outside sub/link; ln -s ${LONG}/${LONG} long-link; mkfifo fifo; printf x > 'ü ñ'; head -c 3000 /dev/zero > sub/big
    touch -d '1969-12-31 23:59:54.5 UTC' old`;
  execFileSync("sh", ["-c", script], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

function archive(format: string): Buffer {
  const owner = ["--owner=:3000000", "--group=:7", "--sort=name"];
  return execFileSync("tar", [`--format=${format}`, ...owner, "-C", join(folder, "root"), "-c", "."], {
    maxBuffer: 2 ** 24,
  });
}

function read(chunks: readonly Buffer[]): { readonly entries: readonly TarEntry[]; readonly isComplete: boolean } {
  const entries: TarEntry[] = [];
  const reader = new TarReader((entry) => entries.push(entry));
  for (const chunk of chunks) reader.push(chunk);
  return { entries, isComplete: reader.isComplete };
}

describe.each(["gnu", "pax"])("an archive of GNU tar in %s format", (format) => {
  test("is read with long names, links, owners, modes and sizes", () => {
    const { entries, isComplete } = read([archive(format)]);
    const find = (path: string): TarEntry | undefined =>
      entries.find((entry) => entry.path.replace(/\/$/, "") === `./${path}`);
    expect(isComplete).toBe(true);
    expect(find("sub/file")).toMatchObject({ type: "file", mode: 0o4640, uid: 3_000_000, gid: 7, sizeBytes: 5 });
    expect(find("sub/hard")).toMatchObject({ type: "hardlink", linkTarget: "./sub/file" });
    expect(find("sub/link")).toMatchObject({ type: "symlink", linkTarget: "../outside" });
    expect(find("long-link")).toMatchObject({ type: "symlink", linkTarget: `${LONG}/${LONG}` });
    expect(find(LONG)).toMatchObject({ type: "dir" });
    expect(find("fifo")).toMatchObject({ type: "fifo" });
    expect(find("ü ñ")).toMatchObject({ type: "file", sizeBytes: 1 });
    expect(find("sub/big")?.sizeBytes).toBe(3000);
    expect(Math.abs((find("sub/big")?.changedAtMs ?? 0) - Date.now())).toBeLessThan(600_000);
    expect(find("old")?.changedAtMs).toBe(format === "pax" ? -5_500 : undefined);
  });

  test("is read the same wherever the transport cuts", () => {
    const bytes = archive(format);
    const whole = read([bytes]);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (cuts) => {
        const points = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
        expect(read(points.slice(1).map((end, index) => bytes.subarray(points[index], end)))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test("that ends early is not complete", () => {
    const bytes = archive(format);
    for (const end of [0, 100, 512, 5000, bytes.lastIndexOf("ustar") + 200]) {
      expect(read([bytes.subarray(0, end)]).isComplete).toBe(false);
    }
  });
});

/** A head with what `change` makes of it, and the checksum that belongs to it. */
function head(change: (block: Buffer) => void): Buffer {
  const block = Buffer.alloc(512);
  block.write("name", 0);
  block.write("0000644\0", 100);
  block.write("00000000000\0", 124);
  block.write("0", 156);
  block.write("ustar\0", 257);
  change(block);
  block.fill(" ", 148, 156);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0`,
    148,
  );
  return block;
}
function pax(records: string, size = Buffer.byteLength(records)): Buffer {
  return Buffer.concat([
    head((block) => {
      block.write("x", 156);
      block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
    }),
    Buffer.concat([Buffer.from(records), Buffer.alloc(512)]).subarray(0, Math.max(512, size)),
  ]);
}

describe("a hostile archive", () => {
  test.each<[string, Buffer]>([
    ["a wrong checksum", Buffer.alloc(512, "a")],
    ["a size that is no number", head((block) => block.write("99999999999\0", 124))],
    ["a binary size out of range", head((block) => block.fill(0xff, 124, 136))],
    ["an extended head of a gigabyte", pax("x", 2 ** 30)],
    ["records of no length", pax("0 path=x\n")],
    ["records longer than their head", pax("99 path=x\n")],
    ["records without a key", pax("5 =x\n\n")],
    ["records without end", pax("path")],
    ["a negative size", Buffer.concat([pax("11 size=-5\n"), head(() => undefined)])],
  ])("with %s is refused", (_what, bytes) => {
    expect(() => read([bytes])).toThrow(expect.objectContaining({ code: "E_ENGINE_API" }));
  });

  test.each(["../../etc/passwd", "a/../../b", `${"a/".repeat(2000)}b`])("cannot leave the tree: %s", (path) => {
    const entry: TarEntry = { path, type: "file", mode: 0, uid: 0, gid: 0, sizeBytes: 0, linkTarget: "" };
    expect(() => new MemoryTree().add(entry)).toThrow(expect.objectContaining({ code: "E_ENGINE_API" }));
  });

  test("with names of JavaScript's own gives only files", () => {
    const tree = new MemoryTree();
    for (const path of ["__proto__/polluted", "constructor", "/absolute"])
      tree.add({ path, type: "file", mode: 0o644, uid: 0, gid: 0, sizeBytes: 1, linkTarget: "" });
    expect(tree.children("/")).toEqual(["__proto__", "absolute", "constructor"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(tree.entry("/toString")).toBeUndefined();
  });

  test("with a hard link to nothing, to itself or to a directory stays a file", () => {
    const tree = new MemoryTree();
    const link = { type: "hardlink", mode: 0o600, uid: 1, gid: 2, sizeBytes: 0 } as const;
    tree.add({ ...link, path: "a", linkTarget: "missing" });
    tree.add({ ...link, path: "b", linkTarget: "b" });
    tree.add({ ...link, path: "c", linkTarget: "/" });
    for (const path of ["/a", "/b", "/c"]) expect(tree.entry(path)).toMatchObject({ type: "file", mode: 0o600 });
  });
});
