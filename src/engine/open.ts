import { EMBEDDED_HOST, startEmbeddedEngine } from "./embedded/start.ts";
import type { Engine } from "./engine.ts";
import { findEngine } from "./find.ts";

export interface EngineChoice {
  /** `--host`: an engine address, or `embedded` for Petrify's own. */
  readonly host?: string;
  /** `--context`: a docker context. */
  readonly context?: string;
}

export interface OpenOptions {
  readonly onProgress: (step: string) => void;
  readonly onNote: (line: string) => void;
  /** Breaks off the start of the embedded engine. */
  readonly signal?: AbortSignal;
}

/**
 * The engine to use: the one asked for, else the one this host has, else the embedded one. `onProgress` gets what happens
 * meanwhile, `onNote` what is worth reading later. Throws what finding and starting throw.
 */
export async function openEngine(choice: EngineChoice, { onProgress, onNote, signal }: OpenOptions): Promise<Engine> {
  if (choice.host !== EMBEDDED_HOST) {
    const found = await findEngine(choice, { onNote });
    if (found !== undefined) return found;
  }
  return startEmbeddedEngine({ onProgress, ...(signal === undefined ? {} : { signal }) });
}
