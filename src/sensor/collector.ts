import { readFileSync } from "node:fs";
import { PetrifyError } from "../model/errors.ts";
import type { LossCounters, WriteEvent } from "../model/event.ts";
import { cgroupNames, isRuntime, processesOf } from "./cgroup-names.ts";
import { ContainerView } from "./container-view.ts";
import { EventBuilder, inodeKey, totalEvent } from "./event-builder.ts";
import { Executables } from "./executables.ts";
import { KernelTables } from "./kernel-tables.ts";
import { BpfObject } from "./libbpf.ts";
import type { CollectorInput, UnsettledEvent } from "./protocol.ts";
import { decodeRecord, RECORD_KIND, statDevice, type KernelRecord } from "./record.ts";
import { Ring } from "./ring.ts";
import { callNames, CALL_NUMBERS } from "./syscalls.ts";

export interface Batch {
  readonly events: WriteEvent[];
  readonly unsettled: UnsettledEvent[];
}

/** A batch is posted when it has this many events, so that none grows without bound. */
const BATCH_EVENTS = 4096;

/** The sensor without its thread: arms containers, reads the ring, makes events. */
export class Collector {
  readonly #object: BpfObject;
  readonly #tables: KernelTables;
  readonly #ring: Ring;
  readonly #builder: EventBuilder;
  readonly #views = new Map<number, ContainerView>();
  readonly #deliver: (batch: Batch) => void;
  #batch: Batch = { events: [], unsettled: [] };
  #lastSlot = 0;
  #lostTotals = 0;

  /** Throws E_SENSOR_UNAVAILABLE. */
  constructor(input: CollectorInput, deliver: (batch: Batch) => void) {
    const numbers = CALL_NUMBERS[process.arch];
    if (process.platform !== "linux" || numbers === undefined)
      throw new PetrifyError(
        "E_SENSOR_UNAVAILABLE",
        `The sensor is not built for ${process.platform} ${process.arch}.`,
        {
          hint: "It runs on Linux x86-64 and arm64.",
        },
      );
    this.#deliver = deliver;
    this.#builder = new EventBuilder(callNames(numbers), new Executables());
    this.#object = new BpfObject(readFileSync(input.objectPath), { ring: input.ringBytes }, input.programs);
    try {
      this.#tables = new KernelTables(this.#object, process.arch);
      this.#ring = new Ring(this.#object.map("ring"), input.ringBytes);
      this.#object.attach();
    } catch (error) {
      this.#object.close();
      throw error;
    }
  }

  /** Whether a process of the workload was there already. */
  arm(id: string, readsSinceNs: bigint): boolean {
    // Armed again: what it has is told, and it starts anew as a container that runs.
    this.disarm(id);
    const slot = ++this.#lastSlot;
    const view = new ContainerView(id, slot);
    const names = cgroupNames(id);
    this.#views.set(slot, view);
    // Armed as if it ran, looked at afterwards: a process that is there before is then found in any case.
    this.#tables.arm(slot, names, readsSinceNs, process.hrtime.bigint());
    const running = processesOf(id).filter((pid) => !isRuntime(pid));
    view.startsWithExec = running.length === 0;
    if (view.startsWithExec) this.#tables.arm(slot, names, readsSinceNs, 0n);
    for (const pid of running) view.root.addProcess(pid);
    return running.length > 0;
  }

  disarm(id: string): void {
    const view = [...this.#views.values()].find((known) => known.id === id);
    if (view === undefined) return;
    this.#tables.disarm(view.slot, cgroupNames(id));
    this.drain();
    const timeNs = process.hrtime.bigint();
    for (const total of this.#tables.takeTotals(view.slot)) {
      if (!total.untold) continue;
      const key = inodeKey({ ...total, dev: statDevice(total.kernelDevice) });
      const event = totalEvent(view, key, { timeNs, bytes: total.bytes, sizeBytes: total.sizeBytes });
      if (event !== undefined) this.#batch.events.push(event);
      else if (total.bytes > 0) this.#lostTotals++;
    }
    this.#post();
    this.#views.delete(view.slot);
  }

  /** Delivers everything that was written before the call. */
  drain(): void {
    const end = this.#ring.end();
    while (!this.#ring.consume(end, BATCH_EVENTS, this.#take)) this.#post();
    this.#post();
  }

  /** Reads what is there; returns the number of events delivered. */
  poll(): number {
    this.#ring.consume(this.#ring.end(), BATCH_EVENTS, this.#take);
    return this.#post();
  }

  loss(): LossCounters {
    const counters = this.#tables.counters();
    return {
      // A process that is not followed is events that are not there, as with a full ring.
      ringFull: counters.ringFull + counters.processTableFull,
      recursionMisses: this.#object.recursionMisses(),
      evictedInodes: counters.inodeTableFull + this.#lostTotals,
      unreadablePaths: counters.unreadable,
      ioUringSetups: counters.undecodedRings,
      compatCalls: counters.undecodedCalls,
    };
  }

  /** Attempts that were counted instead of delivered, because they repeated others while the reader was behind. */
  repeated(): number {
    return this.#tables.counters().repeated;
  }

  close(): void {
    this.#ring.close();
    this.#object.close();
  }

  readonly #take = (start: number): void => {
    const record = decodeRecord(this.#ring.bytes, this.#ring.view, start);
    const view = this.#views.get(record.slot);
    if (view === undefined) return;
    if (record.kind === RECORD_KIND.mount) view.addMount(record);
    else if (record.kind === RECORD_KIND.mountsEnd) view.endMounts(record);
    else if (record.kind === RECORD_KIND.total) this.#total(record, view);
    else this.#event(record, view);
  };

  #event(record: KernelRecord, view: ContainerView): void {
    if (view.startsWithExec && record.execId === 0) return;
    const built = this.#builder.build(record, view);
    if (built === undefined) return;
    if (built.unsettled.length > 0)
      this.#batch.unsettled.push({
        index: this.#batch.events.length,
        ends: built.unsettled,
        mounts: view.mountsFor(record)?.mounts ?? [],
      });
    this.#batch.events.push(built.event);
  }

  #total(record: KernelRecord, view: ContainerView): void {
    const key = inodeKey(record);
    const event = totalEvent(view, key, record);
    if (event !== undefined) this.#batch.events.push(event);
    else if (record.bytes > 0) this.#lostTotals++;
  }

  #post(): number {
    for (const view of this.#views.values()) view.root.release();
    const batch = this.#batch;
    if (batch.events.length === 0) return 0;
    this.#batch = { events: [], unsettled: [] };
    this.#deliver(batch);
    return batch.events.length;
  }
}
