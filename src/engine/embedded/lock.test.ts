import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { processesNamed } from "../../../test/support/leftovers.ts";
import { withLock } from "./lock.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-test-"));
  file = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function processesOf(count: number): Promise<number[]> {
  let found = processesNamed(file);
  for (; found.length < count; found = processesNamed(file)) await sleep(5);
  return found;
}

test("a Ctrl-C that reaches the lock's holder just after its fork takes nothing away", async () => {
  const first = Promise.withResolvers<void>();
  const steps: string[] = [];
  const started = Promise.withResolvers<void>();
  const holding = withLock(file, async () => {
    started.resolve();
    await first.promise;
    steps.push("first");
  });
  await started.promise;
  const [held] = await processesOf(1);
  const waiting = withLock(file, async () => void steps.push("second"));
  const victim = (await processesOf(2)).find((pid) => pid !== held);
  process.kill(victim ?? 0, "SIGINT");
  // Its successor waits in its place.
  while (processesNamed(file).includes(victim ?? 0)) await sleep(5);
  await processesOf(2);
  first.resolve();
  await Promise.all([holding, waiting]);
  expect(steps).toEqual(["first", "second"]);
});
