import type { Attached } from "../engine.ts";
import type { DockerApi } from "./api.ts";
import { splitStreams } from "./streams.ts";

/** Attaches to the main process. The body stays empty: Podman 4 would hand a JSON one to the process as its stdin. */
export async function attachContainer(
  api: DockerApi,
  id: string,
  options: { readonly stdin: boolean; readonly tty: boolean },
): Promise<Attached> {
  const action = "attach to the container";
  const connection = await api.hijack({
    action,
    method: "POST",
    path: `/containers/${id}/attach`,
    query: { stream: "1", stdout: "1", stderr: "1", ...(options.stdin && { stdin: "1" }) },
  });
  const { stdout, stderr, closed } = splitStreams(connection.output, options.tty, action, (cause) => api.lost(cause));
  // The process may end before it has read everything: that is no error of the writer's.
  connection.input.on("error", () => undefined);
  return { stdin: connection.input, stdout, stderr, closed };
}
