import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { containerId, makeCgroup, type TestCgroup, UNIFIED } from "../../test/support/armed-cgroup.ts";
import { isExecution, observe, type Observation } from "../../test/support/observe.ts";
import { NO_LOSS, type WriteEvent } from "../model/event.ts";
import { openSensor } from "./open-sensor.ts";

let directory: string;
let cgroup: TestCgroup;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "petrify-loss-")));
  cgroup = makeCgroup(UNIFIED, containerId());
});
afterEach(async () => {
  await cgroup.remove();
  rmSync(directory, { recursive: true, force: true });
});

/** `cgroup.run` blocks this thread until the program has ended: nothing is received meanwhile, and nothing may be lost. */
function observed(program: readonly string[], ringBytes?: number): Promise<Observation> {
  return observe(
    { id: cgroup.id },
    () => {
      const done = cgroup.run(program, directory);
      if (done.status !== 0) throw new Error(done.stderr);
    },
    ringBytes,
  );
}

function counts({ events }: Observation): Record<string, number> {
  const result: Record<string, number> = {};
  for (const event of events)
    if (!isExecution(event))
      result[`${event.operation} ${event.result}`] = (result[`${event.operation} ${event.result}`] ?? 0) + 1;
  return result;
}

const CHURN = `for (1..30000) { open(my $f, ">", "f"); syswrite $f, "x"; close $f; unlink "f" }`;

describe("nothing is lost", () => {
  test("of 30,000 files made, written, closed and removed while this thread is blocked", async () => {
    const seen = await observed(["perl", "-e", CHURN]);
    const { "open 0": opens = 0, "write 0": writes, "unlink 0": unlinks = 0 } = counts(seen);
    // On a busy machine the reader falls behind, and what repeats is counted; writes are always told.
    expect([writes, opens + unlinks + seen.repeated]).toEqual([30_000, 60_000]);
    expect(seen.loss).toEqual(NO_LOSS);
  });

  test("of 100,000 refused attempts and 20,000 different files", async () => {
    const run = `for (1..100000) { mkdir "/proc/none" } for (1..20000) { open(my $f, ">", $_); syswrite $f, "x" }`;
    const seen = await observed(["perl", "-e", run]);
    const { "mkdir ENOENT": refused = 0, ...others } = counts(seen);
    expect([others, refused + seen.repeated]).toEqual([{ "open 0": 20_000, "write 0": 20_000 }, 100_000]);
    expect(seen.loss).toEqual(NO_LOSS);
  });

  test("of 1,000 processes that are forked, write and end", async () => {
    const run = `for (1..1000) { my $p = fork; if (!$p) { mkdir "d$_"; exit } waitpid $p, 0 if $_ % 8 == 0 } 1 while wait > 0`;
    const seen = await observed(["perl", "-e", run]);
    expect(counts(seen)).toEqual({ "mkdir 0": 1000 });
    expect(new Set(seen.events.map(({ path }) => path).filter((path) => path.startsWith(`${directory}/d`))).size).toBe(
      1000,
    );
    expect(new Set(seen.events.filter((event) => !isExecution(event)).map(({ process }) => process.exe))).toEqual(
      new Set(["/usr/bin/perl"]),
    );
    expect(seen.loss).toEqual(NO_LOSS);
  });

  test("of the paths through 500 directories that are gone before anybody could look", async () => {
    const run = `for (1..500) {
      my $d = "${directory}/d$_";
      mkdir $d; open(my $f, ">", "$d/f"); close $f; unlink "$d/f";
      rename $d, "$d.moved"; mkdir "$d.moved/sub"; rmdir "$d.moved/sub"; rmdir "$d.moved";
    }`;
    const seen = await observed(["perl", "-e", run]);
    expect(counts(seen)).toEqual({
      "mkdir 0": 1000,
      "open 0": 500,
      "unlink 0": 500,
      "rename 0": 500,
      "rmdir 0": 1000,
    });
    expect(seen.events.filter(({ pathUncertain }) => pathUncertain === true)).toEqual([]);
  });

  test("of the bytes of a file that grows in 200,000 writes, is emptied, and grows again", async () => {
    const run = `for my $n (200000, 10) { open(my $f, ">", "f"); syswrite $f, "0123456789" for 1..$n }`;
    const seen = await observed(["perl", "-e", run]);
    const writes = seen.events.filter(({ operation }) => operation === "write");
    expect(writes.map(({ bytes }) => bytes)).toEqual([
      10, 65_540, 131_080, 262_160, 524_320, 1_048_640, 2_000_000, 10, 100,
    ]);
    expect(Math.max(...writes.map(({ sizeBytes }) => sizeBytes ?? 0))).toBe(2_000_000);
    expect(seen.loss).toEqual(NO_LOSS);
  });
});

test("a flood of the same attempt is counted, and nothing else is kept from being told", async () => {
  const run = `my $p = "/none/f"; syscall(257, -100, $p, 0101, 0600) for 1..800000; open(my $f, ">", "last")`;
  // While the program runs this thread is busy with waiting for it, so that what is delivered is not taken.
  const events: WriteEvent[] = [];
  await using sensor = await openSensor({ onEvents: (batch) => void events.push(...batch) });
  await sensor.arm({ id: cgroup.id });
  expect(cgroup.run(["perl", "-e", run], directory).status).toBe(0);
  await sensor.disarm(cgroup.id);
  const refused = events.filter(({ path }) => path === "/none/f").length;
  expect(refused + sensor.repeated).toBe(800_000);
  expect(sensor.repeated).toBeGreaterThan(400_000);
  expect(events.some(({ path, created }) => path === `${directory}/last` && created)).toBe(true);
  expect(await sensor.loss()).toEqual(NO_LOSS);
});

describe("what is lost is counted", () => {
  test("a ring that is full: every event is delivered or counted", async () => {
    const seen = await observed(["perl", "-e", CHURN], 4 * 1024);
    const delivered = Object.values(counts(seen)).reduce((sum, count) => sum + count, 0);
    expect(seen.loss.ringFull).toBeGreaterThan(0);
    expect(delivered).toBeGreaterThan(0);
    expect(delivered + seen.loss.ringFull + seen.repeated).toBeGreaterThanOrEqual(90_000);
  });

  test("a path longer than any buffer is not to be trusted", async () => {
    const run = `for (1..30) { mkdir "n" x 200 or die; chdir "n" x 200 or die }`;
    const seen = await observed(["perl", "-e", run]);
    const cut = seen.events.filter(({ pathUncertain, operation }) => operation === "mkdir" && pathUncertain === true);
    expect(cut.length).toBeGreaterThanOrEqual(9);
    expect(seen.loss.unreadablePaths).toBe(cut.filter(({ path }) => !path.startsWith(directory)).length);
  });
});
