import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerHandle, ExecOptions, ExecResult } from "../../engine/engine.ts";
import { PetrifyError } from "../../model/errors.ts";
import { type LossCounters, NO_LOSS, type WriteEvent } from "../../model/event.ts";
import type { SensorTarget, Unseen } from "../sensor.ts";
import type { TracedSpec } from "./command.ts";
import { TraceDecoder } from "./decoder.ts";
import { cwdOf, idsOf, isAlive } from "./process-facts.ts";
import { TracedProcesses } from "./processes.ts";
import { TOOLS_TARGET } from "./tools.ts";
import type { TraceFolder, TracePipe } from "./trace-pipe.ts";
import { TraceView } from "./trace-view.ts";

const POLL_MS = 20;
/** Between the end of a tracer and the end of what it traced, when the one is due to the other. */
const DEATH_MS = 200;
/** 128 and the signal's number is the exit code of what was killed. */
const KILLED_EXIT_CODE = 128;
/** After the container's end: for what is still in the pipes. */
const END_TIMEOUT_MS = 10_000;
/** Of POLL_MS each: a workload that never stops writing is not waited for. */
const FLUSH_ROUNDS = 50;
const BATCH_EVENTS = 4096;
const REFUSAL_LINES = 1000;
const STRACE_SAYS = `${TOOLS_TARGET}/strace: `;

/** One container that strace stands before. */
export class TracedContainer {
  readonly #handle: ContainerHandle;
  readonly #spec: TracedSpec;
  readonly #folder: TraceFolder;
  readonly #deliver: (events: readonly WriteEvent[]) => void;
  #batch: WriteEvent[] = [];
  #view: TraceView | undefined;
  #decoder: TraceDecoder | undefined;
  #processes: TracedProcesses | undefined;
  #isArmed = false;
  #tracerDied = false;
  /** Each ends with its tracer. */
  #readings: Promise<void>[] = [];

  constructor(
    handle: ContainerHandle,
    spec: TracedSpec,
    folder: TraceFolder,
    deliver: (events: readonly WriteEvent[]) => void,
  ) {
    this.#handle = handle;
    this.#spec = spec;
    this.#folder = folder;
    this.#deliver = deliver;
  }

  /** From the next start on. `earlier`: containers of the same experiment, this one too; what they left in volumes is there. */
  arm(target: SensorTarget, earlier: readonly TracedContainer[]): void {
    const view = new TraceView(target, (event) => this.#emit(event));
    for (const container of earlier) if (container.#view !== undefined) view.inherit(container.#view);
    this.#view = view;
    this.#decoder = undefined;
    this.#processes = undefined;
    this.#readings = [];
    this.#tracerDied = false;
    this.#isArmed = true;
    void this.#attach(view);
  }

  /** Runs a command in the container under a strace of its own. */
  async exec(command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const processes = this.#processes?.another();
    if (this.#view === undefined || processes === undefined) return this.#handle.exec(command, options);
    const pipe = this.#folder.pipe();
    const decoder = new TraceDecoder(this.#view, processes);
    this.#read(pipe, decoder, this.#view);
    try {
      return await this.#handle.exec([...this.#spec.prefix(pipe.name), ...command], options);
    } finally {
      // One that was never opened has no end.
      if (!decoder.isRunning) await sleep(DEATH_MS);
      if (!decoder.isRunning) pipe.close();
    }
  }

  /** Resolves when nothing is left in the pipes, or it never ends. */
  async flush(): Promise<void> {
    for (let round = 0, last = -1; round < FLUSH_ROUNDS && this.#folder.lots !== last; round++) {
      last = this.#folder.lots;
      await sleep(POLL_MS);
    }
  }

  /** To be called when the container has ended. Throws E_SENSOR_UNAVAILABLE when strace was not allowed to trace it. */
  async disarm(): Promise<Unseen> {
    this.#isArmed = false;
    const read = Promise.all(this.#readings).then(() => true);
    if (!(await Promise.race([read, sleep(END_TIMEOUT_MS, false, { ref: false })]))) this.#tracerDied = true;
    this.#folder.close();
    await this.#failIfRefused();
    // Who ends without being killed says so to its tracer.
    const { exitCode } = await this.#handle.state();
    if (this.#decoder?.isEnding === false && exitCode < KILLED_EXIT_CODE) this.#tracerDied = true;
    this.#decoder?.tellTotals();
    this.#post();
    return { incomplete: this.#incomplete(), notes: NOTES };
  }

  /** Of the last observation. */
  loss(): LossCounters {
    if (this.#view === undefined) return NO_LOSS;
    const { faults, files } = this.#view;
    return {
      ...NO_LOSS,
      unreadablePaths: faults.unreadablePaths + faults.unreadableLines,
      ioUringSetups: faults.ioUringSetups,
      evictedInodes: files.evicted,
    };
  }

  dispose(): void {
    this.#isArmed = false;
    this.#view?.release();
    this.#folder.remove();
  }

  /** strace waits for its reader, so there is time to look at the process that will be the entrypoint. */
  async #attach(view: TraceView): Promise<void> {
    while (this.#isArmed && this.#view === view) {
      const state = await this.#handle.state().catch(() => undefined);
      if (state?.status === "running" && state.pid > 0) return this.#start(state.pid, view);
      await sleep(POLL_MS);
    }
  }

  #start(pid: number, view: TraceView): void {
    view.attach(pid);
    const { uid, gid } = idsOf(pid) ?? { uid: 0, gid: 0 };
    const fs = { cwd: cwdOf(pid) ?? this.#spec.workingDir, root: "/" };
    this.#processes = new TracedProcesses({ fs, exe: undefined, uid, gid, effectiveUid: uid });
    const decoder = new TraceDecoder(view, this.#processes);
    this.#decoder = decoder;
    this.#read(this.#folder.first, decoder, view, async () => {
      // The end of the first process ends its tracer too; the other way round everything after it was missed.
      if (decoder.isEnding) return;
      await sleep(DEATH_MS);
      if (isAlive(pid)) this.#tracerDied = true;
    });
  }

  #read(pipe: TracePipe, decoder: TraceDecoder, view: TraceView, atEnd?: () => Promise<void>): void {
    const reading = pipe.read(
      (line) => decoder.line(line),
      () => {
        view.release();
        this.#post();
      },
    );
    this.#readings.push(reading.then(atEnd));
  }

  #emit(event: WriteEvent): void {
    this.#batch.push(event);
    if (this.#batch.length >= BATCH_EVENTS) this.#post();
  }

  #post(): void {
    if (this.#batch.length === 0) return;
    const events = this.#batch;
    this.#batch = [];
    this.#deliver(events);
  }

  /** strace that may not trace says so to the container's log, and lets the workload go on without it. */
  async #failIfRefused(): Promise<void> {
    if (this.#decoder?.isRunning === true) return;
    const said = (await this.#handle.logs(REFUSAL_LINES)).split("\n").filter((line) => line.startsWith(STRACE_SAYS));
    const refusal = said.findLast((line) => /\bptrace\b|PTRACE_/.test(line));
    if (refusal === undefined) return;
    throw new PetrifyError(
      "E_SENSOR_UNAVAILABLE",
      `strace was not allowed to trace the workload: ${refusal.slice(STRACE_SAYS.length)}.`,
      {
        hint: "Let the seccomp profile of the run (--security-opt seccomp=) allow ptrace, or use --sensor bpf or --sensor diff.",
      },
    );
  }

  #incomplete(): readonly string[] {
    const reasons = [...(this.#view?.withoutRights ?? [])].map(
      (path) =>
        `${path} ran without its setuid right, which strace takes away: what it writes with it was not observed`,
    );
    if (this.#tracerDied) reasons.push("strace ended before the container did: what came after was not observed");
    if ((this.#view?.faults.ownNamespaces ?? 0) > 0)
      reasons.push("a process entered a mount namespace of its own, whose mounts strace does not tell");
    if (this.#decoder?.isRunning !== true) reasons.push("the entrypoint was not seen to start");
    return reasons;
  }
}

const NOTES: readonly string[] = [
  "observed by strace: commands that others start in the container (health checks, docker exec) are not seen, file sizes are upper bounds, and programs cannot gain rights (setuid)",
];
