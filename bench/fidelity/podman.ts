import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { outcome } from "../../demo/compare.ts";
import type { CorpusWorkload } from "../../demo/corpus.ts";
import { ensureImage } from "../../demo/images/build.ts";
import { planOf } from "../../demo/workloads.ts";
import { connectDocker } from "../../src/engine/docker/connect.ts";
import { EmbeddedEngine } from "../../src/engine/embedded/embedded-engine.ts";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import { useEngine } from "../../src/engine/embedded/lifecycle.ts";
import { EngineNamespace } from "../../src/engine/embedded/namespace.ts";
import type { Learned } from "../../src/learn/learned.ts";
import { Session, SILENT } from "../../src/learn/session.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import { verifyStrategy } from "../../src/verify/verify.ts";
import { PODMAN } from "../../test/support/podman-program.ts";
import type { Check } from "./result.ts";

/** A private Podman, whose containers can be reached from here, and a session on it. Its images stay until the folder goes. */
export async function openPodman(): Promise<Session> {
  const folder = join(defaultCacheDir(), "fidelity", "podman");
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  try {
    symlinkSync(join(defaultCacheDir(), "packages"), join(folder, "packages"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const use = await useEngine(folder, {}, PODMAN);
  const namespace = new EngineNamespace(use.daemon.pid);
  const engine = await connectDocker({ kind: "unix", path: use.layout.socketPath }, "bench", {
    dispose: async () => {
      await namespace.close();
      await use.release();
    },
  });
  return new Session(new EmbeddedEngine(engine, use, namespace), SILENT);
}

/** Verifies on Podman what was learned on Docker: the first run, and a container that replaces it. */
export async function checkPodman(
  session: Session,
  application: CorpusWorkload,
  strategy: Strategy,
  { profile }: Learned,
): Promise<Check> {
  await ensureImage(session.engine, application.recipe, { onProgress: () => {} });
  const { verdict } = await verifyStrategy(session, {
    strategy,
    baseline: profile,
    plan: planOf(application),
    minimal: false,
    environment: {},
  });
  const attempt = outcome(verdict);
  return attempt.works ? { holds: true, detail: "" } : { holds: false, detail: attempt.reason };
}
