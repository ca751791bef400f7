import { constants } from "node:os";
import { type Command, Option } from "commander";
import { SENSOR_KINDS, type SensorChoice } from "../sensor/sensor.ts";
import { PetrifyError } from "../model/errors.ts";
import { quoteForTerminal } from "../model/quote.ts";
import type { StrategyTest } from "../model/strategy.ts";
import { parseDuration } from "../model/units.ts";
import { DEFAULT_READY_TIMEOUT_MS, DEFAULT_TEST_TIMEOUT_MS, type TestPlan } from "../learn/test-plan.ts";

export interface TestFlags {
  readonly test?: string;
  readonly exec?: string;
  readonly for?: string;
  readonly readyTimeout?: string;
  readonly testTimeout?: string;
  readonly probe: boolean;
  readonly signal?: readonly string[];
  readonly sensor: SensorChoice;
}

/** Adds the options that say how the workload is exercised. */
export function testOptions<C extends Command>(command: C): C {
  return command
    .option(
      "--test <command>",
      "shell command on this host that exercises the workload; its exit code counts (environment: PETRIFY_HOST, PETRIFY_PORT, PETRIFY_PORT_80, PETRIFY_NAME, PETRIFY_PHASE, DOCKER_HOST)",
    )
    .option("--exec <command>", "command inside the container that exercises it; its exit code counts")
    .option("--no-probe", "without a test: do not ask ports that speak HTTP for their pages")
    .option(
      "--signal <name>",
      "signal that the workload is sent after the test, such as HUP; can be repeated",
      (name: string, before: readonly string[] | undefined) => [...(before ?? []), signalName(name)],
    )
    .option("--for <duration>", "observe at least this long, for example 30s or 5m")
    .option("--ready-timeout <duration>", "how long to wait until it is ready", "60s")
    .option("--test-timeout <duration>", "how long one run of the test may take", "15m")
    .addOption(
      new Option("--sensor <kind>", "how the workload is observed; auto takes the best that works here")
        .choices(["auto", ...SENSOR_KINDS])
        .default("auto"),
    );
}

/** `HUP`, `sighup` -> `SIGHUP`. Throws E_USAGE. */
function signalName(text: string): string {
  const name = text.toUpperCase().replace(/^(?!SIG)/, "SIG");
  if (!Object.hasOwn(constants.signals, name))
    throw new PetrifyError("E_USAGE", `${quoteForTerminal(text)} is no signal.`, {
      hint: "Write it like HUP or SIGUSR1.",
    });
  return name;
}

/** What the options ask for; a test that the strategy was learned with stands in for one that is not given. Throws E_USAGE. */
export function testPlan(flags: TestFlags, learned: Partial<StrategyTest> = {}): TestPlan {
  const given = flags.test !== undefined || flags.exec !== undefined;
  const command = given ? flags.test : learned.command;
  const exec = given ? flags.exec : learned.exec;
  const signals = flags.signal ?? learned.signals;
  return {
    readyTimeoutMs: flags.readyTimeout === undefined ? DEFAULT_READY_TIMEOUT_MS : parseDuration(flags.readyTimeout),
    timeoutMs: flags.testTimeout === undefined ? DEFAULT_TEST_TIMEOUT_MS : parseDuration(flags.testTimeout),
    ...(command === undefined ? {} : { command }),
    ...(exec === undefined ? {} : { exec }),
    // What was learned without is not asked afterwards: the answers would be news.
    ...(flags.probe && (learned.kind ?? "probe") === "probe" ? { probe: true } : {}),
    ...(signals === undefined ? {} : { signals }),
    ...(flags.for === undefined ? {} : { forMs: parseDuration(flags.for) }),
  };
}
