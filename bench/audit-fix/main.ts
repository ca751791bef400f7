// `npm run bench:audit-fix [-- NAME...]`: every application of the corpus as a plain Compose file and a plain Deployment, learned,
// changed by `petrify audit --fix`, started by docker-compose 1.29 and by `podman kube play`, tested, replaced and tested again.
// Prints a table as Markdown. What was tried already with this code is not tried again.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { corpusNames, corpusWorkload } from "../../demo/corpus.ts";
import { ensureImage } from "../../demo/images/build.ts";
import { planOf, workloadOf } from "../../demo/workloads.ts";
import { cleanUp, cleanUpOnSignals, interruption, onCleanup } from "../../src/cli/cleanup.ts";
import { withSession } from "../../src/cli/session.ts";
import { learnWorkload } from "../../src/learn/learn.ts";
import type { Session } from "../../src/learn/session.ts";
import { writeLearned } from "../../src/learn/write-learned.ts";
import { checkCompose } from "../fidelity/compose.ts";
import { openPodman } from "../fidelity/podman.ts";
import { type Check, keyOf, resultsFolder } from "../fidelity/result.ts";
import { fixFiles } from "./fix-files.ts";
import { checkKubePlay } from "./kube-play.ts";
import { COMPOSE_FILE, MANIFEST_FILE, plainFiles } from "./plain-files.ts";

interface Tried {
  readonly key: string;
  readonly fix: Check;
  readonly compose?: Check;
  readonly kubePlay?: Check;
  readonly seconds: number;
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { "without-podman": { type: "boolean" } },
});
const names = positionals.length > 0 ? positionals : corpusNames();

process.chdir(join(import.meta.dirname, "../.."));
process.env["PATH"] = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
cleanUpOnSignals();
const folder = join(await resultsFolder(), "..", "audit-fix");
const results = new Map<string, Tried>();
try {
  await withSession({ host: "embedded" }, async (session) => {
    let podman: Promise<Session> | undefined;
    const forget = onCleanup(async () => (await podman)?.[Symbol.asyncDispose]());
    const open = flags["without-podman"] === true ? undefined : () => (podman ??= openPodman());
    for (const name of names) {
      const key = `${await keyOf(name, 0)} ${await ownKey()}`;
      const known = await readTried(name);
      const tried = known?.key === key ? known : { key, ...(await tryOut(session, name, open)) };
      results.set(name, tried);
      await writeFile(join(folder, `${name}.json`), JSON.stringify(tried));
      session.progress.note(row(name, tried));
    }
    await (await podman)?.[Symbol.asyncDispose]();
    forget();
  });
} finally {
  await cleanUp();
}
const head = "| application | `audit --fix` | docker-compose | podman kube play | seconds |\n|---|---|---|---|---|\n";
process.stdout.write(head + [...results].map(([name, tried]) => `${row(name, tried)}\n`).join(""));

/** Changes with every line of this folder. */
async function ownKey(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of (await readdir(import.meta.dirname)).toSorted())
    hash.update(await readFile(join(import.meta.dirname, file)));
  return hash.digest("hex").slice(0, 16);
}

async function readTried(name: string): Promise<Tried | undefined> {
  const text = await readFile(join(folder, `${name}.json`), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Tried);
}

async function tryOut(
  session: Session,
  name: string,
  podman: (() => Promise<Session>) | undefined,
): Promise<Omit<Tried, "key">> {
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 1000);
  const own = join(folder, name);
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { recursive: true });
  const application = corpusWorkload(name);
  const plan = planOf(application);
  const options = { onProgress: (line: string) => session.progress.step(line), signal: interruption };
  const image = await ensureImage(session.engine, application.recipe, options);
  await writeLearned(await learnWorkload(session, { workload: workloadOf(application, image), plan }), own);
  const fix = await fixFiles(application, image, own);
  if (!fix.holds) return { fix, seconds: seconds() };
  const compose = await checkCompose(session.engine, join(own, COMPOSE_FILE), name, plan);
  if (podman === undefined) return { fix, compose, seconds: seconds() };
  const { engine } = await podman();
  await ensureImage(engine, application.recipe, options);
  const kubePlay = await checkKubePlay(engine, join(own, MANIFEST_FILE), name, plan);
  return { fix, compose, kubePlay: kubePlay.holds ? kubePlay : await compared(kubePlay), seconds: seconds() };

  /** What does not work as a pod of Podman's at all is not the change's doing. */
  async function compared({ detail }: Check): Promise<Check> {
    const plain = join(own, "plain.yaml");
    await writeFile(plain, plainFiles(application, image)[MANIFEST_FILE] ?? "");
    const alone = await checkKubePlay(engine, plain, name, plan, ["first"]);
    return { holds: false, detail: `${detail}; the plain manifest: ${alone.holds ? "works" : alone.detail}` };
  }
}

function row(name: string, { fix, compose, kubePlay, seconds }: Tried): string {
  const cells = [fix, compose, kubePlay].map((check) =>
    check === undefined ? "not tried" : check.holds ? "works" : check.detail.replaceAll(/\s+|\|/g, " "),
  );
  return `| ${[name, ...cells, seconds].join(" | ")} |`;
}
