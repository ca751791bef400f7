/** What is at a path, looked at without following anything. */
export type LinkState =
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "plain" }
  | { readonly kind: "absent" }
  /** Nothing could be asked: no process of the container lives, and no tree of it is at hand. */
  | { readonly kind: "unknown" };

/** Looks at an absolute path whose parents hold no symlink. */
export type LookUp = (path: string) => LinkState;

export interface PathRequest {
  /** As the process gave it. */
  readonly text: string;
  /** Absolute, resolved: where a relative text starts. */
  readonly base: string;
  /** Absolute, resolved: the process's root, where an absolute text and absolute link targets start. */
  readonly root: string;
  readonly followLast: boolean;
  /** The call succeeded: so its parents existed, and one that is absent now has been taken away since. */
  readonly succeeded: boolean;
}

export interface ResolvedPath {
  readonly path: string;
  readonly certain: boolean;
}

/** include/linux/namei.h */
const MAXSYMLINKS = 40;

/**
 * The absolute path in the container that a call's text meant, as path_resolution(7) has it.
 * Never looks at anything through a symlink, and never gets above `root`.
 */
export function resolvePath(request: PathRequest, lookUp: LookUp): ResolvedPath {
  const root = partsOf(request.root);
  const done = request.text.startsWith("/") ? [...root] : partsOf(request.base);
  const todo = partsOf(request.text).toReversed();
  // A slash at the end asks for a directory, and so for what a symlink leads to.
  const followLast = request.followLast || request.text.endsWith("/");
  let certain = true;
  let exists = true;
  let links = 0;
  while (todo.length > 0) {
    const part = todo.pop() as string;
    if (part === ".") continue;
    if (part === "..") {
      if (!sameParts(done, root)) done.pop();
      continue;
    }
    done.push(part);
    const isLast = todo.length === 0;
    if (!exists || (isLast && !followLast)) continue;
    const state = lookUp("/" + done.join("/"));
    if (state.kind === "unknown") certain = false;
    if (state.kind === "absent") {
      exists = false;
      if (request.succeeded && !isLast) certain = false;
    }
    if (state.kind !== "link") continue;
    if (++links > MAXSYMLINKS) break;
    done.pop();
    if (state.target.startsWith("/")) done.splice(0, done.length, ...root);
    todo.push(...partsOf(state.target).toReversed());
  }
  return { path: "/" + done.join("/"), certain };
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

function sameParts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
