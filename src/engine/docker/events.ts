import { PetrifyError } from "../../model/errors.ts";
import type { ContainerEvent } from "../engine.ts";
import type { DockerApi } from "./api.ts";
import { parseJson, readLines } from "./body.ts";
import { eventLine } from "./schemas.ts";

const ACTIONS = ["create", "start", "kill", "die", "destroy"] as const;
const ACTION = "follow what happens to containers";

/** Follows the engine's events; resolved when it has begun to answer, so that nothing that happens after it is missed. */
export async function watchContainers(
  api: DockerApi,
  onEvent: (event: ContainerEvent) => void,
  onLost: (error: Error) => void,
): Promise<Disposable> {
  const response = await api.open({
    action: ACTION,
    method: "GET",
    path: "/events",
    query: { filters: JSON.stringify({ type: ["container"], event: ACTIONS }) },
    timeoutMs: Infinity,
  });
  let ended = false;
  const read = async (): Promise<void> => {
    for await (const line of readLines(response, ACTION)) {
      const event = containerEvent(line);
      if (event !== undefined && !ended) onEvent(event);
    }
    throw new PetrifyError("E_ENGINE_LOST", "The engine stopped telling what happens to containers.");
  };
  read().catch((error: unknown) => {
    if (!ended) onLost(error instanceof PetrifyError ? error : api.lost(error));
  });
  return {
    [Symbol.dispose]() {
      ended = true;
      response.destroy();
    },
  };
}

/** Undefined for what is none of the events that were asked for. */
function containerEvent(line: string): ContainerEvent | undefined {
  const parsed = eventLine.safeParse(parseJson(line, ACTION));
  const action = ACTIONS.find((known) => known === parsed.data?.Action);
  if (!parsed.success || action === undefined) return undefined;
  const { ID: id, Attributes } = parsed.data.Actor;
  const exitCode = Number.parseInt(Attributes["exitCode"] ?? "", 10);
  return { action, id, ...(Number.isNaN(exitCode) ? {} : { exitCode }) };
}
