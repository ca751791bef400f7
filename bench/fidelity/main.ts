// `npm run bench:fidelity`: every application of the corpus under four plans, one after the other. What was measured already with
// this code is not measured again; `--only NAME...` measures those, `--learns N` says how often each is learned.
import { rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { corpusNames, corpusWorkload } from "../../demo/corpus.ts";
import { ensureImage } from "../../demo/images/build.ts";
import { cleanUp, cleanUpOnSignals, interruption, onCleanup } from "../../src/cli/cleanup.ts";
import { withSession } from "../../src/cli/session.ts";
import type { Session } from "../../src/learn/session.ts";
import { measure } from "./measure.ts";
import { fidelityPage } from "./page.ts";
import { openPodman } from "./podman.ts";
import { keyOf, readResult, type Result, resultsFolder, writeResult } from "./result.ts";

/** Also run on Podman. */
const ON_PODMAN = new Set([
  "apache-php",
  "gunicorn-sqlite",
  "haproxy",
  "mariadb",
  "memcached",
  "mosquitto",
  "nginx",
  "postgresql",
  "redis",
  "supervisord",
  "volume",
]);

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "boolean" },
    learns: { type: "string", default: "5" },
    host: { type: "string", default: "embedded" },
    "without-podman": { type: "boolean" },
  },
});
const names = flags.only === true ? positionals : corpusNames();
const learns = Number(flags.learns);

// Test commands are relative to the checkout and start `node`, which must be the one that can run TypeScript.
process.chdir(join(import.meta.dirname, "../.."));
process.env["PATH"] = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
cleanUpOnSignals();
try {
  await withSession({ host: flags.host }, async (session) => {
    let podman: Promise<Session> | undefined;
    const forget = onCleanup(async () => (await podman)?.[Symbol.asyncDispose]());
    for (const name of names) {
      const key = await keyOf(name, learns);
      if ((await readResult(name))?.key === key) continue;
      const usesPodman = ON_PODMAN.has(name) && flags["without-podman"] !== true;
      const result = await measured(session, name, key, usesPodman ? () => (podman ??= openPodman()) : undefined);
      await writeResult(result);
      await writePage();
    }
    await (await podman)?.[Symbol.asyncDispose]();
    forget();
  });
  process.stdout.write(await writePage());
} finally {
  await cleanUp();
}

async function measured(
  session: Session,
  name: string,
  key: string,
  podman: (() => Promise<Session>) | undefined,
): Promise<Result> {
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 1000);
  const folder = join(await resultsFolder(), name);
  await rm(folder, { recursive: true, force: true });
  try {
    const application = corpusWorkload(name);
    const onProgress = (line: string): void => session.progress.step(line);
    const image = await ensureImage(session.engine, application.recipe, { onProgress, signal: interruption });
    const options = { folder, learns, ...(podman === undefined ? {} : { podman }) };
    return { name, key, measured: await measure(session, application, image, options), seconds: seconds() };
  } catch (error) {
    if (interruption.aborted) throw error;
    session.progress.note(`${name}: ${String(error)}`);
    return { name, key, failure: error instanceof Error ? error.message : String(error), seconds: seconds() };
  }
}

async function writePage(): Promise<string> {
  const known: (Result & { readonly isCurrent: boolean })[] = [];
  for (const name of corpusNames()) {
    const result = await readResult(name);
    if (result !== undefined) known.push({ ...result, isCurrent: result.key === (await keyOf(name, learns)) });
  }
  const page = fidelityPage(known);
  await writeFile("docs/fidelity.md", page);
  return page;
}
