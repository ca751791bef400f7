import type { CommanderError } from "commander";
import { inspect } from "node:util";
import { PetrifyError } from "../model/errors.ts";
import { quoteForTerminal } from "../model/quote.ts";
import { isDiskFull } from "../model/write-failure.ts";

const REPORT = "This is a bug: run it again with PETRIFY_DEBUG=1 and report the output with `petrify doctor --json`.";

/** Any thrown value as the one error class: errors of the file system by their errno, everything unknown as E_INTERNAL. */
export function toPetrifyError(thrown: unknown): PetrifyError {
  if (thrown instanceof PetrifyError) return thrown;
  if (isSystemError(thrown)) {
    const where = thrown.path === undefined ? "" : ` '${thrown.path}'`;
    if (isDiskFull(thrown.code)) {
      return new PetrifyError("E_DISK_FULL", `No space is left to ${thrown.syscall}${where}.`, {
        hint: "Free some space or name another folder, then run it again.",
        cause: thrown,
      });
    }
    if (thrown.path !== undefined) {
      const reason = /^[A-Z0-9]+: ([^,]+)/.exec(thrown.message)?.[1] ?? thrown.code;
      return new PetrifyError("E_IO", `Cannot ${thrown.syscall}${where}: ${reason}.`, {
        hint: "Check the path and its permissions.",
        cause: thrown,
      });
    }
  }
  const message = thrown instanceof Error ? thrown.message : inspect(thrown);
  return new PetrifyError("E_INTERNAL", oneLine(message) || "Unknown failure.", { hint: REPORT, cause: thrown });
}

/** What commander refused, in Petrify's form. */
export function usageError(error: CommanderError, verb: string | undefined): PetrifyError {
  const text = oneLine(error.message.replace(/^error: /, ""));
  const command = verb === undefined ? "petrify" : `petrify ${verb}`;
  return new PetrifyError("E_USAGE", `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace(/([.?)])\.$/, "$1"), {
    hint: `\`${command} --help\` shows what is possible.`,
  });
}

/**
 * The text of an error for both streams; with `json` an object on stdout, so that a reader of stdout always gets JSON.
 * A message quotes names that somebody else chose: it stays one line, and steers no terminal.
 */
export function renderError(
  error: PetrifyError,
  options: { readonly json: boolean; readonly debug: boolean },
): { readonly stdout: string; readonly stderr: string } {
  const { code, message, hint } = error;
  const trace = options.debug ? `${inspect(error, { depth: 6 })}\n` : "";
  if (options.json) {
    const body = hint === undefined ? { code, message } : { code, message, hint };
    return { stdout: `${JSON.stringify({ error: body })}\n`, stderr: trace };
  }
  // Paths in a profile, keys in a strategy, words of an engine: others chose them.
  const advice = hint === undefined ? "" : `hint: ${quoteForTerminal(hint)}\n`;
  return { stdout: "", stderr: `petrify: ${quoteForTerminal(message)}  [${code}]\n${advice}${trace}` };
}

function isSystemError(thrown: unknown): thrown is NodeJS.ErrnoException & { code: string; syscall: string } {
  return thrown instanceof Error && "syscall" in thrown && "code" in thrown && typeof thrown.code === "string";
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}
