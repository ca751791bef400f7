import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { NOT_YET, policySince } from "./policy-since.ts";

const folder = mkdtempSync(join(tmpdir(), "petrify-since-"));
afterAll(() => rmSync(folder, { recursive: true }));

const enforced = (name: string) => ({ name, isEnforced: true });

test("a policy is known since it was first seen, over restarts, by its name", async () => {
  const state = join(folder, "a");
  expect(await policySince(state, enforced("default"), 1000)).toBe(1000);
  expect(await policySince(state, enforced("default"), 2000)).toBe(1000);
  expect(await policySince(state, enforced("other"), 3000)).toBe(3000);
  expect(await policySince(state, enforced("__proto__"), 3500)).toBe(3500);
  expect(await policySince(state, enforced("__proto__"), 3600)).toBe(3500);
  expect(await policySince(state, enforced("default"), 4000)).toBe(1000);
  expect(statSync(state).mode & 0o777).toBe(0o700);
  expect(readdirSync(state)).toEqual(["policies.json"]);
});

test("while a policy is only tried, it is not yet in force, and what is made then is older than it", async () => {
  const state = join(folder, "tried");
  const tried = { name: "default", isEnforced: false };
  expect(await policySince(state, tried, 1000)).toBe(NOT_YET);
  expect(await policySince(state, enforced("default"), 2000)).toBe(2000);
  expect(await policySince(state, tried, 3000)).toBe(2000);
});

test("a damaged file, and a time to come, count as not seen", async () => {
  const state = join(folder, "b");
  await policySince(state, enforced("default"), 5000);
  expect(await policySince(state, enforced("default"), 4000)).toBe(4000);
  writeFileSync(join(state, "policies.json"), "{");
  expect(await policySince(state, enforced("default"), 6000)).toBe(6000);
});

test("a folder that others can write to is not believed", async () => {
  const state = join(folder, "c");
  await policySince(state, enforced("default"), 1000);
  chmodSync(state, 0o777);
  await expect(policySince(state, enforced("default"), 2000)).rejects.toMatchObject({ code: "E_IO" });
});
