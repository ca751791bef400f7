import { PetrifyError } from "../model/errors.ts";
import { cachedPackages } from "../engine/embedded/packages.ts";
import { defaultCacheDir, layoutOf } from "../engine/embedded/layout.ts";
import { DOCKERD } from "../engine/embedded/dockerd.ts";
import { EMBEDDED_HOST, startEmbeddedEngine } from "../engine/embedded/start.ts";
import type { Engine } from "../engine/engine.ts";
import { findEngine, probeEngines } from "../engine/find.ts";
import { examineEmbedded } from "./embedded.ts";
import { examineContainers } from "./containers.ts";
import { examineEngines } from "./engines.ts";
import { examineHost } from "./host.ts";
import { examineLeftovers } from "./leftovers.ts";
import { examineOverlay } from "./overlay.ts";
import { type DoctorReport, fail, type Finding } from "./report.ts";
import { examineSensor } from "./sensor.ts";

export interface DoctorOptions {
  /** As for every command: `--host`, `--context`. */
  readonly host?: string;
  readonly context?: string;
  readonly onProgress?: (line: string) => void;
}

/**
 * What this host offers to petrify, tried rather than assumed: the sensor is loaded, a container is run. Nothing stays.
 * The embedded engine is started for that only where its packages are there already.
 */
export async function examine(options: DoctorOptions = {}): Promise<DoctorReport> {
  const progress = options.onProgress ?? (() => undefined);
  const findings: Finding[] = [...examineHost(), await examineOverlay()];
  progress("trying the sensor");
  findings.push(...(await examineSensor()));
  progress("looking for engines");
  const embedded = await examineEmbedded();
  const named = options.host === EMBEDDED_HOST ? {} : options;
  findings.push(...examineEngines(await probeEngines(named)));
  findings.push(...embedded);
  const engine = await openEngine(options, progress, findings);
  try {
    if (engine !== undefined) {
      progress("trying a container");
      findings.push(...(await examineContainers(engine, runtimesOf(engine), progress)));
    }
    findings.push(await examineLeftovers(engine));
  } finally {
    await engine?.[Symbol.asyncDispose]();
  }
  return { findings };
}

/** The engine that other commands would use; what is wrong with it becomes a finding. */
async function openEngine(
  options: DoctorOptions,
  onProgress: (line: string) => void,
  findings: Finding[],
): Promise<Engine | undefined> {
  try {
    const found = options.host === EMBEDDED_HOST ? undefined : await findEngine(options);
    if (found !== undefined) return found;
    if (process.getuid?.() !== 0) {
      findings.push(fail("engine.none", "engine", "none, and the embedded one needs root", "Run petrify with sudo."));
      return undefined;
    }
    if (cachedPackages(DOCKERD.packages, layoutOf(defaultCacheDir()).packagesDir) === undefined) return undefined;
    onProgress("starting the embedded engine");
    return await startEmbeddedEngine({ onProgress });
  } catch (error) {
    if (!(error instanceof PetrifyError)) throw error;
    findings.push(fail("engine.open", "engine", error.message, error.hint ?? "Name another one with --host."));
    return undefined;
  }
}

/** crun is beside runc in the embedded engine only; on others the default is what production uses. */
function runtimesOf(engine: Engine): readonly string[] {
  const { defaultRuntime, kind } = engine.info;
  return kind === "embedded" ? [defaultRuntime, "crun"] : [defaultRuntime];
}
