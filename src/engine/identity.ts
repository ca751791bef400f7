import { readFileSync } from "node:fs";

/** A process that is still the same one later: pids are reused, a pid with its start time is not (until the next boot). */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat (proc(5)). */
  readonly startTicks: string;
}

/** Undefined when there is no such process, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The second field is the name in parentheses, which may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, startTicks] = [fields[0], fields[19]];
  return startTicks === undefined || state === "Z" || state === "X" ? undefined : { pid, startTicks };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTicks === identity.startTicks;
}

export function ownIdentity(): ProcessIdentity {
  const own = identify(process.pid);
  if (own === undefined) throw new Error("/proc is not mounted");
  return own;
}

/** File name of an identity, and back; undefined for any other name. */
export function identityName({ pid, startTicks }: ProcessIdentity): string {
  return `${pid}-${startTicks}`;
}
export function parseIdentityName(name: string): ProcessIdentity | undefined {
  const match = /^([1-9]\d*)-(\d+)$/.exec(name);
  return match === null ? undefined : { pid: Number(match[1]), startTicks: match[2] as string };
}
