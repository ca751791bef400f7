import type { Command } from "commander";
import { quoteForTerminal } from "../model/quote.ts";
import { type Signal, takeSignals } from "./cleanup.ts";

interface AuthzFlags {
  readonly socket?: string;
  readonly upstream: string;
  readonly policy: string;
  readonly stateDir?: string;
  readonly metrics?: string;
  readonly log?: string;
  readonly dryRun?: true;
}

/** `petrify guard authz --policy FILE`. */
export function guardAuthzCommand(guard: Command): void {
  guard
    .command("authz")
    .summary("serve dockerd's authorization plugin: deny what the policy does not allow")
    .description(
      "For clients that reach the engine's own socket. Answers dockerd, which is started with --authorization-plugin=petrify, by the " +
        "policy: it can deny and not change, so it names the flags to add. While it does not run, dockerd denies every call. SIGHUP " +
        "reads the policy again.",
    )
    .requiredOption("--policy <file>", "ReadOnlyPolicy; read again on SIGHUP")
    .option("--socket <path>", "where dockerd looks for the plugin; default: /run/docker/plugins/petrify.sock")
    .option("--upstream <path>", "dockerd's own socket, to look at images and containers", "/var/run/docker.sock")
    .option("--state-dir <folder>", "where it keeps since when it knows a policy; default: /var/lib/petrify/guard")
    .option("--metrics <where>", "Prometheus metrics and health: path of a Unix socket, or a loopback ADDRESS:PORT")
    .option("--log <file>", "one line of JSON for each decision; - is standard output; default: standard error")
    .option("--dry-run", "judge and log, and let everything through")
    .action((flags: AuthzFlags) => serve(flags));
}

async function serve(flags: AuthzFlags): Promise<void> {
  const { startAuthz } = await import("../daemon/authz.ts");
  const stopped = Promise.withResolvers<void>();
  const running = await startAuthz({
    policyFile: flags.policy,
    upstream: flags.upstream,
    dryRun: flags.dryRun === true,
    tell: (line) => void process.stderr.write(`petrify guard: ${quoteForTerminal(line)}\n`),
    ...(flags.log !== undefined && { logFile: flags.log }),
    ...(flags.socket !== undefined && { socketPath: flags.socket }),
    ...(flags.stateDir !== undefined && { stateDir: flags.stateDir }),
    ...(flags.metrics !== undefined && { metrics: flags.metrics }),
  });
  using stack = new DisposableStack();
  const take = (signal: Signal): void => {
    if (signal === "SIGHUP") void running.reload();
    else stopped.resolve();
  };
  stack.use(takeSignals(take, Number.POSITIVE_INFINITY));
  await stopped.promise;
  await running.stop();
}
