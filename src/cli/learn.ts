import type { Command } from "commander";
import { PetrifyError } from "../model/errors.ts";
import { DockerStyleCommand } from "./docker-style-command.ts";
import { quoteForTerminal } from "../model/quote.ts";
import type { LearnFlags, Result } from "./learn-request.ts";
import { type Source, SOURCES } from "./learn-sources.ts";
import type { ReportedWorkload } from "../report/report.ts";
import { renderAtRisk } from "./render/at-risk.ts";
import { renderStrategyTable } from "./render/strategy-table.ts";
import { styleFor, widthOf } from "./render/style.ts";
import { assertReportable, reportOption, writeReport } from "./report-file.ts";
import { engineOptions } from "./session.ts";
import { testOptions } from "./test-options.ts";

/** `petrify learn IMAGE [docker run's flags] [--test CMD] [-- CMD...]`, and the other sources of knowledge. */
export function learnCommand(program: Command): void {
  const named = SOURCES.flatMap(({ flag }) => flag ?? []);
  const command = new DockerStyleCommand("learn", "after dashes", named)
    .usage(SOURCES.map(({ usage }) => usage).join("\n       petrify learn "))
    .argument(
      "[operands...]",
      "an image, run in containers of its own without published ports, or what the source takes",
    );
  for (const { flag, help } of SOURCES) if (flag !== undefined) command.option(`--${flag}`, help);
  command
    .option("--out <folder>", "where NAME.strategy.yaml and NAME.profile.ndjson.zst are written", ".")
    .option("--record <file>", "also write every event, as newline-delimited JSON")
    .option("--runs <n>", "run it so many times, each in new containers, and unite what was seen")
    .option(
      "--until-stable [k]",
      "run it until k runs in a row (default 2) changed nothing of the strategy; at most --runs, or 10",
    )
    .option("--no-env", "do not try settings (environment variables) that would save a mount or a denied write")
    .option(
      "--logs-to-stdout",
      "try log files as links to the container's log, in one more run, and keep those that work",
    )
    .option("--json", "print the result as JSON");
  program.addCommand(
    reportOption(testOptions(engineOptions(command))).action(async (operands: string[], flags: LearnFlags) => {
      const source = chooseSource(flags);
      refuseOptions(command, source);
      const { assertWritable } = await import("../learn/write-learned.ts");
      await assertWritable(flags.out);
      await assertReportable(flags);
      const results = await source.learn({ command, operands, flags });
      await writeReport(flags, "learn", results.map(reported));
      await print(results, source, flags);
    }),
  );
}

/** Throws E_USAGE when two are named. */
function chooseSource(flags: LearnFlags): Source {
  const [first, second] = SOURCES.filter(({ flag }) => flag !== undefined && flags[flag] === true);
  if (second !== undefined)
    throw new PetrifyError("E_USAGE", `--${first?.flag} and --${second.flag} exclude each other.`);
  return first ?? SOURCES.find(({ flag }) => flag === undefined)!;
}

/** Throws E_USAGE for an option that the source could only ignore. */
function refuseOptions(command: DockerStyleCommand, { flag, takes }: Source): void {
  if (flag === undefined) return;
  const [docker] = command.givenDockerFlags;
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === "cli");
  const other = given.find(({ long = "" }) => long !== `--${flag}` && !takes.includes(long.slice(2)))?.long;
  const refused = docker === undefined ? other : `--${docker}`;
  if (refused !== undefined)
    throw new PetrifyError("E_USAGE", `${refused} has no meaning with --${flag}.`, {
      hint: `--${flag} takes ${takes.map((name) => `--${name}`).join(", ")}.`,
    });
}

function reported({ learned, written }: Result): ReportedWorkload {
  const { profile, table, notes, coverage, runs, atRisk } = learned;
  return {
    strategy: written.strategy,
    profile,
    table,
    notes,
    ...(coverage === undefined ? {} : { coverage }),
    ...(runs === undefined ? {} : { runs }),
    ...(atRisk === undefined ? {} : { atRisk }),
  };
}

async function print(results: readonly Result[], source: Source, flags: LearnFlags): Promise<void> {
  const { learnedJson, learnedRows, learnedSummary } = await import("../learn/summary.ts");
  if (flags.json) {
    const all = results.map(({ learned, written }) => learnedJson(learned, written));
    process.stdout.write(`${JSON.stringify(source.givesOne ? all[0] : { workloads: all })}\n`);
    return;
  }
  const options = { width: widthOf(process.stdout), style: styleFor(process.stdout) };
  for (const [index, { learned, written }] of results.entries()) {
    if (index > 0) process.stdout.write("\n");
    if (!source.givesOne) process.stdout.write(`${options.style("bold", learned.workload.name)}\n`);
    process.stdout.write(renderStrategyTable(learnedRows(learned, written.strategy), options));
    for (const atRisk of learned.atRisk ?? [])
      process.stdout.write(`\n${renderAtRisk(atRisk, { ...options, nowMs: Date.now() })}`);
    process.stdout.write(`\n${learnedSummary(learned, written).map(quoteForTerminal).join("\n")}\n`);
  }
}
