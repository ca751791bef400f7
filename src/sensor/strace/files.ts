import type { WriteEvent } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";

export interface KnownFile {
  exists: boolean;
  isDirectory: boolean;
  /** Written since the sensor saw it first. */
  writtenBytes: number;
  /** At most this large. */
  sizeBytes: number;
  toldBytes: number;
  /** What its totals are told with. */
  lastWrite?: WriteEvent;
}

/** About 100 MB at most; what is pushed out is counted as lost. */
const FILES_KEPT = 262_144;

/**
 * What one container's calls tell about its files: strace gives no inode, so a file is its path, moved with it by rename.
 * Sizes are upper bounds: where a write without an offset lands is not told, so it counts as an append.
 */
export class TracedFiles {
  readonly #known = new Map<string, KnownFile>();
  readonly #tree: FileTree | undefined;
  /** Files whose sums were forgotten, for want of room. */
  evicted = 0;

  constructor(tree: FileTree | undefined) {
    this.#tree = tree;
  }

  /** Takes over what an earlier run left where `stays` says so: in volumes, which no tree holds. */
  inherit(earlier: TracedFiles, stays: (path: string) => boolean): void {
    for (const [path, { exists, isDirectory, sizeBytes }] of earlier.#known)
      if (stays(path)) this.#known.set(path, { exists, isDirectory, sizeBytes, writtenBytes: 0, toldBytes: 0 });
  }

  /** Whether there is something at the path: by what was seen, else by the tree from before. */
  exists(path: string): boolean {
    return this.#known.get(path)?.exists ?? this.#tree?.entry(path) !== undefined;
  }

  /** Whether the container made or wrote the file there. */
  isChanged(path: string): boolean {
    const known = this.#known.get(path);
    return known?.exists === true && !known.isDirectory;
  }

  made(path: string, isDirectory = false): void {
    this.#known.delete(path);
    Object.assign(this.#get(path), { sizeBytes: 0, isDirectory });
  }

  removed(path: string): void {
    const known = this.#get(path);
    known.exists = false;
    known.writtenBytes = 0;
    known.toldBytes = 0;
  }

  /** `exchanged`: both stay, under each other's name. A directory takes along what is known below it. */
  moved(from: string, to: string, exchanged: boolean): void {
    const there = exchanged ? this.#take(to) : [];
    const moving = this.#take(from);
    if (!exchanged) this.#take(to);
    for (const [rest, known] of moving) this.#known.set(to + rest, known);
    for (const [rest, known] of there) this.#known.set(from + rest, known);
    if (exchanged) return;
    this.removed(from);
    this.#get(to).exists = true;
  }

  resized(path: string, sizeBytes: number): void {
    this.#get(path).sizeBytes = sizeBytes;
  }

  /** `offset` absent: the call goes on where the last one ended. */
  wrote(event: WriteEvent, bytes: number, offset: number | undefined): KnownFile {
    const known = this.#get(event.path);
    known.lastWrite = event;
    known.writtenBytes += bytes;
    known.sizeBytes = offset === undefined ? known.sizeBytes + bytes : Math.max(known.sizeBytes, offset + bytes);
    return known;
  }

  sizeOf(path: string): number {
    return this.#get(path).sizeBytes;
  }

  /** Files whose last sums were not told. */
  *untold(): Generator<readonly [string, KnownFile]> {
    for (const [path, known] of this.#known) if (known.writtenBytes > known.toldBytes) yield [path, known];
  }

  untoldAt(path: string): KnownFile | undefined {
    const known = this.#known.get(path);
    return known !== undefined && known.writtenBytes > known.toldBytes ? known : undefined;
  }

  #get(path: string): KnownFile {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    if (this.#known.size >= FILES_KEPT) this.#forgetOldest();
    const before = this.#tree?.entry(path);
    const made: KnownFile = {
      exists: true,
      isDirectory: before?.type === "dir",
      writtenBytes: 0,
      sizeBytes: before?.sizeBytes ?? 0,
      toldBytes: 0,
    };
    this.#known.set(path, made);
    return made;
  }

  #forgetOldest(): void {
    const [path, known] = this.#known.entries().next().value ?? [];
    if (path === undefined || known === undefined) return;
    this.#known.delete(path);
    if (known.writtenBytes > known.toldBytes) this.evicted++;
  }

  #take(path: string): (readonly [string, KnownFile])[] {
    const own = this.#get(path);
    const taken: (readonly [string, KnownFile])[] = [["", own]];
    const below = `${path}/`;
    if (own.isDirectory)
      for (const [other, known] of this.#known)
        if (other.startsWith(below)) taken.push([other.slice(path.length), known]);
    for (const [rest] of taken) this.#known.delete(path + rest);
    return taken;
  }
}
