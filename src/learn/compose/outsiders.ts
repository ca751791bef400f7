import { PetrifyError } from "../../model/errors.ts";
import type { ComposeConfig } from "./config.ts";

const SHARED = ["network_mode", "pid", "ipc"] as const;

/**
 * Refuses a project that takes part in a container outside of it: a copy would write to that container's volumes, or meet
 * its processes and ports. Throws E_COMPOSE_INVALID.
 */
export function assertSelfContained({ services }: ComposeConfig, file: string): void {
  for (const [name, service] of Object.entries(services)) {
    const shared = SHARED.filter((key) => service[key]?.startsWith("container:") === true);
    const volumes = (service.volumes_from ?? []).filter((from) => !isService(from, services));
    const [key] = [...shared, ...(volumes.length > 0 ? ["volumes_from"] : [])];
    if (key !== undefined)
      throw new PetrifyError(
        "E_COMPOSE_INVALID",
        `${file}, service ${name}: ${key} names a container outside of the project, which a copy of it would change.`,
        { hint: "Start the project yourself and use --container or --during." },
      );
  }
}

/** `SERVICE[:MODE]`, written by docker-compose 1 with `service:` before it in files of the first format. */
function isService(from: string, services: ComposeConfig["services"]): boolean {
  const [first = "", second = ""] = from.split(":");
  return Object.hasOwn(services, first) || (first === "service" && Object.hasOwn(services, second));
}
