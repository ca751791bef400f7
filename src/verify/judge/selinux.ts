import { basename, dirname } from "node:path/posix";
import { quoteForTerminal } from "../../model/quote.ts";
import type { AvcDenial } from "./avc.ts";
import type { Failure } from "./fixes.ts";

/** Bytes of a thread's name that the kernel keeps (TASK_COMM_LEN). */
const COMM_LENGTH = 15;

/**
 * What an audit log says of a failed call; undefined when none of its denials is that one. What the kernel calls by its last name
 * is the file, the directory that was to hold it, or the folder of the host that is mounted there.
 */
export function denialOf(
  denials: readonly AvcDenial[],
  { record, cover }: Pick<Failure, "record" | "cover">,
): AvcDenial | undefined {
  const names = new Set([basename(record.path), basename(dirname(record.path))]);
  if (cover?.kind === "bind") names.add(basename(cover.source));
  const programs = new Set(record.by.map((exe) => basename(exe).slice(0, COMM_LENGTH)));
  return denials.find(
    ({ comm, name, path }) =>
      programs.has(comm) && (path === undefined ? name !== undefined && names.has(name) : path === record.path),
  );
}

/** What to do where SELinux denied a call, or may have. `otherwise` is what helps when it did not. */
export function selinuxFix(denial: AvcDenial | undefined, { cover }: Failure, otherwise: string): string {
  const relabel =
    cover?.kind !== "bind"
      ? undefined
      : `give the bind the option Z (-v ${quoteForTerminal(cover.source)}:${quoteForTerminal(cover.path)}:Z), or z when several containers use it; never a folder that the host itself uses`;
  if (denial === undefined)
    return relabel === undefined
      ? otherwise
      : `${otherwise} Or SELinux, under which this engine runs, denies it (ausearch -m AVC): ${relabel}.`;
  const { sourceType, permissions, targetType } = denial;
  const denied = `SELinux denied it, not owner and mode: ${sourceType} may not ${permissions.join(", ")} what is labelled ${targetType}.`;
  // The type is right, so the categories differ: another container has it for itself.
  if (targetType === CONTAINER_FILE) return `${denied} Another container has it for itself (Z): share it with z.`;
  if (relabel !== undefined) return `${denied} Relabel it: ${relabel}.`;
  return `${denied} Have it labelled ${CONTAINER_FILE}, or let a policy allow it (--security-opt label=type:TYPE).`;
}
const CONTAINER_FILE = "container_file_t";
