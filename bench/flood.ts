/**
 * A flood of attempts under the sensor: how far it slows what floods, what is delivered, counted and lost, and how much memory
 * it takes. `node bench/flood.ts [--seconds 30] [--processes 2] [--json]`, as root.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { containerId, makeCgroup, UNIFIED } from "../test/support/armed-cgroup.ts";
import { ProfileFold } from "../src/learn/fold/fold.ts";
import { NO_LOSS, type LossCounters } from "../src/model/event.ts";
import { openSensor } from "../src/sensor/open-sensor.ts";
import { type Figure, printFigures } from "./support/report.ts";

const { values: flags } = parseArgs({
  options: {
    seconds: { type: "string", default: "30" },
    processes: { type: "string", default: "2" },
    json: { type: "boolean" },
  },
});
const seconds = Number(flags.seconds);

/** Perl; `$n` counts the attempts. System calls by number: 257 openat, 1 write, 3 close, 87 unlink. */
const FLOODS: readonly (readonly [name: string, body: string])[] = [
  ["the same refused open", `my $p = "/none/f"; syscall(257, -100, $p, 0101, 0600), $n++ for 1..1000`],
  [
    "refused opens of ever new names",
    `for (1..1000) { my $p = "/none/f$n"; syscall(257, -100, $p, 0101, 0600); $n++ }`,
  ],
  [
    "files made, written and removed",
    `for (1..100) { my $p = "/dev/shm/petrify-flood$$"; my $f = syscall(257, -100, $p, 0101, 0600);
       syscall(1, $f, $p, 5); syscall(3, $f); syscall(87, $p); $n += 3 }`,
  ],
];

const cgroup = makeCgroup(UNIFIED, containerId());
const figures: Figure[] = [];
try {
  await cgroup.hold();
  for (const [name, body] of FLOODS) figures.push(await measure(name, body));
} finally {
  await cgroup.remove();
}
printFigures(`attempts per second, watched and not; ${flags.processes} processes, ${seconds} s each`, figures);

async function measure(name: string, body: string): Promise<Figure> {
  const unwatched = await flood(body);
  const fold = new ProfileFold();
  await using sensor = await openSensor({ onEvents: (events) => fold.add(events) });
  await sensor.arm({ id: cgroup.id });
  let residentBytes = 0;
  const timer = setInterval(() => (residentBytes = Math.max(residentBytes, process.memoryUsage.rss())), 100);
  const watched = await flood(body);
  await sensor.disarm(cgroup.id);
  clearInterval(timer);
  const loss = await sensor.loss();
  return {
    name,
    unit: "/s",
    value: watched / seconds,
    baseline: unwatched / seconds,
    note: `${sensor.delivered} delivered, ${sensor.repeated} counted, ${lost(loss)} lost; ${Math.round(residentBytes / 2 ** 20)} MiB at most`,
  };
}

/** Attempts made. */
async function flood(body: string): Promise<number> {
  const script = `my $n = 0; my $end = time + ${seconds}; while (time < $end) { ${body} } print $n`;
  const enter = `echo $$ >"$0" && exec perl -e "$1"`;
  const made = Array.from({ length: Number(flags.processes) }, async () => {
    const child = spawn("sh", ["-c", enter, join(cgroup.directory, "cgroup.procs"), script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [printed] = await Promise.all([text(child.stdout), once(child, "close")]);
    return Number(printed);
  });
  return (await Promise.all(made)).reduce((sum, count) => sum + count, 0);
}

function lost(loss: LossCounters): number {
  return Object.keys(NO_LOSS).reduce((sum, counter) => sum + loss[counter as keyof LossCounters], 0);
}
