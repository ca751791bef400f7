import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OwnTraces } from "../../scripts/own-traces.ts";

test("what was started with the folder and is still there is told, and nothing else", { timeout: 60_000 }, async () => {
  const traces = new OwnTraces();
  const started = spawn("sleep", ["600"], { env: { ...process.env, TMPDIR: traces.folder }, stdio: "ignore" });
  const stranger = spawn("sleep", ["600"], { stdio: "ignore" });
  await Promise.all([once(started, "spawn"), once(stranger, "spawn")]);
  writeFileSync(join(traces.folder, "forgotten"), "");
  expect(await traces.left(0)).toEqual([
    `file ${join(traces.folder, "forgotten")}`,
    `process ${started.pid}: sleep 600`,
  ]);
  for (const child of [started, stranger]) {
    child.kill();
    await once(child, "exit");
  }
  traces.remove();
  expect(await traces.left()).toEqual([]);
  expect(existsSync(traces.folder)).toBe(false);
});
