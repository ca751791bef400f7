import { statSync } from "node:fs";
import { PetrifyError } from "../model/errors.ts";
import type { Listening } from "../guard/docker-proxy/listen.ts";
import { serveDockerSocket } from "../guard/docker-proxy/server.ts";
import { type GateSettings, openGate } from "./open-gate.ts";

export interface GuardSettings extends GateSettings {
  readonly listening: Listening;
  /** How long calls and streams may go on when it is stopped. */
  readonly graceMs: number;
  readonly connections?: number;
  readonly onFailure: (error: unknown) => void;
}

export interface RunningGuard {
  reload(): Promise<void>;
  /** Resolves when nobody is served any more. */
  stop(): Promise<void>;
}

/** Serves the guarded socket. Throws E_SOCKET_IN_USE, E_IO, E_USAGE and what is wrong with the policy. */
export async function startGuard(settings: GuardSettings): Promise<RunningGuard> {
  const { listening, upstream, tell } = settings;
  if (listening.kind === "path") assertOtherSocket(listening.path, upstream);
  const opened = await openGate(settings);
  try {
    const { onFailure, connections } = settings;
    const limits = connections === undefined ? {} : { connections };
    const server = await serveDockerSocket({ listening, upstream, gate: opened.gate, limits, onFailure });
    opened.metrics.gauge("open_connections", "Connections to the enforcement point.", () => server.connections);
    tell(
      `listening on ${listening.kind === "path" ? listening.path : "the socket of systemd"}, the engine is at ${upstream}.`,
    );
    return {
      reload: () => opened.reload(),
      stop: async () => {
        const { connections: open } = server;
        tell(
          `no new clients; ${open} open ${open === 1 ? "connection" : "connections"} may go on for ${settings.graceMs / 1000} s.`,
        );
        await server.drain(settings.graceMs);
        await opened.close();
      },
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function assertOtherSocket(path: string, upstream: string): void {
  const [own, engine] = [path, upstream].map((file) => statSync(file, { throwIfNoEntry: false }));
  if (path !== upstream && (own === undefined || own.ino !== engine?.ino || own.dev !== engine.dev)) return;
  throw new PetrifyError("E_USAGE", "--docker-socket and --upstream are the same socket.", {
    hint: "Clients connect to the first, petrify guard to the second: `petrify guard install` arranges it.",
  });
}
