import type { Command } from "commander";
import { DockerStyleCommand } from "./docker-style-command.ts";
import { quoteForTerminal } from "../model/quote.ts";
import { renderStrategyTable } from "./render/strategy-table.ts";
import { styleFor, widthOf } from "./render/style.ts";
import { engineOptions, withSession } from "./session.ts";
import { type TestFlags, testOptions, testPlan } from "./test-options.ts";

interface LearnFlags extends TestFlags {
  readonly host?: string;
  readonly context?: string;
  readonly out: string;
  readonly record?: string;
  readonly json?: true;
}

/** `petrify learn IMAGE [docker run's flags] [--test CMD] [-- CMD...]`. */
export function learnCommand(program: Command): void {
  const command = new DockerStyleCommand("learn", "after dashes")
    .usage("[options] <image> [-- command...]")
    .argument("<image>", "image to learn; it is run in containers of its own, without published ports")
    .argument("[command...]", "command of the container, after --")
    .option("--out <folder>", "where NAME.strategy.yaml and NAME.profile.ndjson.zst are written", ".")
    .option("--record <file>", "also write every event, as newline-delimited JSON")
    .option("--json", "print the result as JSON");
  program.addCommand(
    testOptions(engineOptions(command)).action(async (image: string, args: string[], flags: LearnFlags) => {
      await learn(command.runRequest(image, args), flags);
    }),
  );
}

async function learn(request: ReturnType<DockerStyleCommand["runRequest"]>, flags: LearnFlags): Promise<void> {
  const { learnWorkload } = await import("../learn/learn.ts");
  const { writeLearned, assertWritable } = await import("../learn/write-learned.ts");
  const { learnedJson, learnedRows, learnedSummary } = await import("../learn/summary.ts");
  const { openRecording } = await import("../sensor/recording.ts");
  const { workload } = request;
  const plan = testPlan(flags);
  await assertWritable(flags.out);
  const { result, written } = await withSession(flags, async (session) => {
    for (const note of request.notes) session.progress.note(note);
    const recording = flags.record === undefined ? undefined : await openRecording(flags.record);
    try {
      const learned = await learnWorkload(session, {
        workload,
        plan,
        ...(recording === undefined ? {} : { record: (events) => recording.write(events) }),
      });
      await recording?.close(learned.experiment.loss);
      // A signal in the middle must not part the strategy from its profile.
      const files = await session.uninterrupted(() => writeLearned(workload, learned, flags.out));
      return { result: learned, written: files };
    } catch (error) {
      // Without its end line the recording says that it broke off; the first error is the one that counts.
      await recording?.abort();
      throw error;
    }
  });
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(learnedJson(result, written))}\n`);
    return;
  }
  const width = widthOf(process.stdout);
  process.stdout.write(
    renderStrategyTable(learnedRows(result, written.strategy), { width, style: styleFor(process.stdout) }),
  );
  process.stdout.write(`\n${learnedSummary(result, written).map(quoteForTerminal).join("\n")}\n`);
}
