import type { Command } from "commander";
import { quoteForTerminal } from "../model/quote.ts";
import { renderVerdict } from "./render/verdict.ts";
import { styleFor, widthOf } from "./render/style.ts";
import { assertReportable, type ReportFlags, reportOption, writeReport } from "./report-file.ts";
import { engineOptions, withSession } from "./session.ts";
import { type TestFlags, testOptions, testPlan } from "./test-options.ts";
import { environmentOf, variableOption } from "./variables.ts";

interface VerifyFlags extends TestFlags, ReportFlags {
  readonly host?: string;
  readonly context?: string;
  readonly image?: string;
  readonly env?: readonly string[];
  readonly minimal?: true;
  readonly json?: true;
}

/** `petrify verify STRATEGY [--minimal]`. */
export function verifyCommand(program: Command): void {
  const command = program
    .command("verify")
    .argument("<strategy>", "NAME.strategy.yaml; the profile it names is read beside it")
    .option("--image <reference>", "image to verify instead of the one that was learned")
    .option(
      "--minimal",
      "also take each mount away in turn; one that nothing needs is removed from the file, unless something was not observed",
    )
    .option("--json", "print the verdict as JSON");
  reportOption(testOptions(engineOptions(variableOption(command)))).action(async (file: string, flags: VerifyFlags) => {
    await verify(file, flags);
  });
}

async function verify(file: string, flags: VerifyFlags): Promise<void> {
  const { loadStrategy, loadBaseline, saveVerified } = await import("../verify/files.ts");
  const { announcements } = await import("../verify/announce.ts");
  const { verifyStrategy } = await import("../verify/verify.ts");
  const strategy = await loadStrategy(file);
  await assertReportable(flags);
  const plan = testPlan(flags, strategy.test);
  const environment = environmentOf(flags.env);
  const { verified, baseline, keptAs } = await withSession(flags, async (session) => {
    for (const line of announcements(strategy, plan)) session.progress.note(line);
    const profile = await loadBaseline(session, file, strategy, plan, environment);
    const result = await verifyStrategy(session, {
      strategy,
      baseline: profile,
      plan,
      minimal: flags.minimal ?? false,
      environment,
      ...(flags.image === undefined ? {} : { imageReference: flags.image }),
    });
    const saved = await session.uninterrupted(() => saveVerified(file, result));
    return { verified: result, baseline: profile, keptAs: saved };
  });
  if (keptAs !== undefined)
    process.stderr.write(
      `${quoteForTerminal(`Needless mounts were taken out of ${file}; the file as it was is now ${keptAs}.`)}\n`,
    );
  const { verdict } = verified;
  if (verdict.outcome === "failed") process.exitCode = 2;
  await writeReport(flags, "verify", [{ strategy, profile: baseline, table: [], notes: [], verdict }]);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
    return;
  }
  process.stdout.write(renderVerdict(verdict, { width: widthOf(process.stdout), style: styleFor(process.stdout) }));
  if (verdict.outcome === "passed") process.stdout.write(`\nNext: petrify export ${file} --to compose\n`);
}
