import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startTestCommand, testEnvironment } from "./test-command.ts";
import { execArguments } from "./test-plan.ts";

const silent = (): void => {};

test.each([
  ["exit 0", 0],
  ["exit 3", 3],
  ["kill -TERM $$", 143],
])("`%s` ends with %i", async (command, expected) => {
  expect(await startTestCommand(command, {}, 10_000, silent).exitCode).toBe(expected);
});

test("the command sees name, address, ports and phase, and what it prints is kept for messages", async () => {
  const environment = testEnvironment({
    session: "s1",
    name: "web",
    phase: "first",
    engineHost: "unix:///run/x.sock",
    ports: new Map([
      ["80", { host: "127.0.0.1", port: 4711 }],
      ["53_UDP", { host: "127.0.0.1", port: 4712 }],
    ]),
  });
  const run = startTestCommand(
    'echo "$PETRIFY_NAME $PETRIFY_HOST $PETRIFY_PORT $PETRIFY_PORT_80 $PETRIFY_PORT_53_UDP $PETRIFY_PHASE $DOCKER_HOST"',
    environment,
    10_000,
    silent,
  );
  expect(await run.exitCode).toBe(0);
  expect(run.output().trim()).toBe("web 127.0.0.1 4711 4711 4712 first unix:///run/x.sock");
});

test("after the timeout the command and what it started are gone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "petrify-test-command-"));
  const pidFile = join(folder, "pid");
  const run = startTestCommand(`sleep 300 & echo $! > ${pidFile}; wait`, {}, 500, silent);
  expect(await run.exitCode).toBe(124);
  expect(await isGoneSoon(Number(readFileSync(pidFile, "utf8")))).toBe(true);
  rmSync(folder, { recursive: true });
});

test("a daemon that the test leaves behind does not keep the run waiting, and does not outlive it", async () => {
  const run = startTestCommand("sleep 300 & echo $!", {}, 60_000, silent);
  expect(await run.exitCode).toBe(0);
  expect(await isGoneSoon(Number(run.output()))).toBe(true);
});

test.each([
  ["redis-cli set a b", ["redis-cli", "set", "a", "b"]],
  ["psql -c 'select 1'", ["/bin/sh", "-c", "psql -c 'select 1'"]],
  ["a && b", ["/bin/sh", "-c", "a && b"]],
])("exec arguments of %s", (command, expected) => {
  expect(execArguments(command)).toEqual(expected);
});

async function isGoneSoon(pid: number): Promise<boolean> {
  for (let i = 0; i < 100; i++) {
    if (!existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")) return true;
    await sleep(20);
  }
  return false;
}
