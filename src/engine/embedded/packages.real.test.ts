import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startChild } from "../../../test/support/child.ts";
import { DOCKERD } from "./dockerd.ts";
import { defaultCacheDir } from "./layout.ts";
import { missingLibraries } from "./libraries.ts";
import { withLock } from "./lock.ts";
import { removeOldPackages, unpackPackages } from "./packages.ts";

// One static megabyte: what is tested here is the cache, not the archive.
const SMALL = ["busybox-static"];
const script = join(import.meta.dirname, "../../../test/support/unpacking-user.ts");
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "petrify-packages-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function names(prefix: string): string[] {
  return readdirSync(directory).filter((name) => name.startsWith(prefix));
}
function installedPackages(): string {
  return execFileSync("dpkg-query", ["-W"], { encoding: "utf8" });
}

test("the programs run, and nothing was installed", async () => {
  const before = installedPackages();
  const { root, versions } = await unpackPackages(SMALL, directory);
  expect(execFileSync(join(root, "bin/busybox"), ["echo", "runs"], { encoding: "utf8" })).toBe("runs\n");
  expect(Object.keys(versions)).toEqual(SMALL);
  expect(installedPackages()).toBe(before);
});

test("the second time costs no question to apt", async () => {
  const first = await unpackPackages(SMALL, directory);
  vi.stubEnv("http_proxy", UNREACHABLE);
  const progress: string[] = [];
  expect(await unpackPackages(SMALL, directory, { onProgress: (line) => progress.push(line) })).toEqual(first);
  expect(progress).toEqual([]);
});

test("every program of the engine finds its libraries, whatever this host lacks", async () => {
  const { root } = await unpackPackages(DOCKERD.packages, join(defaultCacheDir(), "packages"));
  expect(await missingLibraries(root)).toEqual([]);
});

test("killed in the middle, the next one starts over and clears the rubbish away", async () => {
  const victim = startChild(process.execPath, [script, directory, ...SMALL]);
  await expect.poll(() => names("tmp-").length, { timeout: 60_000, interval: 2 }).toBe(1);
  victim.kill("SIGKILL");
  await victim.ended;
  expect(names("tmp-")).toHaveLength(1);
  const { root } = await unpackPackages(SMALL, directory);
  expect(names("root-")).toEqual([root.slice(directory.length + 1)]);
  expect(names("tmp-")).toEqual([]);
});

test("broken off in the middle, it stops at once and leaves nothing half-done", async () => {
  const stop = new AbortController();
  const unpacking = unpackPackages(SMALL, directory, {
    signal: stop.signal,
    onProgress: (line) => line.startsWith("fetching") && stop.abort(),
  });
  await expect(unpacking).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  expect([...names("tmp-"), ...names("root-")]).toEqual([]);
});

test("who waits for another one's lock can be broken off too", async () => {
  const stop = new AbortController();
  await withLock(join(directory, "lock"), async () => {
    const waiting = unpackPackages(SMALL, directory, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(waiting).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  });
});

test("two processes at once do it once", async () => {
  const children = [0, 1].map(() => startChild(process.execPath, [script, directory, ...SMALL]));
  const [one, two] = await Promise.all(children.map((child) => child.firstLine));
  expect(one).toBe(two);
  expect(one).toContain(directory);
  expect(names("root-")).toHaveLength(1);
});

test("newer package lists are asked; what is still the newest is kept, and old versions go", async () => {
  const { root } = await unpackPackages(SMALL, directory);
  mkdirSync(join(directory, "root-busybox-static-000000000000"));
  forgetLists();
  expect((await unpackPackages(SMALL, directory)).root).toBe(root);
  await removeOldPackages(directory);
  expect(names("root-")).toEqual([root.slice(directory.length + 1)]);
});

/** As if the host's lists had been refreshed since. */
function forgetLists(): void {
  for (const name of readdirSync(directory).filter((entry) => entry.endsWith(".json"))) {
    const choice = JSON.parse(readFileSync(join(directory, name), "utf8")) as object;
    writeFileSync(join(directory, name), JSON.stringify({ ...choice, listsStamp: 0 }));
  }
}

const UNREACHABLE = "http://127.0.0.1:9";

test("an archive that cannot be reached is told with the way out", async () => {
  vi.stubEnv("http_proxy", UNREACHABLE);
  await expect(unpackPackages(SMALL, directory)).rejects.toMatchObject({
    code: "E_EMBEDDED_PACKAGES",
    message: expect.stringMatching(/cannot be reached/) as string,
    hint: expect.stringMatching(/http_proxy/) as string,
  });
  expect(names("tmp-")).toEqual([]);
});

test("a full disk is told as such", async () => {
  const onSmallDisk = 'mount -t tmpfs -o size=2m,mode=0755 none "$1" && shift && exec "$@"';
  const unpack = [directory, process.execPath, script, directory, ...SMALL];
  const child = startChild("unshare", [
    "--mount",
    "--propagation",
    "private",
    "sh",
    "-c",
    onSmallDisk,
    "sh",
    ...unpack,
  ]);
  expect(await child.firstLine).toMatch(/^E_DISK_FULL: There is no space left in .*: \d+ MB are needed\.$/);
});

test("a directory that others can write to is refused: root would run their programs", async () => {
  chmodSync(directory, 0o777);
  await expect(unpackPackages(SMALL, directory)).rejects.toMatchObject({ code: "E_EMBEDDED_PACKAGES" });
  chmodSync(directory, 0o755);
  execFileSync("chown", ["65534", directory]);
  await expect(unpackPackages(SMALL, directory)).rejects.toMatchObject({ code: "E_EMBEDDED_PACKAGES" });
});
