import type { BpfObject } from "./libbpf.ts";
import { CALL_NUMBERS, CALL_ROWS, encodeCall, RING_OPERATIONS, UNDECODED_CALL } from "./syscalls.ts";
import { PetrifyError } from "../model/errors.ts";

// Layouts of bpf/record.h: cgroup_name, target, settings, process, inode_key, inode_total, counters.
const NAME_BYTES = 128;
const TARGET_BYTES = 32;
const SETTINGS_BYTES = 16;
const PROCESS_BYTES = 8;
const INODE_KEY_BYTES = 24;
const INODE_TOTAL_BYTES = 48;
const COUNTERS = [
  "records",
  "repeated",
  "ringFull",
  "inodeTableFull",
  "processTableFull",
  "unreadable",
  "undecodedRings",
  "undecodedCalls",
] as const;

export type KernelCounters = Readonly<Record<(typeof COUNTERS)[number], number>>;

export interface InodeTotal {
  readonly ino: bigint;
  readonly kernelDevice: number;
  readonly generation: number;
  readonly bytes: number;
  readonly sizeBytes: number;
  /** Something of this was in no record yet. */
  readonly untold: boolean;
}

/** The BPF object's maps in the terms of the sensor. */
export class KernelTables {
  readonly #object: BpfObject;
  readonly #maps: Readonly<Record<"names" | "targets" | "settings" | "processes" | "inodes" | "counters", number>>;
  readonly #live = new Set<number>();
  #epoch = 0;

  constructor(object: BpfObject, architecture: string) {
    this.#object = object;
    this.#maps = {
      names: object.map("armed_names"),
      targets: object.map("targets"),
      settings: object.map("settings"),
      processes: object.map("processes"),
      inodes: object.map("inodes"),
      counters: object.map("counters"),
    };
    const numbers = CALL_NUMBERS[architecture];
    if (numbers === undefined)
      throw new PetrifyError("E_INTERNAL", `There is no system call table for '${architecture}'.`);
    const [native, compat, rings] = [object.map("calls"), object.map("compat_calls"), object.map("ring_calls")];
    for (const [name, number] of numbers.native) object.update(native, u32(number), encodeCall(name));
    if (numbers.compat === "undecoded")
      for (let number = 0; number < CALL_ROWS; number++) object.update(compat, u32(number), UNDECODED_CALL);
    else for (const [name, number] of numbers.compat) object.update(compat, u32(number), encodeCall(name));
    const numberOf = new Map(numbers.native.toReversed());
    for (const [name, operation] of RING_OPERATIONS)
      object.update(rings, u32(operation), encodeCall(name, numberOf.get(name)));
  }

  /** From now on tasks whose cgroup, or one above it, has one of the names belong to the slot. */
  arm(slot: number, names: readonly string[], readsSinceNs: bigint, liveSinceNs: bigint): void {
    const target = Buffer.alloc(TARGET_BYTES);
    target.writeBigUInt64LE(readsSinceNs / 1_000_000_000n, 0);
    target.writeBigUInt64LE(readsSinceNs % 1_000_000_000n, 8);
    target.writeBigUInt64LE(liveSinceNs, 16);
    this.#object.update(this.#maps.targets, u32(slot), target);
    for (const name of names) this.#object.update(this.#maps.names, nameKey(name), u32(slot));
    if (liveSinceNs > 0n) this.#live.add(slot);
    else this.#live.delete(slot);
    this.#publish();
  }

  /** Forgets the names and processes of a slot; its inodes stay until `takeTotals`. */
  disarm(slot: number, names: readonly string[]): void {
    for (const name of names) this.#object.delete(this.#maps.names, nameKey(name));
    this.#object.delete(this.#maps.targets, u32(slot));
    this.#live.delete(slot);
    this.#publish();
    const ended: Buffer[] = [];
    for (const [key, value] of this.#object.entries(this.#maps.processes, 4, PROCESS_BYTES)) {
      if (value.readUInt32LE(0) === slot) ended.push(Buffer.from(key));
    }
    for (const key of ended) this.#object.delete(this.#maps.processes, key);
  }

  /** Takes the sums of a slot's inodes out of the kernel. */
  takeTotals(slot: number): InodeTotal[] {
    const totals: InodeTotal[] = [];
    const keys: Buffer[] = [];
    for (const [key, value] of this.#object.entries(this.#maps.inodes, INODE_KEY_BYTES, INODE_TOTAL_BYTES)) {
      if (key.readUInt32LE(16) !== slot) continue;
      keys.push(Buffer.from(key));
      const bytes = value.readBigUInt64LE(0);
      const sizeBytes = value.readBigUInt64LE(24);
      totals.push({
        ino: key.readBigUInt64LE(0),
        kernelDevice: key.readUInt32LE(8),
        generation: key.readUInt32LE(12),
        bytes: Number(bytes),
        sizeBytes: Number(sizeBytes),
        untold: bytes !== value.readBigUInt64LE(8) || sizeBytes !== value.readBigUInt64LE(32),
      });
    }
    for (const key of keys) this.#object.delete(this.#maps.inodes, key);
    return totals;
  }

  counters(): KernelCounters {
    const bytes = COUNTERS.length * 8;
    const values = this.#object.lookup(this.#maps.counters, u32(0), bytes * this.#object.possibleCpus);
    const sum = (index: number): number => {
      let total = 0;
      for (let cpu = 0; cpu < this.#object.possibleCpus; cpu++)
        total += Number(values?.readBigUInt64LE(cpu * bytes + index * 8) ?? 0n);
      return total;
    };
    return Object.fromEntries(COUNTERS.map((name, index) => [name, sum(index)])) as KernelCounters;
  }

  #publish(): void {
    const settings = Buffer.alloc(SETTINGS_BYTES);
    settings.writeUInt32LE(++this.#epoch, 0);
    settings.writeUInt32LE(this.#live.size, 4);
    settings.writeUInt32LE(this.#object.decodesRings ? 1 : 0, 8);
    this.#object.update(this.#maps.settings, u32(0), settings);
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function nameKey(name: string): Buffer {
  const bytes = Buffer.alloc(NAME_BYTES);
  bytes.write(name, 0, NAME_BYTES - 1, "utf8");
  return bytes;
}
