import type { ApiRequest } from "./api.ts";
import { LIBPOD_VERSION } from "./podman/libpod.ts";
import type { QuirkName } from "./quirks.ts";

/** Where a DELETE takes a container away at once, running or not, with its anonymous volumes. */
export function forcedRemoval(
  containerId: string,
  quirks: ReadonlySet<QuirkName>,
): Pick<ApiRequest, "version" | "path" | "query"> {
  if (!quirks.has("removalStops")) return { path: `/containers/${containerId}`, query: { force: "1", v: "1" } };
  const query = { force: "1", volumes: "1", timeout: "0" };
  return { version: LIBPOD_VERSION, path: `/libpod/containers/${containerId}`, query };
}
