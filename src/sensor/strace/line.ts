/** One line of strace's output. Its strings are hexadecimal, so that nothing a workload chooses can look like strace's own text. */
export type TraceLine =
  | {
      readonly kind: "call";
      readonly pid: number;
      readonly name: string;
      readonly args: string;
      readonly result: string;
    }
  /** Another process came between the call's arguments and its result. */
  | { readonly kind: "unfinished"; readonly pid: number; readonly name: string; readonly args: string }
  | {
      readonly kind: "resumed";
      readonly pid: number;
      readonly name: string;
      readonly args: string;
      readonly result: string;
    }
  | { readonly kind: "ended"; readonly pid: number }
  /** A thread that was not the first called execve, and goes on under the pid of the first. */
  | { readonly kind: "superseded"; readonly pid: number; readonly by: number };

const LINE = /^(\d{1,10}) +(.*)$/;
const RESUMED = /^<\.\.\. ([a-z0-9_]+) resumed>(.*)$/;
const STARTED = /^([a-z0-9_]+)\((.*)$/;
const SUPERSEDED = /^\+\+\+ superseded by execve in pid (\d{1,10}) \+\+\+$/;
const ENDED = /^\+\+\+ (?:exited with \d+|killed by SIG[A-Z0-9+_]+(?: \(core dumped\))?) \+\+\+$/;
const UNFINISHED = " <unfinished ...>";
const RESULT = /\) += /;

/** Undefined when the text is not a line as strace writes it with the arguments of `command.ts`. */
export function parseLine(text: string): TraceLine | undefined {
  const [, digits, rest] = LINE.exec(text) ?? [];
  if (digits === undefined || rest === undefined) return undefined;
  const pid = Number(digits);
  const superseded = SUPERSEDED.exec(rest)?.[1];
  if (superseded !== undefined) return { kind: "superseded", pid, by: Number(superseded) };
  if (ENDED.test(rest)) return { kind: "ended", pid };
  const [, resumed, restArgs] = RESUMED.exec(rest) ?? [];
  if (resumed !== undefined && restArgs !== undefined) return finished("resumed", pid, resumed, restArgs);
  const [, name, args] = STARTED.exec(rest) ?? [];
  if (name === undefined || args === undefined) return undefined;
  if (args.endsWith(UNFINISHED)) return { kind: "unfinished", pid, name, args: args.slice(0, -UNFINISHED.length) };
  return finished("call", pid, name, args);
}

function finished(kind: "call" | "resumed", pid: number, name: string, text: string): TraceLine | undefined {
  const end = RESULT.exec(text);
  if (end === null) return undefined;
  // Of a process that was killed in the middle: `<... write resumed> <unfinished ...>) = ?`.
  const args = text.slice(0, end.index).replace(UNFINISHED, "");
  return { kind, pid, name, args, result: text.slice(end.index + end[0].length) };
}
