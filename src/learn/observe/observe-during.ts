import { spawn } from "node:child_process";
import { constants } from "node:os";
import { PetrifyError } from "../../model/errors.ts";
import type { StrategyTest } from "../../model/strategy.ts";
import { type Learned, lossSince } from "../learned.ts";
import type { Session } from "../session.ts";
import { isWorkload } from "./identity.ts";
import { learnedOf } from "./learn-observed.ts";
import { Observation } from "./observation.ts";

export interface DuringOptions {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  /** The user ended the command: its exit code then says nothing. */
  readonly wasInterrupted: () => boolean;
  /** Called with what forwards a signal to the command. */
  readonly onStarted: (signal: (name: NodeJS.Signals) => void) => void;
}

/**
 * Runs a command that starts containers, and observes every container that is made or started meanwhile: armed when it is created,
 * so from its first instruction on, or said not to be. What the command leaves running goes on. Its exit code counts as the test.
 * Throws E_TEST_FAILED, E_IO, and what engine and sensor throw.
 */
export async function observeDuring(session: Session, options: DuringOptions): Promise<readonly Learned[]> {
  await using observation = await Observation.open(session, { wants: isWorkload });
  const lossBefore = await session.loss();
  session.progress.step(`running ${options.command[0]}`);
  const exitCode = await Promise.race([runCommand(session, options), observation.lost]);
  const wasInterrupted = options.wasInterrupted();
  if (exitCode !== 0 && !wasInterrupted)
    throw new PetrifyError("E_TEST_FAILED", `${options.command[0]} ended with exit code ${exitCode}.`, {
      hint: "It counts as the test: make it pass without Petrify first.",
    });
  session.progress.step("reading the totals");
  const test: { code?: number; kind?: StrategyTest } = wasInterrupted
    ? {}
    : { code: exitCode, kind: { kind: "external" } };
  const runs = await observation.finish(test.code);
  const loss = lossSince(await session.loss(), lossBefore);
  const results = learnedOf(session, { runs, loss, ...(test.kind === undefined ? {} : { test: test.kind }) });
  if (results.length === 0)
    throw new PetrifyError("E_CONTAINER_NOT_FOUND", `${options.command[0]} started no container on this engine.`, {
      hint: `It is told of the engine by DOCKER_HOST=${session.engine.info.host}; does it use another one?`,
    });
  return results.map(({ learned }) => learned);
}

/** Its exit code; 128+n when a signal ended it. Its output goes to stderr: stdout carries Petrify's result. */
function runCommand(session: Session, { command: [program = "", ...args], onStarted }: DuringOptions): Promise<number> {
  const child = spawn(program, args, {
    stdio: ["inherit", 2, 2],
    env: { ...process.env, DOCKER_HOST: session.engine.info.host, PETRIFY_SESSION: session.id },
  });
  session.defer(async () => void child.kill("SIGKILL"));
  onStarted((name) => void child.kill(name));
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(
        new PetrifyError("E_IO", `${program} could not be started.`, {
          hint: "After --during -- comes a program with its arguments; for shell syntax write sh -c '...'.",
          cause,
        }),
      ),
    );
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 1 : constants.signals[signal])));
  });
}
