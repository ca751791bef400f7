import type { Server } from "node:http";
import type { PetrifyError } from "../../model/errors.ts";
import { openGate } from "../gate/open-gate.ts";
import { DEFAULT_STATE_DIR } from "../gate/policy-since.ts";
import { LineSink } from "../observe/line-sink.ts";
import { type MetricsAddress, serveMetrics } from "../observe/serve-metrics.ts";
import { DEFAULT_PLUGIN_SOCKET, serveAuthzPlugin } from "./serve.ts";

export interface AuthzPluginOptions {
  readonly policyFile: string;
  readonly upstreamPath: string;
  readonly socketPath?: string;
  readonly stateDir?: string;
  readonly dryRun: boolean;
  /** A descriptor, or a file that is appended to. */
  readonly logTarget: number | string;
  readonly metrics?: MetricsAddress;
}

export interface AuthzPlugin {
  /** What was wrong with the new policy; the old one then stays. */
  reload(): Promise<PetrifyError | undefined>;
  /** Questions that came before are answered; from then on dockerd denies. */
  stop(): Promise<void>;
}

/** The authorization plugin with its metrics. Throws E_POLICY_INVALID, E_STRATEGY_INVALID, E_IO, E_DISK_FULL, E_PORT. */
export async function startAuthzPlugin(options: AuthzPluginOptions): Promise<AuthzPlugin> {
  const log = new LineSink(options.logTarget);
  const open = await openGate({
    policyFile: options.policyFile,
    upstreamPath: options.upstreamPath,
    stateDir: options.stateDir ?? DEFAULT_STATE_DIR,
    point: "docker-authz",
    dryRun: options.dryRun,
    log,
  });
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map(close));
    open.close();
  };
  try {
    const plugin = await serveAuthzPlugin(options.socketPath ?? DEFAULT_PLUGIN_SOCKET, open.gate);
    servers.push(plugin);
    open.metrics.counter(
      "log_lines_dropped_total",
      "Lines of the decision log that could not be written.",
      () => log.dropped,
    );
    let connections = 0;
    plugin.on("connection", (socket) => {
      connections += 1;
      socket.once("close", () => (connections -= 1));
    });
    open.metrics.gauge("open_connections", "Connections to the enforcement point.", () => connections);
    if (options.metrics !== undefined)
      servers.push(
        await serveMetrics(options.metrics, {
          text: () => open.metrics.text(),
          unhealthy: () => (plugin.listening ? undefined : "the plugin's socket is closed"),
        }),
      );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    reload: () => {
      log.reopen();
      return open.reload();
    },
  };
}

/** A connection that is kept open between questions does not keep the server from closing. */
function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  return promise;
}
