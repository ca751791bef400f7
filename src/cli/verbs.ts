import type { Command } from "commander";

/** Adds the verb with its options and action to the program. */
export type RegisterVerb = (program: Command) => void;

export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<RegisterVerb>;
  /** What exit codes other than 1 mean for this verb. */
  readonly exitCodes: Readonly<Record<string, string>>;
  readonly example: string;
  /** Exit code of Petrify's own errors; 1 when absent. */
  readonly failureExitCode?: number;
}

const ERROR = "Petrify could not do it; the message names a code (docs/reference/errors.md)";

/** Every verb, in the order in which a user meets them. */
export const VERBS: readonly Verb[] = [
  {
    name: "learn",
    summary: "watch what an image writes and derive its data writing strategy",
    load: async () => (await import("./learn.ts")).learnCommand,
    exitCodes: { 0: "strategy and profile written", 1: ERROR },
    example: "petrify learn nginx:1.27 -p 8080:80 --test 'curl -fsS http://$PETRIFY_HOST:$PETRIFY_PORT/'",
  },
  {
    name: "verify",
    summary: "run an image read-only under a strategy and compare with what was learned",
    load: async () => (await import("./verify.ts")).verifyCommand,
    exitCodes: { 0: "works read-only", 1: ERROR, 2: "something that worked before fails now" },
    example: "petrify verify nginx.strategy.yaml --minimal",
  },
  {
    name: "export",
    summary: "write a strategy as docker flags or as a Compose file",
    load: async () => (await import("./export.ts")).exportCommand,
    exitCodes: { 0: "written", 1: ERROR },
    example: "petrify export nginx.strategy.yaml --to compose",
  },
  {
    name: "run",
    summary: "docker run, read-only under the fitting strategy",
    load: async () => (await import("./run.ts")).runCommand,
    exitCodes: { "0-124": "the container's own exit code", 125: ERROR, "126-255": "the container's own exit code" },
    example: "petrify run -p 8080:80 nginx:1.27",
    failureExitCode: 125,
  },
  {
    name: "doctor",
    summary: "show what this host offers, and remove what a killed Petrify left",
    load: async () => (await import("./doctor.ts")).doctorCommand,
    exitCodes: { 0: "everything needed works", 1: ERROR, 2: "something needed does not work" },
    example: "petrify doctor --json",
  },
];

const GENERAL = { 0: "clean", 1: ERROR, 2: "findings, drift or a failed verdict", "128+n": "stopped by signal n" };

/** The end of each help text: exit codes and one example. */
export function exitCodesHelp(verb?: Verb): string {
  const codes = Object.entries(verb === undefined ? GENERAL : verb.exitCodes);
  const width = Math.max(...codes.map(([code]) => code.length));
  const lines = codes.map(([code, meaning]) => `  ${code.padEnd(width)}  ${meaning}`);
  const example = verb?.example ?? "petrify learn nginx:1.27";
  return `\nExit codes:\n${lines.join("\n")}\n\nExample:\n  ${example}`;
}
