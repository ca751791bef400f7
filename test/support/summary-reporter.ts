import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Ends the output with `N passed, N failed` alone on the last line, after the reason of each skipped test. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const groups = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const skipped = tests.filter((test) => test.result().state === "skipped");
    // A file that cannot be loaded or a hook that throws fails no test, and is a failure all the same.
    const broken = groups.filter((group) => group.errors().length > 0).length;
    const failed = count("failed") + broken + unhandledErrors.length;
    const lines = [
      ...skipped.map((test) => `skipped: ${test.fullName}: ${skipReason(test)}`),
      `${count("passed")} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`,
    ];
    // Vitest prints its own summary in the same turn; at exit nothing comes after it.
    process.once("exit", () => process.stdout.write(`${lines.join("\n")}\n`));
  }
}

function skipReason(test: TestCase): string {
  const result = test.result();
  return (result.state === "skipped" && result.note) || "no reason given";
}
