import { SpecError } from "./spec.ts";

/** What is fixed when the wrapper is installed; its file belongs to root. */
export interface WrapperSettings {
  readonly policyFile: string;
  readonly engine: "docker" | "podman" | "cri";
  /** dockerd's data root, where it keeps its record of each container. */
  readonly dockerRoot?: string;
  /** Since when the policy is in force. Milliseconds since 1970. */
  readonly sinceMs: number;
  /** For the policy that was read already; only root may write there. */
  readonly cacheDir?: string;
  /** Gets a line for each decision that changes or refuses something. */
  readonly logFile?: string;
  /** Of the engine, beside the usual places: its own socket, another data root. */
  readonly enginePaths?: readonly string[];
}

/** Throws SpecError. */
export function parseSettings(text: string): WrapperSettings {
  const value = JSON.parse(text) as Partial<Record<keyof WrapperSettings, unknown>> | null;
  const { policyFile, engine, dockerRoot, sinceMs, cacheDir, logFile, enginePaths } = value ?? {};
  if (
    !isPath(policyFile) ||
    (engine !== "docker" && engine !== "podman" && engine !== "cri") ||
    typeof sinceMs !== "number" ||
    !(dockerRoot === undefined || isPath(dockerRoot)) ||
    !(cacheDir === undefined || isPath(cacheDir)) ||
    !(logFile === undefined || isPath(logFile)) ||
    !(enginePaths === undefined || (Array.isArray(enginePaths) && enginePaths.every(isPath)))
  )
    throw new SpecError("the settings of the runtime wrapper are damaged");
  return {
    policyFile,
    engine,
    sinceMs,
    ...(dockerRoot !== undefined && { dockerRoot }),
    ...(cacheDir !== undefined && { cacheDir }),
    ...(logFile !== undefined && { logFile }),
    ...(enginePaths !== undefined && { enginePaths }),
  };
}

function isPath(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("/");
}
