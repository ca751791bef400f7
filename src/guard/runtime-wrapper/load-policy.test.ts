import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadPolicy } from "./load-policy.ts";

let folder: string;
let cache: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-load-policy-"));
  cache = join(folder, "cache");
});
afterEach(() => rmSync(folder, { recursive: true }));

function policyFile(name: string, file = "policy.yaml"): string {
  const path = join(folder, file);
  writeFileSync(path, `apiVersion: petrify.dev/v1\nkind: ReadOnlyPolicy\nmetadata: {name: ${name}}\n`);
  return path;
}

/** Makes what is kept tell where a policy comes from. */
function markKept(): void {
  const path = join(cache, "policy.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"mode":"enforce"', '"mode":"audit"'));
}

test("what was read is kept, for this very text of this very file", async () => {
  const file = policyFile("one");
  expect(await loadPolicy(file, cache)).toMatchObject({ name: "one", mode: "enforce" });
  expect(readdirSync(cache)).toEqual(["policy.json"]);
  markKept();
  expect(await loadPolicy(file, cache)).toMatchObject({ name: "one", mode: "audit" });
  expect(await loadPolicy(policyFile("one", "other.yaml"), cache)).toMatchObject({ mode: "enforce" });
  await loadPolicy(file, cache);
  markKept();
  policyFile("two");
  expect(await loadPolicy(file, cache)).toMatchObject({ name: "two", mode: "enforce" });
});

test("what others could have written there is not believed, nor what is damaged", async () => {
  const file = policyFile("one");
  await loadPolicy(file, cache);
  markKept();
  chmodSync(cache, 0o777);
  expect(await loadPolicy(file, cache)).toMatchObject({ mode: "enforce" });
  chmodSync(cache, 0o700);
  writeFileSync(join(cache, "policy.json"), "null");
  expect(await loadPolicy(file, cache)).toMatchObject({ mode: "enforce" });
  rmSync(cache, { recursive: true });
  mkdirSync(join(cache, "policy.json"), { recursive: true });
  expect(await loadPolicy(file, cache)).toMatchObject({ mode: "enforce" });
});

test("a policy that is not valid is none", async () => {
  writeFileSync(join(folder, "broken.yaml"), "kind: Nonsense\n");
  await expect(loadPolicy(join(folder, "broken.yaml"), cache)).rejects.toMatchObject({ code: "E_POLICY_INVALID" });
});
