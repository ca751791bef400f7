import { setTimeout as sleep } from "node:timers/promises";
import type { FoundContainer } from "../../engine/engine.ts";
import { PetrifyError } from "../../model/errors.ts";
import type { PhaseName } from "../../model/profile.ts";
import { quote } from "../quote.ts";
import { type Readiness, waitReady } from "../readiness.ts";
import type { Session } from "../session.ts";
import { startTestCommand, testEnvironment } from "../test-command.ts";
import type { TestPlan } from "../test-plan.ts";

const SERVICE_LABEL = "com.docker.compose.service";

/**
 * Waits until the containers of a project are ready, and runs the test. It is told PETRIFY_HOST and PETRIFY_PORT_<SERVICE>_<PORT>.
 * Returns notes. Throws E_TEST_FAILED; a restart's test that fails is a note, for a test that stores something need not be repeatable.
 */
export async function exerciseProject(
  session: Session,
  containers: readonly FoundContainer[],
  phase: PhaseName,
  plan: TestPlan,
): Promise<readonly string[]> {
  session.progress.step(`${phase} run: waiting until it is ready`);
  const ready = await Promise.all(containers.map((found) => waitForContainer(session, found, plan)));
  const notes = ready.flatMap(({ notes: some }) => some);
  const started = Date.now();
  if (plan.command !== undefined) {
    session.progress.step(`${phase} run: running the test`);
    const ports = new Map(ready.flatMap(({ ports: some }) => some));
    const environment = testEnvironment({
      session: session.id,
      name: containers[0]?.name ?? "",
      phase,
      engineHost: session.engine.info.host,
      ports,
    });
    const running = startTestCommand(plan.command, environment, plan.timeoutMs, (text) =>
      session.progress.testOutput(text),
    );
    session.running(running);
    const exitCode = await running.exitCode;
    if (exitCode !== 0 && phase !== "first") notes.push(`after the restart the test ended with exit code ${exitCode}`);
    else if (exitCode !== 0) {
      quote(session, "the test", running.output());
      throw new PetrifyError("E_TEST_FAILED", `The test ended with exit code ${exitCode} on the writable project.`, {
        hint: "Make it pass there first; what it printed last is above.",
      });
    }
  }
  if (plan.forMs !== undefined) {
    session.progress.step(`${phase} run: observing for ${Math.ceil(plan.forMs / 1000)} s`);
    await sleep(Math.max(0, plan.forMs - (Date.now() - started)));
  }
  return notes;
}

interface ReadyContainer {
  /** `WEB_80` -> address. */
  readonly ports: readonly (readonly [string, { readonly host: string; readonly port: number }])[];
  readonly notes: readonly string[];
}

async function waitForContainer(session: Session, found: FoundContainer, plan: TestPlan): Promise<ReadyContainer> {
  const { engine } = session;
  const state = async (): Promise<FoundContainer["state"]> => (await engine.find(found.id))?.state ?? found.state;
  const image = await engine.image(found.imageId);
  const exposed = image?.exposedPorts ?? [];
  const readiness = await waitReady(
    { state },
    {
      expectedPorts: exposed,
      hasHealthcheck: image?.hasHealthcheck ?? false,
      wantsPort: false,
      timeoutMs: plan.readyTimeoutMs,
      activity: () => session.delivered,
      sharesHostNetwork: found.settings.network === "host",
    },
  );
  const service = found.labels[SERVICE_LABEL] ?? found.name;
  const ports: ReadyContainer["ports"][number][] = [];
  for (const { port, protocol, loopbackOnly } of readiness.kind === "exited" ? [] : readiness.listening) {
    if (protocol !== "tcp" || loopbackOnly) continue;
    const address = await engine.reach({ ...found, state }, port, protocol).catch(() => undefined);
    if (address !== undefined) ports.push([`${service.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}_${port}`, address]);
  }
  return { ports, notes: notesOf(service, readiness) };
}

function notesOf(service: string, readiness: Readiness): readonly string[] {
  if (readiness.kind === "exited") return [`${service} ended with exit code ${readiness.exitCode}`];
  return readiness.kind === "timeout" ? [`${service}: ${readiness.waitingFor} did not come up in time`] : [];
}
