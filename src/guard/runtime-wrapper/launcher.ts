import { shellQuote } from "../../export/shell-quote.ts";

/** Paths are absolute: nothing is looked for when a container starts. */
export interface LauncherPaths {
  /** The runtime that it stands in front of. */
  readonly runtime: string;
  readonly node: string;
  readonly entry: string;
  readonly settings: string;
}

/**
 * The program that engines start as their runtime: a shell, as Node cannot exec(2). It starts Node only where one of the words may
 * create a container (Node then looks closer), and becomes the real runtime, with arguments, environment and open files as they came.
 * Standard input is the container's: Node gets none of it.
 */
export function launcherScript({ runtime, node, entry, settings }: LauncherPaths): string {
  return `#!/bin/sh
# ${LAUNCHER_MARK} Made by \`petrify guard install\`; removed by \`petrify guard uninstall\`.
for word in "$@"; do
  case $word in
    create | run | restore)
      # What is written meanwhile is nobody else's to read, whatever the caller's mask is.
      (umask 077; exec /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
        ${shellQuote(node)} ${shellQuote(entry)} ${shellQuote(settings)} "$@") < /dev/null || exit 1
      break
      ;;
  esac
done
exec ${shellQuote(runtime)} "$@"
`;
}

/** By which the launcher is known. */
export const LAUNCHER_MARK = "Petrify's runtime wrapper.";
