import * as z from "zod";
import type { FileType } from "../../../model/event.ts";
import type { LayerChange } from "../../../model/change.ts";
import type { DockerApi } from "../api.ts";

/** Header of an answer about a path (moby api/types/container, PathStat), as JSON in base64. */
const pathStat = z.object({
  size: z.number().nonnegative(),
  mode: z.number().nonnegative(),
  mtime: z.iso.datetime({ offset: true }),
  linkTarget: z.string().optional(),
});

/** Bits of Go's io/fs FileMode above the permissions. */
const GO = {
  dir: 2 ** 31,
  symlink: 2 ** 27,
  device: 2 ** 26,
  fifo: 2 ** 25,
  socket: 2 ** 24,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  sticky: 2 ** 20,
};
const TYPES: readonly FileType[] = ["dir", "symlink", "device", "fifo", "socket"];

/** What the engine tells of one path of a container, without its content and owner; undefined when it tells nothing. */
export async function askForFile(
  api: DockerApi,
  containerId: string,
  path: string,
): Promise<Pick<LayerChange, "entry" | "changedAtMs"> | undefined> {
  const response = await api.open({
    action: "look at a file of the container",
    method: "HEAD",
    path: `/containers/${containerId}/archive`,
    query: { path },
    accept: [400, 404, 500],
  });
  response.resume();
  const header = response.headers["x-docker-container-path-stat"];
  if (response.statusCode !== 200 || typeof header !== "string") return undefined;
  const stat = parse(header);
  if (stat === undefined) return undefined;
  const { size, mode, mtime, linkTarget } = stat;
  const has = (bit: number): boolean => Math.floor(mode / bit) % 2 === 1;
  const type = TYPES.find((name) => has(GO[name as keyof typeof GO])) ?? "file";
  const special = (has(GO.setuid) ? 0o4000 : 0) | (has(GO.setgid) ? 0o2000 : 0) | (has(GO.sticky) ? 0o1000 : 0);
  return {
    entry: {
      type,
      mode: (mode % 0o1000) | special,
      uid: 0,
      gid: 0,
      sizeBytes: type === "file" ? size : 0,
      ...(type === "symlink" && linkTarget !== undefined ? { linkTarget } : {}),
    },
    changedAtMs: Date.parse(mtime),
  };
}

function parse(header: string): z.infer<typeof pathStat> | undefined {
  try {
    return pathStat.safeParse(JSON.parse(Buffer.from(header, "base64").toString("utf8"))).data;
  } catch {
    return undefined;
  }
}
