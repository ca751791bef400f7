import { readFileSync } from "node:fs";
import { PetrifyError } from "../../model/errors.ts";

/** What reading a command line takes from the host it was typed on. */
export interface CommandHost {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws E_IO. */
  readTextFile(path: string): string;
}

/** This process's own directory, environment and files. */
export function processHost(): CommandHost {
  return {
    cwd: process.cwd(),
    env: process.env,
    readTextFile: (path) => {
      try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
      } catch (cause) {
        throw new PetrifyError("E_IO", `${path} cannot be read.`, {
          hint: "It must exist, be readable, and hold UTF-8 text.",
          cause,
        });
      }
    },
  };
}
