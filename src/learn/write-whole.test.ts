import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeWhole } from "./write-whole.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "write-whole-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a file that holds secrets stays readable for its owner only", async () => {
  const path = join(folder, "compose.yaml");
  writeFileSync(path, "old", { mode: 0o600 });
  await writeWhole(path, "new");
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a file that a group may write keeps that, whatever the umask", async () => {
  const path = join(folder, "shared.yaml");
  writeFileSync(path, "old");
  chmodSync(path, 0o664);
  await writeWhole(path, "new");
  expect(statSync(path).mode & 0o777).toBe(0o664);
});

test("a symlink stays one, and what it leads to is written", async () => {
  writeFileSync(join(folder, "real"), "old");
  symlinkSync("real", join(folder, "link"));
  await writeWhole(join(folder, "link"), "new");
  expect(lstatSync(join(folder, "link")).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, "real"), "utf8")).toBe("new");
});

test("what cannot be written leaves nothing behind", async () => {
  await expect(writeWhole(join(folder, "no/such/folder"), "x")).rejects.toMatchObject({ code: "E_IO" });
  await expect(writeWhole("/dev/full/x", "x")).rejects.toMatchObject({ code: "E_IO" });
  // Here the new content is on the disk already when the last step fails.
  mkdirSync(join(folder, "directory"));
  await expect(writeWhole(join(folder, "directory"), "x")).rejects.toMatchObject({ code: "E_IO" });
  expect(readdirSync(folder)).toEqual(["directory"]);
});
