import { quoteForTerminal } from "../../model/quote.ts";
import type { ApiCall } from "../api-call.ts";
import { type Assessment, judgeOf, refuse, refuseMissing } from "./assessment.ts";
import type { Lookups } from "./lookups.ts";
import { queryValue } from "./query.ts";
import { asItIs } from "./as-it-is.ts";

/**
 * Files that are put into a container from outside. Engines put none where its root is read-only, and do not say what helps (dockerd
 * "container rootfs is marked read-only": daemon/archive_unix.go); what lies in a mount is left to them.
 */
export async function assessCopy(call: ApiCall, name: string, lookups: Lookups): Promise<Assessment> {
  const found = await lookups.container(name);
  if (found === undefined) return refuseMissing(name, call);
  const container = await asItIs(found.container, lookups);
  const path = queryValue(call, "path");
  const isInMount = container.mounts.some(({ target }) => path === target || path?.startsWith(`${target}/`) === true);
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
