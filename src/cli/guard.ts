import { constants } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { PetrifyError } from "../model/errors.ts";
import { quoteForTerminal } from "../model/quote.ts";
import { guardAuthzCommand } from "./guard-authz.ts";
import { guardCheckCommand } from "./guard-check.ts";
import { guardInstallCommands } from "./guard-install.ts";
import { guardStatusCommand } from "./guard-status.ts";
import { type Signal, takeSignals } from "./cleanup.ts";

interface GuardFlags {
  readonly dockerSocket?: string;
  readonly upstream?: string;
  readonly policy?: string;
  readonly dryRun?: true;
  readonly log?: string;
  readonly metrics?: string;
  readonly stateDir?: string;
  readonly socketMode: number;
  readonly socketGroup: string;
  readonly maxConnections: number;
  readonly grace: number;
}

/** `petrify guard --docker-socket PATH --upstream PATH --policy FILE`. */
export function guardCommand(program: Command): void {
  const command = program.command("guard");
  command
    .option("--docker-socket <path>", "where clients connect to; without it the socket that systemd hands over")
    .option("--upstream <path>", "the engine's own socket")
    .option("--policy <file>", "ReadOnlyPolicy; read again on SIGHUP")
    .option("--dry-run", "judge and log, and let everything through as it is")
    .option("--log <file>", "one line of JSON for each decision; - is standard output; default: standard error")
    .option("--metrics <where>", "Prometheus metrics and health: path of a Unix socket, or ADDRESS:PORT")
    .option("--state-dir <folder>", "where it keeps since when it knows a policy; default: /var/lib/petrify/guard")
    .addOption(new Option("--socket-mode <octal>", "of the socket's file").argParser(octal).default(0o660, "660"))
    .option("--socket-group <group>", "of the socket's file; root's where `docker` does not exist", "docker")
    .option("--max-connections <number>", "clients at a time", positive, 1024)
    .option("--grace <seconds>", "how long calls and attached streams may go on when it is stopped", seconds, 10)
    .action(async (flags: GuardFlags) => {
      await guard(flags);
    });
  guardAuthzCommand(command);
  guardCheckCommand(command);
  guardStatusCommand(command);
  guardInstallCommands(command);
}

async function guard(flags: GuardFlags): Promise<void> {
  const { activatedListening } = await import("../guard/docker-proxy/listen.ts");
  const { startGuard } = await import("../daemon/guard.ts");
  const activated = activatedListening(process.env, process.pid);
  const { dockerSocket, upstream, policy } = flags;
  if (activated !== undefined && dockerSocket !== undefined)
    throw new PetrifyError("E_USAGE", "systemd gave a socket, and --docker-socket names another.", {
      hint: "Leave --docker-socket away where a socket unit starts petrify guard.",
    });
  const { socketMode: mode, socketGroup: group } = flags;
  const listening = activated ?? { kind: "path" as const, path: given(dockerSocket, "--docker-socket"), mode, group };
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  let stopping = false;
  const settings = {
    listening,
    upstream: given(upstream, "--upstream"),
    policyFile: given(policy, "--policy"),
    dryRun: flags.dryRun ?? false,
    ...(flags.log !== undefined && { logFile: flags.log }),
    ...(flags.metrics !== undefined && { metrics: flags.metrics }),
    ...(flags.stateDir !== undefined && { stateDir: flags.stateDir }),
    connections: flags.maxConnections,
    graceMs: flags.grace * 1000,
    tell,
    onFailure: (error: unknown) => tell(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  };
  const running = await startGuard(settings);
  const signals = takeSignals((signal: Signal) => {
    if (signal === "SIGHUP") void running.reload();
    else if (stopping) process.exit(128 + constants.signals[signal]);
    else {
      stopping = true;
      stop();
    }
  }, Number.POSITIVE_INFINITY);
  try {
    await stopped;
    await running.stop();
  } finally {
    signals[Symbol.dispose]();
  }
}

function tell(line: string): void {
  process.stderr.write(`petrify guard: ${quoteForTerminal(line)}\n`);
}

function given(value: string | undefined, flag: string): string {
  if (value !== undefined && value !== "") return value;
  throw new PetrifyError("E_USAGE", `${flag} is missing.`, { hint: "`petrify guard --help` has an example." });
}

function octal(text: string): number {
  if (!/^0?[0-7]{3}$/.test(text)) throw new InvalidArgumentError("Three octal digits, as 660.");
  return Number.parseInt(text, 8);
}

function positive(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError("A number from 1 on.");
  return Number(text);
}

function seconds(text: string): number {
  if (!/^[0-9]{1,5}$/.test(text)) throw new InvalidArgumentError("Whole seconds.");
  return Number(text);
}
