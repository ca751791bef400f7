import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type AuthzServer, DEFAULT_PLUGIN_SOCKET, serveAuthzPlugin } from "../guard/authz-plugin/serve.ts";
import type { RunningGuard } from "./guard.ts";
import { type GateSettings, openGate } from "./open-gate.ts";

export interface AuthzSettings extends Omit<GateSettings, "point"> {
  /** Where dockerd looks for the plugin. */
  readonly socketPath?: string;
}

/** Serves dockerd's authorization plugin. Throws E_SOCKET_IN_USE, E_IO, E_USAGE and what is wrong with the policy. */
export async function startAuthz(settings: AuthzSettings): Promise<RunningGuard> {
  const opened = await openGate({ ...settings, point: "docker-authz" });
  const socketPath = settings.socketPath ?? DEFAULT_PLUGIN_SOCKET;
  // After a start of the host nobody has made it yet: dockerd comes later. Remapped containers go through it.
  if (settings.socketPath === undefined) mkdirSync(dirname(socketPath), { recursive: true, mode: 0o711 });
  let server: AuthzServer;
  try {
    server = await serveAuthzPlugin(socketPath, opened.gate);
  } catch (error) {
    await opened.close();
    throw error;
  }
  opened.metrics.gauge("open_connections", "Connections to the enforcement point.", () => server.connections);
  settings.tell(`the authorization plugin listens on ${socketPath}, the engine is at ${settings.upstream}.`);
  return {
    reload: () => opened.reload(),
    stop: async () => {
      settings.tell("no new questions; dockerd denies every call from now on.");
      await server.stop();
      await opened.close();
    },
  };
}
