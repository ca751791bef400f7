/**
 * What the sensor costs the workload it watches, in worst-case loops: CPU time (user + system) watched / unwatched, the
 * smaller of several runs that alternate, and whether anything was lost. `node bench/sensor.ts [--json]`, as root.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { LossCounters } from "../src/model/event.ts";
import { openSensor } from "../src/sensor/open-sensor.ts";
import { type Figure, printFigures } from "./support/report.ts";
import { containerId, makeCgroup, type TestCgroup, UNIFIED } from "../test/support/armed-cgroup.ts";

interface Workload {
  readonly name: string;
  /** Perl, run in an empty directory on a tmpfs. */
  readonly program: string;
  /** On the same host, but not in the armed cgroup. */
  readonly outside?: true;
}

const CREATE = (count: number): string =>
  `for (1..${count}) { open(my $f, ">", "f$$"); syswrite $f, "x"; close $f; unlink "f$$" }`;
const FILES = 20_000;
const MAKE_FILES = `mkdir "tree"; for my $n (1..${FILES}) { mkdir "tree/" . int($n/100) if $n % 100 < 2; open(my $f, ">", "tree/" . int($n/100) . "/$n"); syswrite $f, "some words in a line\\n" x 20 }`;

const WORKLOADS: readonly Workload[] = [
  { name: "create, write, close, unlink: 30k", program: CREATE(30_000) },
  { name: "the same in 2 processes", program: `if (!fork) { ${CREATE(20_000)}; exit } ${CREATE(20_000)}; wait` },
  { name: "untar 20k files", program: `system "tar", "-xf", "../tree.tar"` },
  {
    name: "shell, 20k redirections",
    program: `system "sh", "-c", 'i=0; while [ $i -lt 20000 ]; do echo x >f; i=$((i+1)); done'`,
  },
  { name: "300k small appends", program: `open(my $f, ">>", "f"); syswrite $f, "0123456789" for 1..300000` },
  { name: "100k refused creations", program: `for (1..100000) { open(my $f, ">", "/proc/none") }` },
  { name: "grep -r over 20k files", program: `system "grep", "-r", "nothing", "../tree"` },
  {
    name: "500k reads of 100 bytes",
    program: `open(my $f, "<", "/etc/passwd"); my $b; for (1..500000) { sysseek $f, 0, 0 if $_ % 8 == 0; sysread $f, $b, 100 }`,
  },
  { name: "2M getpid", program: `syscall 39 for 1..2000000` },
  { name: "create loop outside of the container", program: CREATE(30_000), outside: true },
];
const PAIRS = 3;

const directory = mkdtempSync("/dev/shm/petrify-bench-");
const cgroup = makeCgroup(UNIFIED, containerId());
const figures: Figure[] = [];
try {
  prepare();
  for (const workload of WORKLOADS) figures.push(await measure(workload, cgroup));
} finally {
  await cgroup.remove();
  rmSync(directory, { recursive: true, force: true });
}
printFigures(`CPU time of a program, watched and not; smallest of ${PAIRS} pairs`, figures);

function prepare(): void {
  const made = spawnSync("perl", ["-e", MAKE_FILES], { cwd: directory });
  const packed = spawnSync("tar", ["-cf", "tree.tar", "tree"], { cwd: directory });
  if (made.status !== 0 || packed.status !== 0) throw new Error("the files to work on could not be made");
}

async function measure(workload: Workload, where: TestCgroup): Promise<Figure> {
  let unwatchedSeconds = Infinity;
  let watchedSeconds = Infinity;
  let sensorSeconds = Infinity;
  let events = 0;
  let eventsLost = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    unwatchedSeconds = Math.min(unwatchedSeconds, cpuSecondsOf(workload, where));
    await using sensor = await openSensor({ onEvents: () => undefined });
    await sensor.arm({ id: where.id });
    const before = process.cpuUsage();
    watchedSeconds = Math.min(watchedSeconds, cpuSecondsOf(workload, where));
    await sensor.disarm(where.id);
    const { user, system } = process.cpuUsage(before);
    sensorSeconds = Math.min(sensorSeconds, (user + system) / 1e6);
    events = sensor.delivered;
    eventsLost += lost(await sensor.loss());
  }
  return {
    name: workload.name,
    unit: "s",
    value: watchedSeconds,
    baseline: unwatchedSeconds,
    note: `${events} events, ${eventsLost} lost; the sensor itself ${sensorSeconds.toFixed(2)} s`,
  };
}

function lost(loss: LossCounters): number {
  return loss.ringFull + loss.recursionMisses + loss.evictedInodes + loss.unreadablePaths;
}

/** CPU time of the program and its children, as it reports it itself. */
function cpuSecondsOf({ program, outside }: Workload, where: TestCgroup): number {
  const work = join(directory, "work");
  mkdirSync(work);
  const command = ["perl", "-e", `${program}; my ($u, $s, $cu, $cs) = times; print $u + $s + $cu + $cs; exit 0`];
  const [file = "", ...rest] = command;
  const done = outside === true ? spawnSync(file, rest, { cwd: work, encoding: "utf8" }) : where.run(command, work);
  rmSync(work, { recursive: true });
  const seconds = Number(done.stdout.trim().split("\n").at(-1));
  if (done.status !== 0 || Number.isNaN(seconds)) throw new Error(`the workload failed: ${done.stderr}`);
  return seconds;
}
