import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import type { ContainerHandle } from "../engine/engine.ts";
import { type FreshStartOptions, startFresh } from "../learn/fresh-start.ts";
import type { Session } from "../learn/session.ts";
import type { LayerChange } from "../model/change.ts";
import { PetrifyError } from "../model/errors.ts";
import { ownerInContainer } from "../model/owner.ts";
import type { Workload } from "../model/workload.ts";
import { containerMarks } from "./marks.ts";
import { CONTENT_LIMIT_BYTES } from "./plan/refuse.ts";
import type { FreshStart, Streams } from "./plan/types.ts";

/** Beside the one that is learned from: what two drew alike by chance, a third one hardly will. */
const MORE_STARTS = 2;

/** What the first start of a learned workload left, when it was up and after its test. */
export class FirstStart {
  readonly #session: Session;
  readonly #hostName: string | undefined;
  up: FreshStart | undefined;
  tested: readonly LayerChange[] | undefined;

  constructor(session: Session, { hostname }: Workload) {
    this.#session = session;
    this.#hostName = hostname;
  }

  readonly look = async (container: ContainerHandle, phase: string, when: "up" | "tested"): Promise<void> => {
    if (phase !== "first") return;
    if (when === "up") this.up = await readStart(this.#session, container, this.#hostName);
    else this.tested = await readLayer(this.#session, container);
  };
}

/**
 * Starts the workload a few times more, each time in a container of its own with another host name, and reads what each left in its
 * layer as soon as it was up. Throws E_NOT_READY when it ends before that.
 */
export async function moreStarts(
  session: Session,
  { workload, image, plan }: FreshStartOptions,
): Promise<readonly FreshStart[]> {
  const starts: FreshStart[] = [];
  for (let number = 0; number < MORE_STARTS; number++) {
    // One that was given would be the same in each; a container without one is named after its id.
    const hostname = workload.hostname === undefined ? undefined : `host-${randomBytes(4).toString("hex")}`;
    let start: FreshStart | undefined;
    const named = { ...workload, ...(hostname === undefined ? {} : { hostname }) };
    await startFresh(session, { workload: named, image, plan }, async (container) => {
      start = await readStart(session, container, hostname);
    });
    if (start === undefined) throw notUp(workload);
    starts.push(start);
  }
  return starts;
}

export function notUp({ image }: Workload): PetrifyError {
  return new PetrifyError("E_NOT_READY", `${image} ended before it was up.`, {
    hint: "Only what runs until it is stopped can be baked: what a program leaves when it has ended is its result.",
  });
}

async function readStart(
  session: Session,
  container: ContainerHandle,
  hostName: string | undefined,
): Promise<FreshStart> {
  const state = await container.state();
  return {
    changes: await readLayer(session, container),
    marks: containerMarks(container, state, hostName),
    streams: streamsOf(state.pid, session),
  };
}

/** Throws E_ENGINE_UNSUPPORTED when the layer is not read whole. */
async function readLayer(session: Session, container: ContainerHandle): Promise<readonly LayerChange[]> {
  const content = { limitBytes: CONTENT_LIMIT_BYTES, as: "bytes" } as const;
  const { changes, unread } = await session.engine.layer(container, content);
  const [reason] = unread;
  if (reason !== undefined)
    throw new PetrifyError("E_ENGINE_UNSUPPORTED", `What the container wrote could not be read: ${reason}.`);
  return changes;
}

/** Whose the first process's streams are: nobody but them and root can open /dev/stdout. */
function streamsOf(pid: number, { engine }: Session): Streams {
  const owner = (fd: number): { uid: number } | undefined => {
    const stat = statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false });
    if (pid === 0 || stat === undefined || !(stat.isFIFO() || stat.isCharacterDevice())) return undefined;
    // /dev/null has no owner but root, and nobody reads it.
    if (stat.isCharacterDevice() && stat.rdev === NULL_DEVICE) return undefined;
    return { uid: ownerInContainer(stat, engine.info.remappedRoot).uid };
  };
  const [stdout, stderr] = [owner(1), owner(2)];
  return { ...(stdout !== undefined && { stdout }), ...(stderr !== undefined && { stderr }) };
}

/** Character device 1:3 (null(4)). */
const NULL_DEVICE = 0x103;
