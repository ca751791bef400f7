import type { FileType } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";
import { hashedLevels } from "./hashed-folders.ts";
import { besideShipped, generaliseName, generaliseTemporaryFile, holdsTemporaryNames, WILDCARD } from "./names.ts";
import { PathState } from "./path-state.ts";

/** How the names of one directory are counted: a crowd of one group does not hide the few of another. */
type Group = "shipped" | "dirs" | "others";

export interface TreeLimits {
  /** Names in one directory, per group, before they become `*`. */
  readonly names: Readonly<Record<Group, number>>;
  /** Nodes in the whole tree before the limits above are halved. */
  readonly nodes: number;
  /** Parts of a path that are kept apart. */
  readonly depth: number;
}

export const DEFAULT_LIMITS: TreeLimits = { names: { shipped: 200, dirs: 40, others: 40 }, nodes: 20_000, depth: 48 };

/** Aliases in the whole tree, so that a container that renames in a loop does not fill the memory. */
const MAX_ALIASES = 10_000;

/** A directory entry: one name, or all names that a pattern stands for. */
export class PathNode {
  state: PathState | undefined;
  children = new Map<string, PathNode>();
  counts: Record<Group, number> = { shipped: 0, dirs: 0, others: 0 };
  readonly crowded = new Set<Group>();
  /** Where this node's knowledge went when its directory became crowded. */
  mergedInto: PathNode | undefined;
  /** Nodes that something here was renamed to or linked as. */
  movesTo: Set<PathNode> | undefined;
  /** A file system is mounted here: its bytes are not those of the directories above. */
  isMountPoint = false;
  /** Names of children that a rename showed to be a template's, although they look like words. */
  aliases: Map<string, string> | undefined;
  liveBytes = 0;
  peakBytes = 0;
  shippedNames: ReadonlySet<string> | undefined;
  name: string;
  parent: PathNode | undefined;
  group: Group;
  readonly holdsTemporaryNames: boolean;

  constructor(name: string, parent: PathNode | undefined, group: Group) {
    this.name = name;
    this.parent = parent;
    this.group = group;
    this.holdsTemporaryNames = holdsTemporaryNames(this.path);
  }

  get path(): string {
    if (this.parent === undefined) return "/";
    return this.parent.parent === undefined ? `/${this.name}` : `${this.parent.path}/${this.name}`;
  }

  /** Whether this node stands for exactly one path, which the image has. */
  get isShipped(): boolean {
    return this.parent === undefined || this.group === "shipped";
  }

  resolve(): PathNode {
    return this.mergedInto === undefined ? this : this.mergedInto.resolve();
  }
}

/**
 * The written paths as a tree that stays small: variable names become patterns as they come, and the names of a crowded directory become `*`.
 * Which names are merged depends on which names there are, not on the order in which they come.
 */
export class PathTree {
  readonly root = new PathNode("", undefined, "shipped");
  /** Some paths were attributed to a directory above them: there was no room to keep them apart. */
  isSaturated = false;
  #nodes = 1;
  #aliases = 0;
  #names: Record<Group, number>;
  readonly #limits: TreeLimits;
  readonly #image: FileTree | undefined;

  constructor(image: FileTree | undefined, limits: TreeLimits) {
    this.#image = image;
    this.#limits = limits;
    this.#names = { ...limits.names };
  }

  get nodeCount(): number {
    return this.#nodes;
  }

  get aliasCount(): number {
    return this.#aliases;
  }

  /** The node for an absolute path, made when it does not exist. */
  locate(path: string, isDirectory: boolean): PathNode {
    const parts = path.split("/");
    const last = parts.length - 1;
    const firstHashed = isDirectory ? last : last - hashedLevels(parts);
    let node = this.root;
    let at = 0;
    for (let i = 1; i <= last; i++) {
      const part = parts[i] as string;
      if (part === "") continue;
      const parent = node;
      if (i > this.#limits.depth) return this.#crowd(parent);
      at += part.length + 1;
      if (i >= firstHashed && i < last) this.#standsForAll(parent, part);
      node = this.#child(parent, part, i < last || isDirectory, path, at);
      if (node === parent) return node;
    }
    return node;
  }

  /** The node for a path when something is known there; undefined otherwise. */
  find(path: string): PathNode | undefined {
    let node: PathNode | undefined = this.root;
    let depth = 0;
    for (const part of path.split("/")) {
      if (part === "") continue;
      node = ++depth > this.#limits.depth ? node.children.get(WILDCARD) : this.#existing(node, part);
      if (node === undefined || depth > this.#limits.depth) return node;
    }
    return node;
  }

  /** Gives a node the pattern that its later use showed, merging it with what the pattern already stands for. */
  rename(node: PathNode, pattern: string): void {
    const { parent, group } = node;
    if (parent === undefined || group === "shipped" || node.name === pattern || node.name === WILDCARD) return;
    parent.children.delete(node.name);
    parent.counts[group]--;
    this.#alias(parent, node.name, pattern);
    this.#adopt(parent, node, pattern);
  }

  /** A name that is chance although it is too short to look like it: from now on it is the pattern of its directory. */
  #standsForAll(parent: PathNode, name: string): void {
    if (name === WILDCARD || this.isShipped(parent, name)) return;
    const known = parent.children.get(name);
    if (known === undefined) this.#alias(parent, name, WILDCARD);
    else this.rename(known, WILDCARD);
  }

  /** The kernel's late total of a renamed file still comes under its old name. */
  #alias(parent: PathNode, name: string, pattern: string): void {
    if (generaliseName(name) === pattern) return;
    parent.aliases ??= new Map();
    if (!parent.aliases.has(name)) this.#aliases++;
    parent.aliases.set(name, pattern);
    if (this.#aliases < MAX_ALIASES) return;
    // A flood of such names: late totals are near their renames, so the older ones of this directory can go.
    this.#aliases -= parent.aliases.size;
    parent.aliases = undefined;
  }

  /** Parents before their children. */
  *nodes(): Generator<PathNode> {
    const waiting = [this.root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      yield node;
      waiting.push(...node.children.values());
    }
  }

  /** The type the image has at a node that stands for exactly one of its paths. */
  shippedType(node: PathNode): FileType | undefined {
    return node.isShipped ? this.#image?.entry(node.path)?.type : undefined;
  }

  /** Whether the image has this name in this directory. */
  isShipped(node: PathNode, name: string): boolean {
    if (this.#image === undefined || !node.isShipped) return false;
    node.shippedNames ??= new Set(this.#image.children(node.path));
    return node.shippedNames.has(name);
  }

  #existing(node: PathNode, part: string): PathNode | undefined {
    const exact = node.children.get(part);
    if (exact !== undefined) return exact;
    if (this.isShipped(node, part)) return node.crowded.has("shipped") ? node.children.get(WILDCARD) : undefined;
    const pattern = node.children.get(this.#patternOf(node, part));
    if (pattern !== undefined) return pattern;
    return node.crowded.has("others") || node.crowded.has("dirs") ? node.children.get(WILDCARD) : undefined;
  }

  #child(parent: PathNode, part: string, isDirectory: boolean, path: string, end: number): PathNode {
    const exact = parent.children.get(part);
    if (exact !== undefined) return this.#regroup(parent, exact, isDirectory);
    const shipped = this.isShipped(parent, part);
    const key = shipped ? part : this.#patternOf(parent, part);
    const existing = parent.children.get(key);
    if (existing !== undefined) return this.#regroup(parent, existing, isDirectory);
    const group: Group = shipped ? "shipped" : isDirectory ? "dirs" : "others";
    if (parent.crowded.has(group)) return this.#crowd(parent);
    if (this.#nodes >= this.#limits.nodes) {
      if (this.#tighten()) return this.locate(path.slice(0, end), isDirectory);
      this.isSaturated = true;
      return parent;
    }
    const child = this.#add(parent, key, group);
    return this.#limit(parent, group) ? child.resolve() : child;
  }

  #add(parent: PathNode, name: string, group: Group): PathNode {
    const child = new PathNode(name, parent, group);
    parent.children.set(name, child);
    if (name !== WILDCARD) parent.counts[group]++;
    this.#nodes++;
    return child;
  }

  /** A name first met as something unknown turns out to be a directory. */
  #regroup(parent: PathNode, child: PathNode, isDirectory: boolean): PathNode {
    if (!isDirectory || child.group !== "others" || child.name === WILDCARD) return child;
    child.group = "dirs";
    parent.counts.others--;
    parent.counts.dirs++;
    return this.#limit(parent, "dirs") ? child.resolve() : child;
  }

  #crowd(parent: PathNode): PathNode {
    return parent.children.get(WILDCARD) ?? this.#add(parent, WILDCARD, "others");
  }

  /** Merges the group into `*` when there are too many of it. */
  #limit(parent: PathNode, group: Group): boolean {
    if (parent.counts[group] <= this.#names[group] && !parent.crowded.has(group)) return false;
    parent.crowded.add(group);
    const crowd = this.#crowd(parent);
    for (const child of parent.children.values()) {
      if (child === crowd || child.group !== group) continue;
      parent.children.delete(child.name);
      this.#merge(child, crowd);
    }
    parent.counts[group] = 0;
    // Together they never held more than their directory did.
    crowd.peakBytes = Math.min(crowd.peakBytes, parent.peakBytes);
    return true;
  }

  #merge(from: PathNode, into: PathNode): void {
    this.#nodes--;
    from.mergedInto = into;
    into.liveBytes += from.liveBytes;
    into.peakBytes += from.peakBytes;
    if (from.state !== undefined) {
      if (into.state === undefined) into.state = from.state;
      else into.state.absorb(from.state);
      from.state = undefined;
    }
    if (from.movesTo !== undefined) into.movesTo = new Set([...(into.movesTo ?? []), ...from.movesTo]);
    for (const child of from.children.values()) this.#adopt(into, child);
    for (const group of from.crowded) this.#limitAlways(into, group);
    from.children = new Map();
    from.counts = { shipped: 0, dirs: 0, others: 0 };
  }

  #adopt(parent: PathNode, child: PathNode, pattern?: string): void {
    // Below a pattern nothing stands for exactly one path any more: shipped names and new ones are counted alike.
    const group: Group = child.group === "shipped" ? (child.children.size > 0 ? "dirs" : "others") : child.group;
    const key = pattern ?? (child.group === "shipped" ? generaliseName(child.name) : child.name);
    const existing = parent.children.get(key);
    if (existing !== undefined || parent.crowded.has(group)) {
      this.#merge(child, existing ?? this.#crowd(parent));
      return;
    }
    child.name = key;
    child.group = group;
    child.parent = parent;
    parent.children.set(key, child);
    if (key !== WILDCARD) parent.counts[group]++;
    this.#demote(child);
    this.#limit(parent, group);
  }

  /** The children of what has become part of a pattern lose the standing of shipped names. */
  #demote(node: PathNode): void {
    node.shippedNames = undefined;
    const children = [...node.children.values()];
    if (!children.some((child) => child.group === "shipped")) return;
    node.children = new Map();
    node.counts = { shipped: 0, dirs: 0, others: 0 };
    for (const child of children) this.#adopt(node, child);
  }

  #limitAlways(parent: PathNode, group: Group): void {
    parent.crowded.add(group === "shipped" ? "others" : group);
    this.#limit(parent, group === "shipped" ? "others" : group);
  }

  /** Halves how many names a directory may have; false when there is nothing left to halve. */
  #tighten(): boolean {
    const before = this.#nodes;
    while (this.#nodes > this.#limits.nodes / 2 && Object.values(this.#names).some((limit) => limit > 1)) {
      this.#names = {
        shipped: Math.ceil(this.#names.shipped / 2),
        dirs: Math.ceil(this.#names.dirs / 2),
        others: Math.ceil(this.#names.others / 2),
      };
      for (const node of this.nodes())
        for (const group of ["shipped", "dirs", "others"] as const)
          if (node.counts[group] > this.#names[group]) this.#limit(node, group);
    }
    return this.#nodes < before;
  }

  #patternOf(parent: PathNode, name: string): string {
    const pattern =
      besideShipped(name, (stem) => this.isShipped(parent, stem)) ??
      (parent.holdsTemporaryNames ? generaliseTemporaryFile(name) : generaliseName(name));
    return parent.aliases?.get(name) ?? parent.aliases?.get(pattern) ?? pattern;
  }
}
