import type { Engine } from "../engine/engine.ts";
import type { ImageFacts } from "../model/image.ts";
import type { Workload } from "../model/workload.ts";
import type { Session } from "./session.ts";
import type { RunningTest } from "./test-command.ts";
import type { TestPlan } from "./test-plan.ts";

/** What one run of a container is exercised with, and whom it tells. */
export interface ExerciseContext {
  readonly session: string;
  readonly engine: Engine;
  readonly image: ImageFacts;
  readonly workload: Workload;
  readonly plan: TestPlan;
  /** Grows with each event. */
  readonly activity: () => number;
  /** Grows with each attempt to change something: a loop that only starts programs goes on for ever. */
  readonly writes: () => number;
  /** To be called when the workload is up, before the test. */
  readonly started: () => Promise<void>;
  readonly exec: Session["exec"];
  readonly beforeStop: () => Promise<void>;
  /** What happens now, a few words. */
  readonly progress: (step: string) => void;
  /** Each line that the test prints, as it comes. */
  readonly testOutput: (line: string) => void;
  /** Lets the session end the command when Petrify is interrupted. */
  readonly running: (test: RunningTest) => void;
  /** There is no test, and nothing to wait for after the start. */
  readonly startOnly?: true;
}

/** `80/tcp`: what the image exposes, and what the user published. */
export function expectedPorts({ image, workload }: Pick<ExerciseContext, "image" | "workload">): readonly string[] {
  return [
    ...new Set([...image.exposedPorts, ...workload.ports.map((port) => `${port.containerPort}/${port.protocol}`)]),
  ];
}
