import { quoteForTerminal } from "../../model/quote.ts";
import type { ApiCall } from "../api-call.ts";
import { cleanPath } from "../docker-api/create/paths.ts";
import { type Assessment, judgeOf, refuse, refuseMissing } from "./assessment.ts";
import type { Lookups } from "./lookups.ts";
import { queryValue } from "./query.ts";
import { asItIs } from "./as-it-is.ts";

/**
 * Files that are put into a container from outside. Engines put none where its root is read-only, and do not say what helps (dockerd
 * "container rootfs is marked read-only": daemon/archive_unix.go); what lies in a mount is left to them. Podman looks at what is mounted
 * only while the container runs, and otherwise writes into the root where a path in a mount or in the archive leads there by links.
 */
export async function assessCopy(call: ApiCall, name: string, lookups: Lookups): Promise<Assessment> {
  const found = await lookups.container(name);
  if (found === undefined) return refuseMissing(name, call);
  const container = await asItIs(found.container, lookups);
  const asked = queryValue(call, "path");
  const path = asked === undefined ? undefined : cleanPath(`/${asked}`);
  const isInMount = container.mounts.some(({ target }) => path === target || path?.startsWith(`${target}/`) === true);
  if (isInMount && container.readOnlyRoot && found.isOpenToCopies === true)
    return refuse(
      403,
      "copy-stopped",
      "Nothing can be copied into a read-only container of Podman's that does not run: by a link in a mount it would get into the root. " +
        "Copy while it runs, or mount the file when the container is made (-v FILE:PATH:ro).",
    );
  if (path === undefined || isInMount || !container.readOnlyRoot)
    return judgeOf(found, { action: "copy", container, createdMs: found.createdMs });
  const writable = container.mounts.find(({ type, readOnly }) => type === "tmpfs" && !readOnly)?.target;
  const wayIn =
    writable === undefined
      ? ""
      : `, or put it into a directory that is writable: tar -c FILE | docker exec -i ${quoteForTerminal(name)} tar -xC ${quoteForTerminal(writable)}`;
  return refuse(
    403,
    "copy-read-only",
    `The container's root is read-only, so that nothing can be copied to '${quoteForTerminal(path)}'. Mount the file when the container is made ` +
      `(-v FILE:PATH:ro)${wayIn}.`,
  );
}
