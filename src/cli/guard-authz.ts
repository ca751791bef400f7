import type { Command } from "commander";
import { onCleanup, takeHangups, takeSignals } from "./cleanup.ts";

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
    .summary(
      "serve dockerd's authorization plugin: deny what the policy does not allow, for clients that reach the real socket",
    )
    .description(
      "Answers dockerd, which is started with --authorization-plugin=petrify, by the policy: it can deny and not change, so that it " +
        "names the flags to add. While it does not run, dockerd denies every call. SIGHUP reads the policy anew.",
    )
    .requiredOption("--policy <file>", "the ReadOnlyPolicy")
    .option("--socket <path>", "where dockerd looks for the plugin (default: /run/docker/plugins/petrify.sock)")
    .option("--upstream <path>", "dockerd's own socket, to look at images and containers", "/var/run/docker.sock")
    .option("--state-dir <folder>", "where it keeps since when it knows a policy (default: /var/lib/petrify/guard)")
    .option("--metrics <address>", "serve /metrics and /healthz on a Unix socket or a loopback address, 127.0.0.1:9100")
    .option("--log <file>", "append decisions to a file instead of writing them to stderr")
    .option("--dry-run", "deny nothing, whatever the policy says; log what would be denied")
    .action((flags: AuthzFlags) => serve(flags));
}

async function serve(flags: AuthzFlags): Promise<void> {
  const { startAuthzPlugin } = await import("../guard/authz-plugin/start.ts");
  const { parseMetricsAddress } = await import("../guard/observe/serve-metrics.ts");
  const stopped = Promise.withResolvers<void>();
  const plugin = await startAuthzPlugin({
    policyFile: flags.policy,
    upstreamPath: flags.upstream,
    dryRun: flags.dryRun === true,
    logTarget: flags.log ?? process.stderr.fd,
    ...(flags.socket !== undefined && { socketPath: flags.socket }),
    ...(flags.stateDir !== undefined && { stateDir: flags.stateDir }),
    ...(flags.metrics !== undefined && { metrics: parseMetricsAddress(flags.metrics) }),
  });
  onCleanup(() => plugin.stop());
  using _signals = takeSignals(() => stopped.resolve());
  using _hangups = takeHangups(() => void plugin.reload());
  await stopped.promise;
}
