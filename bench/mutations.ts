// Wrong strategies, each wrong in one way, of a workload that notices: verify must reject every one, and for the right reason.
import { cleanUp, cleanUpOnSignals } from "../src/cli/cleanup.ts";
import { withSession } from "../src/cli/session.ts";
import { formatStrategy, parseStrategy } from "../src/strategy/file.ts";
import { MUTANTS } from "../test/e2e/mutations/image.ts";
import { MUTATIONS, REFUSED_TEXTS } from "../test/e2e/mutations/mutations.ts";
import { learnOriginal, shortcoming, verdictOn } from "../test/e2e/mutations/try.ts";

cleanUpOnSignals();
let tried = 0;
const wrong: string[] = [];
function note(name: string, problem: string | undefined): void {
  tried++;
  if (problem !== undefined) wrong.push(`${name}: ${problem}`);
  process.stdout.write(
    `${problem === undefined ? "rejected" : "NOT AS IT SHOULD"}  ${name}${problem === undefined ? "" : `: ${problem}`}\n`,
  );
}

try {
  await withSession({ host: "embedded" }, async (session) => {
    for (const mutant of MUTANTS) {
      const { name } = mutant.recipe;
      const original = await learnOriginal(session, mutant);
      const right = await verdictOn(session, original);
      if (right.outcome !== "passed")
        throw new Error(`${name}: the right strategy is rejected: ${right.regressions[0]?.message}`);
      for (const mutation of MUTATIONS.filter(({ onlyUser }) => onlyUser !== true || mutant.user !== undefined))
        note(`${name}: ${mutation.name}`, shortcoming(await verdictOn(session, original, mutation), mutation));
      const text = formatStrategy(original.strategy);
      for (const { name: what, from, to } of mutant.user === undefined ? REFUSED_TEXTS : [])
        note(`in the file: ${what}`, refusal(text.replace(from, to), text));
    }
  });
} finally {
  await cleanUp();
}
process.stdout.write(
  `${tried} wrong strategies, ${tried - wrong.length} rejected for the right reason, ${wrong.length} not\n`,
);
if (wrong.length > 0) process.exitCode = 1;

function refusal(text: string, original: string): string | undefined {
  if (text === original) return "the text is not there";
  try {
    parseStrategy(text, "mutant.strategy.yaml");
    return "it was read";
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "E_STRATEGY_INVALID" ? undefined : String(error);
  }
}
