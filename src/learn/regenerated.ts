import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerHandle } from "../engine/engine.ts";
import type { LayerChange } from "../model/change.ts";
import { type ErrorCode, PetrifyError } from "../model/errors.ts";
import type { PhaseOutcome } from "../model/profile.ts";
import type { DeriveInput } from "../strategy/derive.ts";
import { couldDecide, regeneratedPaths, type Starts } from "../strategy/regenerated.ts";
import { type FreshStartOptions, startFresh } from "./fresh-start.ts";
import type { Session } from "./session.ts";
import { isTested, type TestPlan } from "./test-plan.ts";

/** Larger files are not read, and are then taken for data. */
const CONTENT = { limitBytes: 2 ** 30, as: "digest" } as const;
/** Without one of these the layer lies where nobody can read it; then there is no evidence, and what was written stays data. */
const UNREADABLE: ReadonlySet<ErrorCode> = new Set(["E_NOT_LOCAL", "E_ROOTLESS", "E_NOT_ROOT", "E_ENGINE_UNSUPPORTED"]);
/** A port may listen before the start has made all: it is waited for as long as something is written, and so long after that. */
const IDLE_MS = 5_000;
const POLL_MS = 500;

/** Of the container that was tested and restarted, at its end. */
export type UsedContainer = Omit<Starts, "fresh">;

export interface UsedOptions {
  readonly plan: TestPlan;
  /** What a strategy would be derived from without a fresh start. */
  readonly input: DeriveInput;
  readonly madeOnce: ReadonlySet<string>;
}

/**
 * The used container's layer, when a fresh start could tell data from what is made again; undefined when it could not, when the user
 * gave no test, and when nobody can read the layer.
 */
export async function readUsed(
  session: Session,
  container: ContainerHandle,
  { plan, input, madeOnce }: UsedOptions,
): Promise<UsedContainer | undefined> {
  const { records, header } = input.profile;
  const seesOperations = header.sensor === "bpf" || header.sensor === "strace";
  if (madeOnce.size === 0 || !isTested(plan) || !seesOperations || !couldDecide(input, madeOnce)) return undefined;
  const used = await readLayer(session, container);
  return used === undefined ? undefined : { records, madeOnce, used };
}

/** What a fresh start makes again, alike: see `regeneratedPaths`. Throws what the engine throws. */
export async function compareFresh(
  session: Session,
  options: FreshStartOptions,
  starts: UsedContainer,
): Promise<ReadonlySet<string>> {
  session.progress.note(`starting ${options.workload.image} anew, to see what each start makes again`);
  const before = new Set(starts.used.map(({ path }) => path));
  const awaited = [...starts.madeOnce].filter((path) => before.has(path));
  let found: ReadonlySet<string> = new Set();
  await startFresh(session, options, async (container) => {
    const until = Date.now() + options.plan.readyTimeoutMs;
    let [delivered, idleSince] = [session.delivered, Date.now()];
    for (; ; await sleep(POLL_MS)) {
      const fresh = await readLayer(session, container);
      found = fresh === undefined ? new Set() : regeneratedPaths({ ...starts, fresh });
      if (fresh === undefined || awaited.every((path) => found.has(path))) return;
      if (session.delivered !== delivered) [delivered, idleSince] = [session.delivered, Date.now()];
      if (Date.now() > Math.min(until, idleSince + IDLE_MS)) return;
    }
  });
  return found;
}

/** Whether each phase went as it should: what did not is no evidence that nothing was stored. */
export function wentWell(phases: readonly PhaseOutcome[]): boolean {
  return phases.every(({ test = 0, exec = 0, exitedEarly }) => test === 0 && exec === 0 && exitedEarly === undefined);
}

async function readLayer(session: Session, container: ContainerHandle): Promise<readonly LayerChange[] | undefined> {
  try {
    const { changes, unread } = await session.engine.layer(container, CONTENT);
    return unread.length === 0 ? changes : undefined;
  } catch (error) {
    if (error instanceof PetrifyError && UNREADABLE.has(error.code)) return undefined;
    throw error;
  }
}
