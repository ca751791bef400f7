import { posix } from "node:path";
import { SYSTEM_CALLS, type SystemCall } from "../syscalls.ts";
import { parseResult, parseString, splitArguments, type TraceResult } from "./arguments.ts";
import { argument, type Call, processRef, type TraceContext } from "./call.ts";
import { HANDLERS, tellTotal } from "./changes.ts";
import { parseLine } from "./line.ts";
import { byPath, noteCwd } from "./places.ts";
import { noteNamespace, PROCESS_CALLS } from "./process-calls.ts";
import { cloneFlags, FORKS, type TracedProcess, type TracedProcesses } from "./processes.ts";
import { TOOLS_TARGET } from "./tools.ts";

const CALLS: ReadonlyMap<string, SystemCall> = new Map(Object.entries(SYSTEM_CALLS));

/** Makes write events of strace's lines. */
export class TraceDecoder {
  /** The entrypoint runs: what came before was strace's own. */
  isRunning = false;
  /** The first process of the trace ends by itself. */
  isEnding = false;
  #firstPid: number | undefined;
  readonly #context: TraceContext;

  readonly #processes: TracedProcesses;

  constructor(context: TraceContext, processes: TracedProcesses) {
    this.#context = context;
    this.#processes = processes;
  }

  line(text: string): void {
    const { faults } = this.#context;
    const processes = this.#processes;
    const line = parseLine(text);
    if (line === undefined) {
      faults.unreadableLines++;
      return;
    }
    this.#firstPid ??= line.pid;
    if (line.kind === "ended") return processes.ended(line.pid);
    if (line.kind === "superseded") return processes.superseded(line.pid, line.by);
    const process = processes.get(line.pid);
    if (line.pid === this.#firstPid && line.name === "exit_group") this.isEnding = true;
    if (line.kind === "unfinished") {
      process.pending = line;
      return;
    }
    const { pending } = process;
    process.pending = undefined;
    if (line.kind === "resumed" && pending?.name !== line.name) {
      faults.unreadableLines++;
      return;
    }
    const args = line.kind === "resumed" ? `${pending?.args}${line.args}` : line.args;
    const result = parseResult(line.result);
    if (result !== undefined) this.#returned(process, line.name, args, result);
  }

  /** The last sums of the files whose bytes grew since they were told. */
  tellTotals(): void {
    for (const [path, known] of this.#context.files.untold()) tellTotal(this.#context, path, known);
  }

  #returned(process: TracedProcess, name: string, text: string, result: TraceResult): void {
    const succeeded = result.errno === undefined;
    if (FORKS.has(name)) {
      if (succeeded) this.#processes.forked(process, result.value, text);
      if (succeeded) noteNamespace(cloneFlags(text), this.#context);
      return;
    }
    const args = splitArguments(text);
    noteCwd(process, args);
    if (succeeded) PROCESS_CALLS[name]?.(process, args, this.#context);
    const row = CALLS.get(name);
    if (row === undefined) return;
    const call = { process, name, row, args, result };
    if (row.kind === "exec") this.#exec(call);
    else if (this.isRunning) HANDLERS[row.kind]?.(this.#context, call);
  }

  #exec(call: Call): void {
    const { process, result, args, row } = call;
    const text = parseString(args[row.path ?? 0])?.text;
    if (text?.startsWith(`${TOOLS_TARGET}/`) === true) return;
    this.isRunning ||= result.errno === undefined;
    // The search along PATH says nothing.
    if (!this.isRunning || text === undefined || result.errno === "ENOENT") return;
    const draft = byPath(this.#context, call, argument(call, "flags") ?? 0);
    if (draft === undefined) return;
    if (result.errno === undefined) {
      // Started as what it is already (busybox starts its applets so), a process keeps its name.
      if (text !== "/proc/self/exe" || process.exe === undefined)
        process.exe = text === "" ? draft.path : posix.join(text.startsWith("/") ? "/" : process.fs.cwd, text);
      draft.process = processRef(process);
      this.#context.executed(draft.path, process);
    }
    this.#context.emit(draft);
  }
}
