import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { cleanUp, cleanUpOnSignals, interruption, onCleanup } from "../src/cli/cleanup.ts";
import { renderError, toPetrifyError } from "../src/cli/errors.ts";
import { withSession } from "../src/cli/session.ts";
import { PetrifyError } from "../src/model/errors.ts";
import { type Comparison, compare } from "./compare.ts";
import { ensureImages } from "./images/build.ts";
import { jsonReport, textReport } from "./report.ts";
import { DEMO_WORKLOADS } from "./workloads.ts";

const FOLDER = "demo-out";
// Also when the arguments themselves are wrong: a reader of stdout then still gets JSON.
const json = process.argv.includes("--json");

cleanUpOnSignals();
try {
  const comparisons = await demo();
  process.stdout.write(json ? jsonReport(comparisons) : textReport(comparisons, FOLDER));
  const passed = comparisons.every(({ strategy, eventsLost }) => strategy.works && eventsLost === 0);
  process.exitCode = passed ? 0 : 2;
} catch (error) {
  if (!interruption.aborted) {
    const debug = process.env["PETRIFY_DEBUG"] !== undefined;
    const { stdout, stderr } = renderError(toPetrifyError(error), { json, debug });
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = 1;
  }
} finally {
  await cleanUp();
}

async function demo(): Promise<readonly Comparison[]> {
  if (process.getuid?.() !== 0)
    throw new PetrifyError(
      "E_NOT_ROOT",
      "The demo needs root: it loads a kernel sensor, builds images from packages and starts an engine of its own.",
      {
        hint: "Run it with sudo; it installs no engine and no service, and removes what it started.",
      },
    );
  const { values } = parseArgs({
    options: { json: { type: "boolean" }, host: { type: "string", default: "embedded" } },
  });
  // Test commands are relative to the checkout and start `node`, which must be the one that can run TypeScript.
  process.chdir(join(import.meta.dirname, ".."));
  process.env["PATH"] = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  return withSession({ host: values.host }, async (session, status) => {
    const recipes = DEMO_WORKLOADS.map(({ recipe }) => recipe);
    const onProgress = (line: string): void => status.phase(line);
    const building = ensureImages(session.engine, recipes, { onProgress, signal: interruption });
    // An interrupted build removes its work folder when it ends: that is waited for.
    const forget = onCleanup(async () => void (await building.catch(() => [])));
    const images = await building;
    forget();
    const comparisons: Comparison[] = [];
    for (const [index, workload] of DEMO_WORKLOADS.entries())
      comparisons.push(await compare(session, workload, images[index] as string, FOLDER));
    return comparisons;
  });
}
