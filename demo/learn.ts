import { learnWorkload } from "../src/learn/learn.ts";
import type { Learned } from "../src/learn/learned.ts";
import type { Session } from "../src/learn/session.ts";
import { trySettings } from "../src/learn/settings-trial.ts";
import type { TestPlan } from "../src/learn/test-plan.ts";
import type { Workload } from "../src/model/workload.ts";

export interface LearnedAsAsked {
  /** What `petrify learn IMAGE` writes when nothing else is asked of it. */
  readonly learned: Learned;
  /** The same before settings were tried: all that the workload writes as it is. */
  readonly unset: Learned;
}

/** Learns as the command does, settings included. Throws what learning throws. */
export async function learnAsAsked(session: Session, workload: Workload, plan: TestPlan): Promise<LearnedAsAsked> {
  const learn = (tried: Workload): Promise<Learned> => learnWorkload(session, { workload: tried, plan });
  const unset = await learn(workload);
  const imageEnv = (await session.engine.image(workload.image))?.env ?? [];
  const learned = await trySettings(unset, { imageEnv, learn, note: (text) => session.progress.note(text) });
  return { learned, unset };
}
