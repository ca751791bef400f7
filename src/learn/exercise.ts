import type { ContainerHandle } from "../engine/engine.ts";
import type { PhaseName, PhaseOutcome } from "../model/profile.ts";
import { type ExerciseContext, expectedPorts } from "./exercise-context.ts";
import { chosenPorts, listeningInside, type ListeningPort } from "./listening.ts";
import type { Reached } from "./coverage.ts";
import { waitReady } from "./readiness.ts";
import { NOT_TESTED, runTest } from "./test-run.ts";

export interface Exercised {
  readonly outcome: PhaseOutcome;
  readonly listening: readonly ListeningPort[];
  /** Sentences on what was not as expected. */
  readonly notes: readonly string[];
  /** The last lines of a failed test. */
  readonly testOutput: string;
  readonly reached: Reached;
}

/** 128 + SIGKILL, which the engine sends when the stop signal had no effect in time. */
const KILLED_EXIT_CODE = 137;
const KILLED =
  "the container did not end at its stop signal and was killed: what a clean stop writes was not observed (give --stop-timeout when it needs longer, --stop-signal or --init, or let its first process hand signals on)";

/**
 * One phase: start the container, wait until it is ready, run the test, stop it gracefully.
 * A container that ends by itself is an outcome, not an error. Throws what the engine throws.
 */
export async function exercise(
  container: ContainerHandle,
  phase: PhaseName,
  context: ExerciseContext,
): Promise<Exercised> {
  const { plan, progress } = context;
  progress("starting");
  await container.start();
  progress("waiting until it is ready");
  const readiness = await waitReady(container, {
    expectedPorts: expectedPorts(context),
    hasHealthcheck: context.image.hasHealthcheck,
    wantsPort: plan.command !== undefined && context.workload.network !== "none",
    timeoutMs: plan.readyTimeoutMs,
    activity: () => context.activity(),
    sharesHostNetwork: context.workload.network === "host",
    ...(context.engine.info.local ? {} : { listening: () => listeningInside(container) }),
  });
  if (readiness.kind !== "exited") await context.started();
  const result =
    readiness.kind === "exited" || context.startOnly === true
      ? NOT_TESTED
      : await runTest(container, phase, readiness.listening, context);
  const ended = await container.state();
  const exitedEarly = ended.status === "exited" || ended.status === "dead" ? ended.exitCode : undefined;
  await context.beforeStop();
  progress("stopping");
  await container.stop(plan.stopTimeoutSeconds ?? context.workload.stopTimeoutSeconds);
  const wasKilled = exitedEarly === undefined && (await container.state()).exitCode === KILLED_EXIT_CODE;
  return {
    outcome: {
      phase,
      ...result.codes,
      health: readiness.kind === "ready" ? readiness.health : "none",
      ...(exitedEarly === undefined ? {} : { exitedEarly }),
    },
    listening: readiness.kind === "exited" ? [] : chosenPorts(readiness.listening, expectedPorts(context)),
    notes: [
      ...(readiness.kind === "timeout" ? [`${readiness.waitingFor} did not come up within the waiting time`] : []),
      ...(wasKilled ? [KILLED] : []),
      ...result.notes,
    ],
    testOutput: result.output,
    reached: result.reached,
  };
}
