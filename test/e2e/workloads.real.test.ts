import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkCompose } from "../../bench/fidelity/compose.ts";
import { compare } from "../../demo/compare.ts";
import { corpusWorkload } from "../../demo/corpus.ts";
import { ensureImage } from "../../demo/images/build.ts";
import { planOf } from "../../demo/workloads.ts";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import { Session, SILENT } from "../../src/learn/session.ts";
import { isWithin } from "../../src/strategy/paths.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";

/** An image that is built anew, on a busy machine. */
const TIMEOUT_MS = 300_000;

let shared: PrivateEngine;
let session: Session;
let folder: string;
beforeAll(async () => {
  // The clients of the functional tests are TypeScript.
  process.env["PATH"] = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  folder = await mkdtemp(join(tmpdir(), "petrify-workloads-"));
  shared = await startPrivateEngine();
  session = new Session(await startEmbeddedEngine({ cacheDir: shared.cacheDir }), SILENT);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await shared.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What plain `--read-only` breaks, of each. `npm run bench:fidelity` measures all applications of the corpus. */
test.for(["gunicorn-sqlite", "haproxy", "node-cache", "redis"])(
  "%s works read-only as it was learned, keeps its data in a replaced container, and starts from its Compose file",
  { timeout: TIMEOUT_MS },
  async (name) => {
    const application = corpusWorkload(name);
    const image = await ensureImage(session.engine, application.recipe, { onProgress: () => {} });
    const { plainReadOnly, strategy, entries, composeFile } = await compare(session, application, image, folder);
    expect(plainReadOnly.works).toBe(false);
    expect(strategy).toEqual({ works: true });
    const volumes = entries.filter(({ kind }) => kind === "volume").map(({ path }) => path);
    for (const path of application.persists) expect(volumes.some((volume) => isWithin(path, volume))).toBe(true);
    const command = await readFile(join(folder, `${name}.docker.sh`), "utf8");
    for (const [, options] of command.matchAll(/--tmpfs (\S+)/g)) expect(options).toContain("size=");
    expect(await checkCompose(session.engine, composeFile, name, planOf(application))).toEqual({
      holds: true,
      detail: "",
    });
  },
);
