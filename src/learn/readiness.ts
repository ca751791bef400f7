import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerHandle, ContainerState } from "../engine/engine.ts";
import { type ListeningPort, listeningPorts } from "./listening.ts";

export type Readiness =
  | {
      readonly kind: "ready";
      readonly health: "healthy" | "unhealthy" | "none";
      readonly listening: readonly ListeningPort[];
    }
  | { readonly kind: "exited"; readonly exitCode: number }
  /** Still starting when the time was up. */
  | { readonly kind: "timeout"; readonly waitingFor: string; readonly listening: readonly ListeningPort[] };

export interface ReadinessOptions {
  /** `80/tcp` ports the image exposes or the user published. */
  readonly expectedPorts: readonly string[];
  readonly hasHealthcheck: boolean;
  /** A test will ask for a port: one that no image names is worth waiting for. */
  readonly wantsPort: boolean;
  readonly timeoutMs: number;
  /** A number that grows with each write: a workload that still writes its first files is still starting. */
  readonly activity: () => number;
  /** The container uses the host's network: its sockets cannot be told from others. */
  readonly sharesHostNetwork: boolean;
  /** The ports it listens on; undefined when that cannot be known. Default: by its process on this host. */
  readonly listening?: (state: ContainerState) => Promise<readonly ListeningPort[] | undefined>;
}

const POLL_MS = 50;
/** Where the engine must be asked for each look. */
const ASKING_POLL_MS = 500;
/** For a port that nothing announces, and for the other announced ones once the first is open. */
const UNNAMED_PORT_MS = 10_000;
const OTHER_PORTS_MS = 3_000;
const QUIET_MS = 300;
/** Workloads that never stop writing must not keep the test waiting. */
const QUIET_LIMIT_MS = 5_000;

/**
 * Waits until the workload can be tested: its health check says so, or else it listens on a port (each expected one, if any
 * was named) and has been quiet for 300 ms. One that listens on nothing is ready when it has been quiet.
 */
export async function waitReady(
  container: Pick<ContainerHandle, "state">,
  options: ReadinessOptions,
): Promise<Readiness> {
  const deadline = Date.now() + options.timeoutMs;
  const started = Date.now();
  let firstOpen: number | undefined;
  const quiet = new QuietWatch(options.activity);
  for (;;) {
    const state = await container.state();
    if (state.status === "exited" || state.status === "dead") return { kind: "exited", exitCode: state.exitCode };
    const seen = options.sharesHostNetwork ? undefined : await (options.listening ?? portsOfProcess)(state);
    const listening = seen ?? [];
    if (listening.length > 0) firstOpen ??= Date.now();
    const missing = missingPiece(state, options, seen, { started, firstOpen });
    if (missing === undefined && quiet.isQuiet())
      return { kind: "ready", health: state.health === "starting" ? "none" : state.health, listening };
    if (Date.now() > deadline)
      return missing === undefined
        ? { kind: "ready", health: "none", listening }
        : { kind: "timeout", waitingFor: missing, listening };
    if (missing !== undefined) quiet.restart();
    await sleep(options.listening === undefined ? POLL_MS : ASKING_POLL_MS);
  }
}

async function portsOfProcess({ pid }: ContainerState): Promise<readonly ListeningPort[]> {
  return pid === 0 ? [] : listeningPorts(pid);
}

function missingPiece(
  state: ContainerState,
  options: ReadinessOptions,
  listening: readonly ListeningPort[] | undefined,
  { started, firstOpen }: { readonly started: number; readonly firstOpen: number | undefined },
): string | undefined {
  if (options.hasHealthcheck) return state.health === "starting" ? "its health check" : undefined;
  if (listening === undefined) return undefined;
  const { expectedPorts, wantsPort } = options;
  if (expectedPorts.length === 0)
    return wantsPort && firstOpen === undefined && Date.now() - started < UNNAMED_PORT_MS ? "a port" : undefined;
  const open = new Set(listening.map((port) => `${port.port}/${port.protocol}`));
  const closed = expectedPorts.filter((port) => !open.has(port));
  // An image may expose more than its configuration opens (a TLS port without a certificate).
  const othersMayCome = firstOpen === undefined || Date.now() - firstOpen < OTHER_PORTS_MS;
  const waits = closed.length === expectedPorts.length || (closed.length > 0 && othersMayCome);
  return waits ? `port ${closed.join(", ")}` : undefined;
}

class QuietWatch {
  readonly #activity: () => number;
  #last = -1;
  #since = Date.now();
  #started = Date.now();
  constructor(activity: () => number) {
    this.#activity = activity;
  }
  restart(): void {
    this.#started = Date.now();
    this.#since = this.#started;
  }
  isQuiet(): boolean {
    const now = this.#activity();
    if (now !== this.#last) {
      this.#last = now;
      this.#since = Date.now();
    }
    return Date.now() - this.#since >= QUIET_MS || Date.now() - this.#started >= QUIET_LIMIT_MS;
  }
}
