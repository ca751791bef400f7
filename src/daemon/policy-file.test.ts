import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { strategy, tmpfs } from "../../test/support/strategy-samples.ts";
import { formatStrategy } from "../strategy/file.ts";
import { loadPolicy } from "./policy-file.ts";

const POLICY =
  "apiVersion: petrify.dev/v1\nkind: ReadOnlyPolicy\nmetadata:\n  name: house\nstrategies:\n  folder: found\n";
let folder = "";
let file = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-policy-"));
  file = join(folder, "policy.yaml");
  mkdirSync(join(folder, "found"));
  writeFileSync(file, POLICY);
});
afterEach(() => rmSync(folder, { recursive: true }));

test("reads the policy and the strategies beside it; those that are broken do not count, and are named", async () => {
  const text = formatStrategy(strategy([tmpfs("/run/app")]));
  writeFileSync(join(folder, "found/b.strategy.yaml"), text);
  writeFileSync(join(folder, "found/a.strategy.yaml"), text.replace("WriteStrategy", "Other"));
  execFileSync("mkfifo", [join(folder, "found/c.strategy.yaml")]);
  writeFileSync(join(folder, "found/readme.md"), "x");
  const { policy, strategies, broken } = await loadPolicy(file);
  expect(policy.name).toBe("house");
  expect(strategies.map(({ name }) => name)).toEqual(["app"]);
  expect(broken.map(({ file: path, error }) => [path, error.code])).toEqual([
    [join(folder, "found/a.strategy.yaml"), "E_STRATEGY_INVALID"],
    [join(folder, "found/c.strategy.yaml"), "E_IO"],
  ]);
});

test.each<[string, () => void, string]>([
  ["does not exist", () => rmSync(file), "E_IO"],
  ["is no policy", () => writeFileSync(file, "x: y\n"), "E_POLICY_INVALID"],
  ["is no text", () => writeFileSync(file, Buffer.from([0xff, 0xfe])), "E_POLICY_INVALID"],
  ["is huge", () => truncateSync(file, 2 ** 40), "E_POLICY_INVALID"],
  ["is a folder", () => (rmSync(file), mkdirSync(file)), "E_IO"],
  ["is a pipe that nobody writes into", () => (rmSync(file), execFileSync("mkfifo", [file])), "E_IO"],
  ["names a folder that is not there", () => rmSync(join(folder, "found"), { recursive: true }), "E_IO"],
])("one that %s is one error", async (_what, breakIt, code) => {
  breakIt();
  await expect(loadPolicy(file)).rejects.toMatchObject({ name: "PetrifyError", code });
});
