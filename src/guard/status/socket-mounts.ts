import { isWithin } from "../../strategy/paths.ts";
import type { SocketContainer } from "./host-view.ts";

/** A line of /proc/PID/mountinfo (proc(5)). */
export interface MountLine {
  /** `0:25`: which file system. */
  readonly device: string;
  /** What of it is mounted; ends with `//deleted` when that has gone meanwhile. */
  readonly root: string;
  readonly target: string;
}

export function parseMountinfo(text: string): readonly MountLine[] {
  return text.split("\n").flatMap((line) => {
    const [, , device, root, target] = line.split(" ");
    if (device === undefined || root === undefined || target === undefined) return [];
    return [{ device, root: unescaped(root), target: unescaped(target) }];
  });
}

/** A container's mounts. */
export interface ContainerMounts {
  readonly name: string;
  readonly mounts: readonly MountLine[];
}

/** The containers that have one of the host's sockets, or a directory that it lies in; `host` are the host's own mounts. */
export function socketContainers(
  paths: readonly string[],
  host: readonly MountLine[],
  containers: readonly ContainerMounts[],
): readonly SocketContainer[] {
  return paths.flatMap((path) => {
    const around = host.findLast(({ target }) => isWithin(path, target));
    if (around === undefined) return [];
    const place = `${around.root === "/" ? "" : around.root}${path.slice(around.target === "/" ? 0 : around.target.length)}`;
    return containers.flatMap(({ name, mounts }): readonly SocketContainer[] => {
      const same = mounts.filter(({ device }) => device === around.device);
      if (same.some(({ root }) => isWithin(place, root))) return [{ name, source: path, old: false }];
      return same.some(({ root }) => root === `${place}//deleted`) ? [{ name, source: path, old: true }] : [];
    });
  });
}

/** Space, tab, newline and backslash are written in octal. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
