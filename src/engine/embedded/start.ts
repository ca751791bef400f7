import { connectDocker } from "../docker/connect.ts";
import type { Engine } from "../engine.ts";
import type { Watched } from "./command.ts";
import { EmbeddedEngine } from "./embedded-engine.ts";
import { defaultCacheDir } from "./layout.ts";
import { useEngine } from "./lifecycle.ts";
import { EngineNamespace } from "./namespace.ts";

/** What `--host` takes for the embedded engine, also on a host that has another one. */
export const EMBEDDED_HOST = "embedded";

export interface EmbeddedOptions extends Watched {
  /** Default: `$PETRIFY_CACHE`, `/var/cache/petrify`. Engines of different directories know nothing of each other. */
  readonly cacheDir?: string;
}

/**
 * Petrify's own engine: a private dockerd, started if no other petrify process runs it already, and stopped when the last
 * of them closes it. Nothing of it touches an engine that the host has.
 * Throws E_NOT_ROOT, E_EMBEDDED_PACKAGES, E_EMBEDDED_START, E_DISK_FULL, E_IO, E_INTERRUPTED.
 */
export async function startEmbeddedEngine(options: EmbeddedOptions = {}): Promise<Engine> {
  const use = await useEngine(options.cacheDir ?? defaultCacheDir(), options);
  const namespace = new EngineNamespace(use.daemon.pid);
  const close = async (): Promise<void> => {
    await namespace.close();
    await use.release();
  };
  try {
    const docker = await connectDocker({ kind: "unix", path: use.layout.socketPath }, "no engine on this host", {
      info: { kind: "embedded", local: true },
      dispose: close,
    });
    return new EmbeddedEngine(docker, use, namespace);
  } catch (error) {
    await close();
    throw error;
  }
}
