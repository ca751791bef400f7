import type { FoundContainer } from "../../engine/engine.ts";
import { PetrifyError } from "../../model/errors.ts";
import { type Learned, lossSince } from "../learned.ts";
import type { Session } from "../session.ts";
import { identityOf, isWorkload } from "./identity.ts";
import { learnedOf, resumed, withDataAtRisk } from "./learn-observed.ts";
import { Observation } from "./observation.ts";

export interface ExistingOptions {
  /** Names or ids; or every container that runs now, or is made or started meanwhile. */
  readonly containers: readonly string[] | "all";
  /** Where earlier observations of the same workloads lie, to be merged with this one. */
  readonly folder: string;
  /** Asked when all of them are watched, which may be none yet; resolves when enough has been seen. */
  readonly until: () => Promise<void>;
}

/**
 * Observes containers that exist, and those that replace them: their writable layers for the past, the sensor from now on.
 * None is started, stopped or changed. Throws E_CONTAINER_NOT_FOUND, and what engine and sensor throw.
 */
export async function observeExisting(
  session: Session,
  { containers, folder, until }: ExistingOptions,
): Promise<readonly Learned[]> {
  const found = await findAll(session, containers);
  const keys = new Set(found.map((container) => identityOf(container).key));
  await using observation = await Observation.open(session, {
    wants: (made) => isWorkload(made) && (containers === "all" || keys.has(identityOf(made).key)),
  });
  const lossBefore = await session.loss();
  for (const { id } of found) await observation.add(id);
  session.progress.step(`observing ${found.length} container${found.length === 1 ? "" : "s"}`);
  await Promise.race([until(), observation.lost]);
  session.progress.step("reading the totals");
  const runs = await observation.finish();
  const loss = lossSince(await session.loss(), lossBefore);
  const learned: Learned[] = [];
  for (const one of learnedOf(session, { runs, loss }))
    learned.push(await withDataAtRisk(session, await resumed(one.learned, folder), one.runs));
  if (learned.length === 0)
    throw new PetrifyError(
      "E_CONTAINER_NOT_FOUND",
      "No container ran while it was observed, and none has run before.",
      {
        hint: "Start what is to be observed meanwhile, or use --during -- COMMAND.",
      },
    );
  return learned;
}

async function findAll(session: Session, which: readonly string[] | "all"): Promise<readonly FoundContainer[]> {
  const { engine } = session;
  const references = which === "all" ? await engine.containers("running") : which;
  const found: FoundContainer[] = [];
  for (const reference of references) {
    const container = await engine.find(reference);
    // One that ended between the list and the question is no error.
    if (container === undefined && which === "all") continue;
    if (container === undefined)
      throw new PetrifyError("E_CONTAINER_NOT_FOUND", `There is no container ${reference} on this engine.`, {
        hint: "`docker ps -a` lists those that there are; --host and --context choose the engine.",
      });
    if (which !== "all" || isWorkload(container)) found.push(container);
  }
  return [...new Map(found.map((container) => [container.id, container])).values()];
}
