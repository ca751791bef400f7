import { basename } from "node:path/posix";
import { startedCode } from "../audit/started-code.ts";
import type { Strategy } from "../model/strategy.ts";
import { isWithin } from "../strategy/paths.ts";
import { isOfImage } from "./strategies.ts";
import { cleanPath } from "./paths.ts";
import type { ContainerRequest, RequestedMount } from "./request.ts";

/** Where programs and libraries of every image lie (FHS 3.0, chapters 3 and 4). */
const CODE = (
  "/bin /sbin /lib /lib32 /lib64 /libx32 /usr/bin /usr/sbin /usr/lib /usr/lib32 /usr/lib64 /usr/libx32 /usr/libexec /usr/games " +
  "/usr/local/bin /usr/local/sbin /usr/local/lib /usr/local/lib64 /usr/local/libexec /usr/local/games"
).split(" ");
/** Names of directories that hold nothing but programs. */
const PROGRAMS_ONLY: ReadonlySet<string> = new Set(["bin", "sbin", ".bin", "libexec"]);

/** Writable mounts, and VOLUMEs of the image on which the client mounts nothing: the engine makes them writable. */
export function writableTargets({ mounts, image }: ContainerRequest): readonly string[] {
  const own = new Set(mounts.map(({ target }) => cleanPath(target)));
  return [
    ...mounts.filter(({ readOnly }) => !readOnly).map(({ target }: RequestedMount) => cleanPath(target)),
    ...(image?.volumes ?? []).map(cleanPath).filter((path) => !own.has(path)),
  ];
}

/** Why programs of the container lie at `target`, above or (where nothing else lies) below it; undefined when none do. */
export function codeAt(target: string, container: ContainerRequest): string | undefined {
  if (target === "/") return "everything";
  const shipped = CODE.find((directory) => isWithin(target, directory) || isWithin(directory, target));
  if (shipped !== undefined) return `programs and libraries in ${shipped}`;
  const searched = searchPath(container).find(
    (directory) =>
      isWithin(directory, target) || (PROGRAMS_ONLY.has(basename(directory)) && isWithin(target, directory)),
  );
  if (searched !== undefined) return `the directory ${searched} of PATH`;
  const started = startedCode(target, wordsOf(container), container.workingDir ?? container.image?.workingDir ?? "/");
  return started === undefined ? undefined : `the program ${started} that it starts`;
}

/** Places where strategies for this image let it write: whoever wrote the policy's folder has decided about them. */
export function approvedTargets(container: ContainerRequest, strategies: readonly Strategy[]): ReadonlySet<string> {
  return new Set(
    strategies
      .filter((strategy) => isOfImage(strategy, container))
      .flatMap(({ entries }) => entries)
      .filter(({ kind }) => kind !== "deny" && kind !== "image" && kind !== "bind")
      .map(({ path }) => cleanPath(path)),
  );
}

/** Directories of PATH, as the image has it and as the client sets it; `/` says nothing. */
function searchPath({ env, image }: ContainerRequest): readonly string[] {
  return [...(image?.env ?? []), ...env]
    .filter((variable) => variable.startsWith("PATH="))
    .flatMap((variable) => variable.slice("PATH=".length).split(":"))
    .filter((directory) => directory.startsWith("/"))
    .map(cleanPath)
    .filter((directory) => directory !== "/");
}

function wordsOf({ entrypoint, command, image }: ContainerRequest): readonly string[] {
  // An entrypoint of the client's own takes the image's command away (docker run --entrypoint).
  return [
    ...(entrypoint ?? image?.entrypoint ?? []),
    ...(command ?? (entrypoint === undefined ? image?.command : undefined) ?? []),
  ];
}
