import { basename } from "node:path/posix";
import { startedCode } from "../audit/started-code.ts";
import type { Strategy } from "../model/strategy.ts";
import { isWithin } from "../strategy/paths.ts";
import { cleanPath } from "./paths.ts";
import type { ContainerRequest } from "./request.ts";
import { strategiesFor } from "./strategies.ts";

/** Where programs and libraries of every image lie (FHS 3.0, chapters 3 and 4). */
const CODE = (
  "/bin /sbin /lib /lib32 /lib64 /libx32 /usr/bin /usr/sbin /usr/lib /usr/lib32 /usr/lib64 /usr/libx32 /usr/libexec /usr/games " +
  "/usr/local/bin /usr/local/sbin /usr/local/lib /usr/local/lib64 /usr/local/libexec /usr/local/games"
).split(" ");
/** Names of directories that hold nothing but programs. */
const PROGRAMS_ONLY: ReadonlySet<string> = new Set(["bin", "sbin", ".bin", "libexec"]);
/** Of a longer PATH or command line nobody profits but who would keep the guard busy. */
const MOST = 256;

/** Why a writable mount at `target` lies over programs; undefined when it does not. */
export type CodeAt = (target: string) => string | undefined;

/** Tells of any place whether a mount there would hide or replace programs: at or above them, and in directories that hold nothing else. */
export function codeIn(container: ContainerRequest): CodeAt {
  const searched = searchPath(container);
  const started = startedCode(wordsOf(container), container.workingDir ?? container.image?.workingDir ?? "/");
  return (target) => {
    if (target === "/") return "everything";
    const shipped = CODE.find((directory) => isWithin(target, directory) || isWithin(directory, target));
    if (shipped !== undefined) return `programs and libraries in ${shipped}`;
    const found = searched.find(
      (directory) =>
        isWithin(directory, target) || (PROGRAMS_ONLY.has(basename(directory)) && isWithin(target, directory)),
    );
    if (found !== undefined) return `the directory ${found} of PATH`;
    const program = started.find(({ path }) => isWithin(path, target));
    return program === undefined ? undefined : `the program ${program.word} that it starts`;
  };
}

/** Writable mounts, and VOLUMEs of the image on which the client mounts nothing: the engine makes them writable. */
export function writableTargets({ mounts, image }: ContainerRequest): readonly string[] {
  const own = new Set(mounts.map(({ target }) => cleanPath(target)));
  const writable = mounts.filter(({ readOnly }) => !readOnly).map(({ target }) => cleanPath(target));
  const declared = (image?.volumes ?? []).map(cleanPath).filter((path) => !own.has(path));
  return [...new Set([...writable, ...declared])];
}

/** Places where strategies for this image let it write: whoever wrote the policy's folder has decided about them. */
export function approvedTargets(container: ContainerRequest, strategies: readonly Strategy[]): ReadonlySet<string> {
  return new Set(
    strategiesFor(container, strategies)
      .flatMap(({ entries }) => entries)
      .filter(({ kind }) => kind !== "deny" && kind !== "image" && kind !== "bind")
      .map(({ path }) => cleanPath(path)),
  );
}

/** Directories of PATH, as the image has it and as the client sets it; `/` says nothing. */
function searchPath({ env, image }: ContainerRequest): readonly string[] {
  const directories = [image?.env ?? [], env].flatMap((variables) =>
    variables
      .filter((variable) => variable.startsWith("PATH="))
      .flatMap((variable) => variable.slice("PATH=".length).split(":", MOST))
      .slice(0, MOST),
  );
  const absolute = directories.filter((directory) => directory.startsWith("/")).map(cleanPath);
  return [...new Set(absolute)].filter((directory) => directory !== "/");
}

function wordsOf({ entrypoint, command, image }: ContainerRequest): readonly string[] {
  // An entrypoint of the client's own takes the image's command away (docker run --entrypoint).
  const own = command ?? (entrypoint === undefined ? image?.command : undefined) ?? [];
  return [...(entrypoint ?? image?.entrypoint ?? []), ...own].slice(0, MOST);
}
