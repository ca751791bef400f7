import * as z from "zod";
import { PetrifyError } from "../../model/errors.ts";
import type { ContainerProcess } from "../engine.ts";
import type { ApiRequest, DockerApi } from "./api.ts";
import { parseJson, readBody } from "./body.ts";
import { malformed } from "./failures.ts";
import { LIBPOD_VERSION } from "./podman/libpod.ts";
import type { QuirkName } from "./quirks.ts";
import { topAnswer } from "./schemas.ts";

/** Its processes as the engine sees them; empty when it does not run any more. */
export async function containerProcesses(
  api: DockerApi,
  { id, name }: { readonly id: string; readonly name: string },
  quirks: ReadonlySet<QuirkName>,
): Promise<readonly ContainerProcess[]> {
  const action = `list the processes of ${name}`;
  const request: ApiRequest = quirks.has("topRunsPs")
    ? {
        action,
        method: "GET",
        version: LIBPOD_VERSION,
        path: `/libpod/containers/${id}/top`,
        query: { ps_args: "pid,ppid,comm" },
      }
    : { action, method: "GET", path: `/containers/${id}/top`, query: { ps_args: "-eo pid,ppid,comm" } };
  const response = await api.open({ ...request, accept: [404, 409, 500] });
  const body = await readBody(response, action).catch((error: unknown) => {
    throw error instanceof PetrifyError ? error : api.lost(error);
  });
  // Podman 4.3.1 begins its answer before it looks: of one that has ended it is empty.
  if ((response.statusCode ?? 0) >= 400 || body.length === 0) return [];
  const parsed = topAnswer.safeParse(parseJson(body.toString("utf8"), action));
  if (!parsed.success) throw malformed(action, z.prettifyError(parsed.error), parsed.error);
  const { Processes } = parsed.data;
  return (Processes ?? []).flatMap(([pid = "", parentPid = "", ...words]) => {
    const process = { pid: Number(pid), parentPid: Number(parentPid), name: words.join(" ") };
    return Number.isInteger(process.pid) && Number.isInteger(process.parentPid) ? [process] : [];
  });
}
