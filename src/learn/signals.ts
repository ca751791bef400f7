import { readFile } from "node:fs/promises";
import { constants } from "node:os";

/** Signals with which operators ask a running service for something: a reload, new log files, a dump. */
export const SERVICE_SIGNALS = ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
export type ServiceSignal = (typeof SERVICE_SIGNALS)[number];

/** A runtime that catches more than this catches everything it can (Go's): that says nothing about the program. */
const MOST_CHOSEN = 20;

/** Of the signals with which operators ask for something, those that the process handles; empty when it is gone. */
export async function handledSignals(pid: number): Promise<readonly ServiceSignal[]> {
  return handledIn(await readFile(`/proc/${pid}/status`, "latin1").catch(() => ""));
}

/** The same, of the text of `/proc/PID/status`: `SigCgt` is a mask in which bit n-1 stands for signal n (proc(5)). */
export function handledIn(status: string): readonly ServiceSignal[] {
  const mask = BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  if (mask.toString(2).replaceAll("0", "").length > MOST_CHOSEN) return [];
  return SERVICE_SIGNALS.filter((name) => (mask >> BigInt(constants.signals[name] - 1)) & 1n);
}
