import type { ContainerHandle } from "../engine/engine.ts";
import type { ImageFacts } from "../model/image.ts";
import type { Workload } from "../model/workload.ts";
import { experiment } from "./experiment.ts";
import type { Session } from "./session.ts";
import type { TestPlan } from "./test-plan.ts";

export interface FreshStartOptions {
  readonly workload: Workload;
  readonly image: ImageFacts;
  readonly plan: TestPlan;
}

/**
 * Starts the workload once more in a container of its own, writable and untested, and lets `look` see what it left as soon as it is
 * up. `look` is not called when it ends before that. Throws what the engine throws.
 */
export async function startFresh(
  session: Session,
  { workload, image, plan }: FreshStartOptions,
  look: (container: ContainerHandle) => Promise<void>,
): Promise<void> {
  await experiment(session, {
    workload,
    image,
    plan: { ...plan, stopTimeoutSeconds: 0 },
    readOnlyRoot: false,
    tmpfs: {},
    volumes: [],
    binds: [],
    phases: ["first"],
    startOnly: true,
    look: async (container, _phase, when) => {
      if (when === "up") await look(container);
    },
  });
}
