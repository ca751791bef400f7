import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import os from "node:os";
import { identify, ownIdentity } from "./identity.ts";

/**
 * A session is one run of Petrify; its id is the value of the label `petrify.session` on all that the run makes.
 * The id names the process so exactly that a later run can tell whether it still lives:
 * `MACHINE-BOOT-PIDNAMESPACE-PID-STARTTICKS-RANDOM`.
 */
export function newSessionId(): string {
  const { pid, startTicks } = ownIdentity();
  return [...host(), pid, startTicks, randomBytes(4).toString("hex")].join("-");
}

/**
 * Whether the process that made `id` still runs. Also true when that cannot be known from here, because it runs on
 * another machine that shares the engine, or in another pid namespace: what may be alive is not cleaned away.
 */
export function sessionAlive(id: string): boolean {
  const match = /^([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-(\d+)-(\d+)-[0-9a-f]{8}$/.exec(id);
  if (match === null) return true;
  const [, machine, boot, namespace, pid, start] = match;
  const [ownMachine, ownBoot, ownNamespace] = host();
  if (machine !== ownMachine) return true;
  if (boot !== ownBoot) return false;
  if (namespace !== ownNamespace) return true;
  return identify(Number(pid))?.startTicks === start;
}

function host(): readonly [machine: string, boot: string, pidNamespace: string] {
  const machine = readText("/etc/machine-id") || os.hostname();
  const boot = readText("/proc/sys/kernel/random/boot_id").replaceAll("-", "").slice(0, 8);
  const namespace = /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  return [createHash("sha256").update(machine).digest("hex").slice(0, 8), boot, namespace];
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
