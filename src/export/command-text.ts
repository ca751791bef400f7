import { PetrifyError } from "../model/errors.ts";
import type { Workload } from "../model/workload.ts";
import { dockerCommand } from "./docker-flags.ts";
import { oneLine } from "./notes.ts";
import { shellQuote } from "./shell-quote.ts";

/** A command for a POSIX shell, one flag a line. Throws E_EXPORT_UNSUPPORTED. */
export function commandLines(lines: readonly (readonly string[])[]): string {
  return `${lines.map((line) => line.map(shellQuote).join(" ")).join(" \\\n  ")}\n`;
}

/** Comments for a shell, a unit file or YAML; each on one line. */
export function commentLines(comments: readonly string[]): string {
  return comments.map((line) => `# ${oneLine(line)}\n`).join("");
}

/** `--name`, where the workload's name can be one of a container: it has at least two characters (moby daemon/names/names.go). */
export function nameFlag({ name }: Workload): string[][] {
  return /^[a-z0-9][a-z0-9_.-]+$/.test(name) ? [["--name", name]] : [];
}

/** Image and command, the last words of `docker run`. Throws E_EXPORT_UNSUPPORTED for an image that would be read as a flag. */
export function imageAndCommand(program: "docker" | "podman", image: string, workload: Workload): string[] {
  if (image.startsWith("-"))
    throw new PetrifyError("E_EXPORT_UNSUPPORTED", `${program} run would read the image '${image}' as a flag.`);
  return [image, ...dockerCommand(workload)];
}
