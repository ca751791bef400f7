import { Command, CommanderError } from "commander";
import { VERSION } from "../version.ts";
import { cleanUp, cleanUpOnSignals, interruption } from "./cleanup.ts";
import { renderError, toPetrifyError, usageError } from "./errors.ts";
import { exitCodesHelp, VERBS, type Verb } from "./verbs.ts";

const SUMMARY = "Runs containers with a read-only root file system and keeps them working.";

/** Runs one command line to its end. Sets `process.exitCode`; never rejects. */
export async function main(args: readonly string[]): Promise<void> {
  const verb = VERBS.find(({ name }) => name === verbName(args));
  const fail = (thrown: unknown): void => {
    if (interruption.aborted) return;
    const { stdout, stderr } = renderError(toPetrifyError(thrown), {
      json: wantsJson(args),
      debug: process.env["PETRIFY_DEBUG"] !== undefined,
    });
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = verb?.failureExitCode ?? 1;
  };
  cleanUpOnSignals();
  watchStreams(fail);
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (thrown: unknown) => {
      fail(thrown);
      void cleanUp().finally(() => process.exit());
    });
  }
  try {
    const program = await commandFor(verb);
    await program.parseAsync(args.length === 0 ? ["--help"] : args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) fail(error);
    else if (error.exitCode !== 0) fail(usageError(error, verb?.name));
  } finally {
    await cleanUp();
  }
}

/** Errors are told in Petrify's own form. */
const SILENT_ERRORS = { writeErr: () => {} };

/** Only the module of the verb in use is loaded; the others are known by name and summary. */
async function commandFor(verb: Verb | undefined): Promise<Command> {
  const program = new Command("petrify")
    .description(SUMMARY)
    .version(VERSION)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput(SILENT_ERRORS)
    .showSuggestionAfterError(true)
    .addHelpText("after", exitCodesHelp());
  for (const other of VERBS) if (other !== verb) program.command(other.name).summary(other.summary);
  if (verb === undefined) return program;
  const register = await verb.load();
  register(program);
  program.commands
    .find((command) => command.name() === verb.name)
    ?.summary(verb.summary)
    .description(verb.description)
    // A command that was made elsewhere inherits neither: it would print for itself and end the process.
    .exitOverride()
    .configureOutput(SILENT_ERRORS)
    .addHelpText("after", exitCodesHelp(verb));
  return program;
}

function verbName(args: readonly string[]): string | undefined {
  return args[0] === "help" ? args[1] : args[0];
}

/** `--json` after `--` or after the image of `run` belongs to the container; only `run` has no JSON result. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return verbName(args) !== "run" && args.slice(0, end === -1 ? undefined : end).includes("--json");
}

function watchStreams(fail: (thrown: unknown) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    let told = false;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // The reader has gone (`petrify ... | head`): the work and its exit code still count.
      if (error.code === "EPIPE" || told) return;
      told = true;
      fail(error);
    });
  }
}
