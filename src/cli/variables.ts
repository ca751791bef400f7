import type { Command } from "commander";

/** Adds `-e`, which gives values to the variables that a strategy names without one. */
export function variableOption<C extends Command>(command: C): C {
  return command.option(
    "-e, --env <variable>",
    "value for a variable that the strategy names without one",
    // No default: the help would show it as `(default: [])`.
    (value: string, all: readonly string[] | undefined) => [...(all ?? []), value],
  );
}

/**
 * Variables by name; one without a value is taken from this process's environment. Only what was named on the command line:
 * a strategy of somebody else's must not draw secrets from there.
 */
export function environmentOf(given: readonly string[] = []): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(given.map(splitVariable));
}

function splitVariable(text: string): readonly [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, process.env[text]] : [text.slice(0, at), text.slice(at + 1)];
}
