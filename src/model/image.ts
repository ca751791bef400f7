import type { FileType } from "./event.ts";

/** What Petrify needs to know of an image. */
export interface ImageFacts {
  /** Engine's image id, `sha256:...`. */
  readonly id: string;
  /** Repository digests, `repo@sha256:...`. */
  readonly repoDigests: readonly string[];
  readonly repoTags: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  /** Declared VOLUMEs: absolute paths. */
  readonly volumes: readonly string[];
  /** `80/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly hasHealthcheck: boolean;
  readonly stopSignal?: string;
  readonly architecture: string;
  readonly sizeBytes: number;
}

/** What a derivation must know of an image beside its content. */
export type ImageNames = Pick<ImageFacts, "id" | "repoDigests" | "repoTags" | "volumes">;

export interface TreeEntry {
  readonly type: FileType;
  /** Permission bits with setuid, setgid and sticky, e.g. 0o1777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Of a symlink. */
  readonly linkTarget?: string;
}

/** A file tree read without following anything in it: an image's content, or a container's root after a run. */
export interface FileTree {
  /** `lstat` of an absolute, normalised path; undefined when it does not exist. Parents must not be symlinks. */
  entry(path: string): TreeEntry | undefined;
  /** Sorted names in a directory; empty when it is none. */
  children(path: string): readonly string[];
}

/** What a tree answered at one path: to `entry` (null: nothing is there) and to `children`, each absent when it was not asked. */
export interface TreeAnswer {
  readonly path: string;
  readonly entry?: TreeEntry | null;
  readonly children?: readonly string[];
}

/** Absolute path with every symlink of its parents resolved inside the tree (also of the last part when `followLast`). Parts that do not exist are kept. */
export function resolveInTree(tree: FileTree, path: string, followLast: boolean): string {
  const done: string[] = [];
  const todo = path.split("/").filter((part) => part !== "" && part !== ".");
  let links = 0;
  while (todo.length > 0) {
    const part = todo.shift() as string;
    if (part === "..") {
      done.pop();
      continue;
    }
    done.push(part);
    if (todo.length === 0 && !followLast) break;
    const entry = tree.entry("/" + done.join("/"));
    if (entry?.type !== "symlink" || entry.linkTarget === undefined) continue;
    // The kernel gives up after 40 links (MAXSYMLINKS, include/linux/namei.h).
    if (++links > 40) break;
    done.pop();
    if (entry.linkTarget.startsWith("/")) done.length = 0;
    todo.unshift(...entry.linkTarget.split("/").filter((p) => p !== "" && p !== "."));
  }
  return "/" + done.join("/");
}
