import type { FileTree, TreeAnswer, TreeEntry } from "../model/image.ts";

/** Hands questions on to a tree, and remembers what was asked and answered. */
export class AskedTree implements FileTree {
  readonly #tree: FileTree;
  readonly #entries = new Map<string, TreeEntry | null>();
  readonly #children = new Map<string, readonly string[]>();

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  entry(path: string): TreeEntry | undefined {
    const entry = this.#tree.entry(path);
    this.#entries.set(path, entry ?? null);
    return entry;
  }

  children(path: string): readonly string[] {
    const names = this.#tree.children(path);
    this.#children.set(path, names);
    return names;
  }

  /** Sorted by path. */
  answers(): readonly TreeAnswer[] {
    const paths = [...new Set([...this.#entries.keys(), ...this.#children.keys()])].toSorted();
    return paths.map((path) => {
      const entry = this.#entries.get(path);
      const children = this.#children.get(path);
      return { path, ...(entry === undefined ? {} : { entry }), ...(children === undefined ? {} : { children }) };
    });
  }
}

/** A question that a slice of a tree cannot answer. */
export class UnknownPath extends Error {
  readonly path: string;
  constructor(path: string) {
    super(`nothing is known of ${path}`);
    this.path = path;
  }
}

/** A tree of which only some answers are known; throws UnknownPath when it is asked for another one. */
export class SliceTree implements FileTree {
  readonly #answers: ReadonlyMap<string, TreeAnswer>;

  constructor(answers: readonly TreeAnswer[]) {
    this.#answers = new Map(answers.map((answer) => [answer.path, answer]));
  }

  entry(path: string): TreeEntry | undefined {
    const entry = this.#answers.get(path)?.entry;
    if (entry === undefined) throw new UnknownPath(path);
    return entry ?? undefined;
  }

  children(path: string): readonly string[] {
    const children = this.#answers.get(path)?.children;
    if (children === undefined) throw new UnknownPath(path);
    return children;
  }
}

/** What is known at the paths right now: for a tree that may be gone in a moment. */
export function lookedUp(tree: FileTree, paths: readonly string[]): readonly TreeAnswer[] {
  const asked = new AskedTree(tree);
  for (const path of paths) asked.entry(path);
  return asked.answers();
}
