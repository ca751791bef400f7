import { basename, dirname } from "node:path/posix";
import { Readable } from "node:stream";
import type { ContainerHandle, ContainerLink } from "../engine.ts";
import type { DockerApi } from "./api.ts";
import { startFailure } from "./start-failures.ts";
import { archiveOf } from "./tree/tar-writer.ts";

/**
 * Puts symlinks into a container that has not been started. Engines take files for a volume also when the root is read-only, and
 * refuse them for a tmpfs, which is not mounted yet (moby daemon/archive_unix.go, containerExtractToDir). Throws E_CONTAINER_START.
 */
export async function putLinks(
  api: DockerApi,
  { id, name }: Pick<ContainerHandle, "id" | "name">,
  links: readonly ContainerLink[],
): Promise<void> {
  for (const [directory, inside] of Map.groupBy(links, ({ path }) => dirname(path))) {
    const members = inside.map(({ path, target }) => ({ type: "symlink" as const, path: basename(path), target }));
    const archive = { action: `put links into ${name}`, path: `/containers/${id}/archive`, query: { path: directory } };
    // Podman takes what is for a missing directory, too (tried with 4.3.1): the link would be nowhere.
    const { status: found } = await api.send({ ...archive, method: "HEAD", accept: [404] });
    if (found === 404) throw startFailure("created", name, `no link can be put into ${directory}: there is none`);
    const { status, message } = await api.send({
      ...archive,
      method: "PUT",
      headers: { "content-type": "application/x-tar" },
      body: Readable.from([archiveOf(members)]),
      accept: [400, 403, 404, 500],
    });
    if (status >= 400) throw startFailure("created", name, `no link can be put into ${directory}: ${message}`);
  }
}
