import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { withSeccompProfiles } from "./seccomp.ts";

const folder = mkdtempSync(join(tmpdir(), "seccomp-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
function file(text: string): string {
  const path = join(folder, "profile.json");
  writeFileSync(path, text);
  return path;
}

test("a profile's path becomes its text; the engine's own words stay", async () => {
  const path = file('{ "defaultAction": "SCMP_ACT_ALLOW" }\n');
  expect(await withSeccompProfiles([`seccomp=${path}`, "no-new-privileges", "seccomp=unconfined"])).toEqual([
    'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}',
    "no-new-privileges",
    "seccomp=unconfined",
  ]);
});

test.each([
  ["a file that is not there", () => "/no/such/profile", "E_IO"],
  ["a device without an end", () => "/dev/zero", "E_IO"],
  ["a file that is not JSON", () => file("hello"), "E_USAGE"],
])("%s is refused", async (_name, path, code) => {
  await expect(withSeccompProfiles([`seccomp=${path()}`])).rejects.toMatchObject({ code });
});
