import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { onCleanup } from "../../src/cli/cleanup.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { startTestCommand, testEnvironment } from "../../src/learn/test-command.ts";
import { execArguments, type TestPlan } from "../../src/learn/test-plan.ts";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import type { PhaseName } from "../../src/model/profile.ts";
import { dockerTools, type DockerTools } from "../../test/support/docker-compose.ts";
import type { Check } from "./result.ts";

/** A container that is about to end looks alive at first. */
const SETTLE_MS = 500;

/**
 * Starts what was exported with Debian's docker-compose, runs the test, takes the containers down, starts them anew on the same
 * volumes, and runs it again.
 */
export async function checkCompose(engine: Engine, file: string, name: string, plan: TestPlan): Promise<Check> {
  const tools = await dockerTools({
    socketPath: new URL(engine.info.host).pathname,
    cacheDir: defaultCacheDir(),
    pid: 0,
    stop: async () => {},
  });
  const compose = (...args: string[]): string =>
    tools.compose(dirname(file), "-f", file, "-p", `fidelity-${name}`, ...args);
  const down = (): void => void compose("down", "--volumes", "--timeout", "10");
  const forget = onCleanup(down);
  try {
    for (const phase of ["first", "replace"] as const) {
      compose("up", "--detach");
      const failure = await exercised(engine, tools, compose("ps", "-q").trim(), phase, plan);
      if (failure !== undefined) return { holds: false, detail: `${phase} run: ${failure}` };
      compose("down", "--timeout", "10");
    }
    return { holds: true, detail: "" };
  } catch (error) {
    return { holds: false, detail: String(error).slice(0, 300) };
  } finally {
    down();
    forget();
  }
}

/** Why the test failed; undefined when it passed. A container of a pod has its address from another one. */
export async function exercised(
  engine: Engine,
  tools: DockerTools,
  id: string,
  phase: PhaseName,
  plan: TestPlan,
  ipAddress?: string,
): Promise<string | undefined> {
  const find = async () => {
    const found = await engine.find(id);
    if (found === undefined) throw new Error("the container is gone");
    return found;
  };
  await delay(SETTLE_MS);
  const { name, state, imageId } = await find();
  if (state.status !== "running") return `the container ended with exit code ${state.exitCode}: ${lastLine(tools, id)}`;
  if (plan.command !== undefined) {
    const ports = new Map<string, { readonly host: string; readonly port: number }>();
    for (const text of (await engine.image(imageId))?.exposedPorts ?? []) {
      const [port, protocol] = text.split("/");
      const now = async () => (await find()).state;
      const addressed = async () => (ipAddress === undefined ? now() : { ...(await now()), ipAddress });
      const container = { id, name, state: addressed };
      ports.set(
        protocol === "udp" ? `${port}_UDP` : String(port),
        await engine.reach(container, Number(port), protocol === "udp" ? "udp" : "tcp"),
      );
    }
    const environment = testEnvironment({ session: "", name, phase, engineHost: engine.info.host, ports });
    const test = startTestCommand(plan.command, environment, plan.timeoutMs, () => {});
    if ((await test.exitCode) !== 0) return test.output().trim().split("\n").at(-1) ?? "the test failed";
  }
  if (plan.exec !== undefined) tools.docker("exec", "--env", `PETRIFY_PHASE=${phase}`, id, ...execArguments(plan.exec));
  return undefined;
}

function lastLine(tools: DockerTools, id: string): string {
  return tools.docker("logs", "--tail", "1", id).trim();
}
