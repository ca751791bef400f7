import { readFileSync, readlinkSync } from "node:fs";
import type { MountRef } from "../../model/event.ts";
import { TRACE_TARGET } from "./command.ts";
import { TOOLS_TARGET } from "./tools.ts";

/** Mounts of a process, as it sees them, without the tracer's own; every user may read them. Undefined when it has ended. */
export function mountsOf(pid: number): readonly MountRef[] | undefined {
  try {
    return parseMountInfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8"));
  } catch {
    return undefined;
  }
}

/** Lines of proc_pid_mountinfo(5): id, parent, device, root, mount point, options, tags, `-`, type, ... */
export function parseMountInfo(text: string): readonly MountRef[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.split(" ");
    const [, , , , target, options] = fields;
    const fsType = fields[fields.indexOf("-") + 1];
    if (target === undefined || options === undefined || fsType === undefined) return [];
    if (target === TOOLS_TARGET || target === TRACE_TARGET) return [];
    return [{ target: unescape(target), fsType, readOnly: options.split(",").includes("ro") }];
  });
}

/** Space, tab, newline and backslash are octal there. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Real uid and gid of a process, as its user namespace has them; undefined when it has ended. */
export function idsOf(pid: number): { readonly uid: number; readonly gid: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const id = (name: string): number => Number(new RegExp(`^${name}:\\t(\\d+)`, "m").exec(status)?.[1] ?? 0);
    const inside = (kind: "uid" | "gid", outside: number): number =>
      idInside(readFileSync(`/proc/${pid}/${kind}_map`, "utf8"), outside);
    return { uid: inside("uid", id("Uid")), gid: inside("gid", id("Gid")) };
  } catch {
    return undefined;
  }
}

/** By lines of user_namespaces(7): first id inside, first outside, length. Exported for its test. */
export function idInside(map: string, outside: number): number {
  for (const line of map.split("\n")) {
    const [inside = 0, first = 0, length = 0] = line.trim().split(/\s+/).map(Number);
    if (outside >= first && outside < first + length) return inside + outside - first;
  }
  return outside;
}

/** Working directory of a process as its mount namespace has it; undefined without the right to look. */
export function cwdOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
