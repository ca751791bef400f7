import { DockerApi } from "../docker/api.ts";
import { quirksOf } from "../docker/quirks.ts";
import { listSessions, removeSession } from "../docker/session-resources.ts";

/**
 * Removes what sessions left in an engine that has just started: none of them lives, for an engine ends with its last
 * user. Images and the user's own volumes stay.
 */
export async function removeOrphans(socketPath: string): Promise<void> {
  const api = new DockerApi({ kind: "unix", path: socketPath });
  try {
    for (const { session } of await listSessions(api)) await removeSession(api, session, quirksOf("docker"));
  } finally {
    api.close();
  }
}
