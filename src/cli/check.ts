import type { Command } from "commander";
import { annotations, jobSummary } from "./render/github.ts";
import { renderChecked } from "./render/checked.ts";
import { styleFor, widthOf } from "./render/style.ts";
import { workloadName } from "../learn/workload-name.ts";
import { assertReportable, type ReportFlags, reportOption, writeReport } from "./report-file.ts";
import { engineOptions, withSession } from "./session.ts";
import { type TestFlags, testOptions, testPlan } from "./test-options.ts";
import { environmentOf, variableOption } from "./variables.ts";

interface CheckFlags extends TestFlags, ReportFlags {
  readonly host?: string;
  readonly context?: string;
  readonly strategy?: string;
  readonly dockerfile: string;
  readonly github?: boolean;
  readonly env?: readonly string[];
  readonly json?: true;
}

/** `petrify check IMAGE [--strategy FILE] [--test CMD]`. */
export function checkCommand(program: Command): void {
  const command = program
    .command("check")
    .argument("<image>", "image to check; it is run as the strategy says, in containers of its own")
    .option("--strategy <file>", "the committed strategy (default: NAME.strategy.yaml, NAME being the image's)")
    .option("--dockerfile <file>", "file whose lines GitHub's annotations point to, when it exists", "Dockerfile")
    .option("--github", "write annotations and a job summary (default in GitHub Actions)")
    .option("--no-github", "do not")
    .option("--json", "print the result as JSON");
  reportOption(testOptions(engineOptions(variableOption(command)))).action(async (image: string, flags: CheckFlags) => {
    await check(image, flags);
  });
}

async function check(image: string, flags: CheckFlags): Promise<void> {
  const { checkStrategy } = await import("../check/check.ts");
  const { loadStrategy } = await import("../verify/files.ts");
  const { appendSummary, readDockerfile } = await import("../check/github-files.ts");
  const file = flags.strategy ?? `${workloadName(image)}.strategy.yaml`;
  const committed = await loadStrategy(file);
  await assertReportable(flags);
  const plan = testPlan(flags, committed.test);
  const checked = await withSession(flags, async (session) => {
    // The file may be another's: what it makes this host run must not happen unseen.
    if (plan.command !== undefined) session.progress.note(`test: ${plan.command}`);
    return checkStrategy(session, {
      committed,
      plan,
      environment: environmentOf(flags.env),
      imageReference: image,
    });
  });
  const { learned, ...result } = checked;
  const told = { ...result, strategyFile: file, image };
  if (flags.github ?? process.env["GITHUB_ACTIONS"] === "true") {
    const dockerfile = await readDockerfile(flags.dockerfile);
    process.stderr.write(annotations(told, { name: flags.dockerfile, text: dockerfile }));
    await appendSummary(process.env["GITHUB_STEP_SUMMARY"], jobSummary(told));
  }
  const { profile, table, notes, coverage } = learned;
  await writeReport(flags, "check", [
    {
      strategy: committed,
      profile,
      table,
      notes,
      verdict: checked.verdict,
      checked: result,
      ...(coverage === undefined ? {} : { coverage }),
    },
  ]);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(told)}\n`
      : renderChecked(told, { width: widthOf(process.stdout), style: styleFor(process.stdout) }),
  );
  if (checked.outcome === "failed") process.exitCode = 2;
}
