import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hostPlace } from "./host-place.ts";

const folder = mkdtempSync(join(tmpdir(), "host-place-"));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "volume"));
symlinkSync("/", join(folder, "volume/link"));
symlinkSync("loop", join(folder, "volume/loop"));
symlinkSync("/nowhere/at/all", join(folder, "volume/dangling"));

test.each([
  ["a directory", "volume", join(folder, "volume")],
  ["a link", "volume/link", "/"],
  ["what lies behind a link", "volume/link/etc", "/etc"],
  ["what is not there yet", "volume/new/deep", join(folder, "volume/new/deep")],
  ["what is not there yet behind a link", "volume/link/not-there/deep", "/not-there/deep"],
])("%s leads where the kernel would go", async (_name, path, leadsTo) => {
  expect((await hostPlace(join(folder, path)))?.path).toBe(leadsTo);
});

test("a device says which it is, under whatever name", async () => {
  symlinkSync("/dev/null", join(folder, "harmless"));
  expect(await hostPlace(join(folder, "harmless"))).toEqual({ path: "/dev/null", deviceRule: "c 1:3 rwm" });
});

test("links without an end lead nowhere", async () => {
  expect(await hostPlace(join(folder, "volume/loop"))).toBeUndefined();
});
