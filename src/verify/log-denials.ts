import { quoteForTerminal } from "../model/quote.ts";

const DENIED = /read-only file system|\bEROFS\b/i;
const LINES_TOLD = 3;

/** What the last lines of a container's log say of the read-only root: all that is known where calls are not seen. */
export function denialsInLog(logs: string): readonly string[] {
  const lines = new Set(logs.split("\n").filter((line) => DENIED.test(line)));
  return [...lines].slice(0, LINES_TOLD).map((line) => `the container's log says: ${quoteForTerminal(line.trim())}`);
}
