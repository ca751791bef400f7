import type { LayerChange } from "../../model/change.ts";
import { formatSize } from "../../model/units.ts";
import { isBelow } from "../../strategy/paths.ts";
import { isPassing } from "../../strategy/rules/classes.ts";
import { isLogName } from "../../strategy/rules/logs.ts";
import { findMark } from "./marks.ts";
import { unsafeText } from "../../model/plain-name.ts";
import { leadsOut } from "./names.ts";
import { asText, secretContent, secretName } from "./secrets.ts";
import type { Mark, Refusal } from "./types.ts";

/** More is no configuration: it belongs into the build of the image itself. */
export const CONTENT_LIMIT_BYTES = 2 ** 20;
const SETUID_OR_SETGID = 0o6000;

export interface RefusalContext {
  /** Of all fresh starts and of the host. */
  readonly marks: readonly Mark[];
  /** The run has content of this host in it. */
  readonly hasForeignMounts: boolean;
}

/** Why what one fresh start left at a path never becomes part of an image, whatever other starts did; undefined when it may. */
export function refuse(change: LayerChange, context: RefusalContext): Refusal | undefined {
  const { path, entry } = change;
  const unsafe = unsafeText(path);
  if (unsafe !== undefined) return { kind: "unsafe", reason: unsafe };
  const named = entry?.type === "dir" ? undefined : secretName(path);
  if (named !== undefined) return named;
  const pathMark = findMark(path, context.marks);
  if (pathMark !== undefined) return { kind: "host", reason: `its name holds ${pathMark}` };
  if (entry === undefined)
    return { kind: "differs", reason: "every fresh start deletes it; delete it in the image's own Dockerfile" };
  if (entry.type === "dir") return undefined;
  if (PASSING.some((directory) => isBelow(path, directory)))
    return { kind: "differs", reason: "it lies where platforms mount an empty directory" };
  if (entry.type === "symlink") return refuseLink(path, entry.linkTarget ?? "", context);
  if (entry.type === "file") return refuseFile(change, entry.mode, context);
  return { kind: "unsafe", reason: `it is a ${entry.type === "other" ? "special file" : entry.type}` };
}

/** What is baked there is hidden by a tmpfs that podman and CRI-O mount by themselves under a read-only root. */
const PASSING: readonly string[] = ["/run", "/tmp", "/var/tmp"];

function refuseLink(path: string, target: string, { marks }: RefusalContext): Refusal | undefined {
  const unsafe = unsafeText(target)?.replace("its name", "its target");
  if (unsafe !== undefined) return { kind: "unsafe", reason: unsafe };
  if (leadsOut(path, target)) return { kind: "unsafe", reason: "it is a link that leads out of the root" };
  const mark = findMark(target, marks);
  return mark === undefined ? undefined : { kind: "host", reason: `it leads to ${mark}` };
}

function refuseFile(
  { path, content, hasCapabilities }: LayerChange,
  mode: number,
  { marks, hasForeignMounts }: RefusalContext,
): Refusal | undefined {
  if ((mode & SETUID_OR_SETGID) !== 0) return { kind: "unsafe", reason: "it runs as another user (setuid or setgid)" };
  if (hasCapabilities === true) return { kind: "unsafe", reason: "it runs with capabilities" };
  if (isPassing(path, "file")) return { kind: "differs", reason: "it means nothing once its process is gone" };
  if (isLogName(path)) return { kind: "differs", reason: "it is a log, and what is written to it later would be lost" };
  if (content === undefined) return { kind: "differs", reason: "it went away while it was read" };
  if (content === "too large")
    return { kind: "unsafe", reason: `it is larger than ${formatSize(CONTENT_LIMIT_BYTES)}` };
  const secret = secretContent(content);
  if (secret !== undefined) return secret;
  const mark = findMark(asText(content), marks);
  if (mark !== undefined) return { kind: "host", reason: `it holds ${mark}` };
  if (hasForeignMounts)
    return { kind: "host", reason: "the run mounts files of this host: its content may come from there" };
  return undefined;
}
