import { readdirSync, readFileSync } from "node:fs";
import { median } from "../support/report.ts";

/** One way to the engine. */
export interface Side {
  readonly name: "direct" | "pass" | "guard";
  readonly socketPath: string;
  /** Of the process between client and engine. */
  readonly pid?: number;
}

/** What one piece of work took on each side, in one round. */
export type Round = Readonly<Partial<Record<Side["name"], number>>>;

/** Milliseconds of the same work on each side, in turns whose order changes: the second of two would pay for what the first leaves behind. */
export async function inTurns(
  rounds: number,
  sides: readonly Side[],
  work: (side: Side) => Promise<void> | void,
  warmUp = 1,
): Promise<readonly Round[]> {
  const all: Round[] = [];
  for (let round = 0; round < rounds + warmUp; round++) {
    const times: { -readonly [N in keyof Round]: Round[N] } = {};
    for (let turn = 0; turn < sides.length; turn++) {
      const side = sides[(round + turn) % sides.length] as Side;
      const start = performance.now();
      await work(side);
      times[side.name] = performance.now() - start;
    }
    if (round >= warmUp) all.push(times);
  }
  return all;
}

export function medianOf(rounds: readonly Round[], side: Side["name"]): number {
  return median(rounds.map((round) => round[side] ?? Number.NaN));
}

/** Median of what a side took more than direct in the same round. */
export function addedBy(rounds: readonly Round[], side: Side["name"]): number {
  return median(rounds.map((round) => (round[side] ?? Number.NaN) - (round.direct ?? Number.NaN)));
}

/** Processor time that a process has used, in milliseconds (proc_pid_stat(5): utime and stime, in hundredths of a second). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

export function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
