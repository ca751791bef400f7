import type { FileType } from "../model/event.ts";

// The same layout as bpf/record.h, whose _Static_asserts hold the numbers.

export const RECORD_BYTES = 160;
export const STRING = { root: 0, base: 1, path: 2, base2: 3, path2: 4 } as const;

export const RECORD_KIND = { call: 0, exec: 1, total: 2, read: 3, mount: 4, mountsEnd: 5 } as const;

export const RECORD_FLAG = {
  unreadable: 1 << 0,
  cut: 1 << 1,
  created: 1 << 2,
  readOnlyMount: 1 << 3,
  foreignMount: 1 << 4,
  script: 1 << 5,
  byFile: 1 << 6,
  baseIsRoot: 1 << 7,
  noPath: 1 << 8,
  unsummed: 1 << 9,
  base2IsRoot: 1 << 10,
  compat: 1 << 11,
} as const;

/** One record of the kernel, its strings still in the kernel's form. */
export interface KernelRecord {
  readonly kind: number;
  readonly call: number;
  readonly flags: number;
  readonly timeNs: bigint;
  readonly result: number;
  readonly slot: number;
  readonly execId: number;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly comm: string;
  /** Arguments of the call that its table row names, low 32 bits, signed. */
  readonly args: readonly [number, number, number];
  readonly bytes: number;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly ino: bigint;
  /** As stat(2) gives it. */
  readonly dev: number;
  readonly generation: number;
  readonly mountId: number;
  /** Of the process. */
  readonly mountNamespace: number;
  readonly fsType: string;
  /** Absolute: the process's root, `/` unless it is chroot'ed. */
  readonly root: string;
  /** Absolute: the file itself, or the directory the path starts from. */
  readonly base: string;
  /** Mount point that `base` is under. */
  readonly baseMount: string;
  readonly base2: string;
  /** As the process gave it. */
  readonly path: string;
  readonly path2: string;
  /** A name is not UTF-8: its text here is not exact. */
  readonly garbled: boolean;
}

const MAJOR_SHIFT = 20;
const MINOR_MASK = 0xfffff;

/** The kernel packs 12 bits of major and 20 of minor (include/linux/kdev_t.h); stat(2) gives glibc's older mix. */
export function statDevice(kernelDevice: number): number {
  const major = kernelDevice >>> MAJOR_SHIFT;
  const minor = kernelDevice & MINOR_MASK;
  return ((major & 0xfff) << 8) + (minor & 0xff) + (minor >>> 8) * 2 ** 20;
}

/** Decodes the record at `start`. The buffer must hold all of it. */
export function decodeRecord(buffer: Buffer, view: DataView, start: number): KernelRecord {
  const kind = buffer[start + 102] as number;
  const flags = view.getUint16(start + 100, true);
  const inMount = view.getUint16(start + 104, true);
  let at = start + RECORD_BYTES;
  let garbled = false;
  const text = (length: number): string => {
    // The last byte of every string is its terminating zero.
    const value = length > 1 ? buffer.toString("utf8", at, at + length - 1) : "";
    at += length;
    if (value.includes("\uFFFD")) garbled = true;
    return value;
  };
  const lengthOf = (index: number): number => view.getUint16(start + 106 + index * 2, true);
  const root = pathOfNames(text(lengthOf(STRING.root)));
  const baseStart = at;
  const baseLength = lengthOf(STRING.base);
  const baseNames = text(baseLength);
  const base = pathOfNames(baseNames);
  let baseMount = "/";
  if (baseLength > inMount)
    baseMount = pathOfNames(buffer.toString("utf8", baseStart + inMount, baseStart + baseLength - 1));
  const path = text(lengthOf(STRING.path));
  const base2 = pathOfNames(text(lengthOf(STRING.base2)));
  const path2 = text(lengthOf(STRING.path2));
  return {
    kind,
    flags,
    call: view.getUint16(start + 96, true),
    timeNs: view.getBigUint64(start, true),
    result: signed64(view, start + 56),
    slot: view.getUint32(start + 64, true),
    execId: view.getUint32(start + 68, true),
    pid: view.getUint32(start + 72, true),
    uid: view.getUint32(start + 76, true),
    gid: view.getUint32(start + 80, true),
    dev: statDevice(view.getUint32(start + 84, true)),
    generation: view.getUint32(start + 88, true),
    mountId: view.getUint32(start + 92, true),
    mode: view.getUint16(start + 98, true),
    ino: view.getBigUint64(start + 8, true),
    args: [view.getInt32(start + 16, true), view.getInt32(start + 24, true), view.getInt32(start + 32, true)],
    bytes: unsigned64(view, start + 40),
    sizeBytes: unsigned64(view, start + 48),
    mountNamespace: view.getUint32(start + 120, true),
    comm: lastComm.read(buffer, view, start + 128),
    fsType: lastFsType.read(buffer, view, start + 144),
    root,
    base,
    baseMount,
    base2,
    path,
    path2,
    garbled,
  };
}

/** Directories by their names from the leaf up: most events are in a few. */
const directories = new Map<string, string>();
const DIRECTORIES_KEPT = 4096;

/** Names from the leaf up, separated by zero bytes, as an absolute path. */
function pathOfNames(names: string): string {
  if (names === "") return "/";
  const leafEnd = names.indexOf("\0");
  if (leafEnd < 0) return "/" + names;
  const above = names.slice(leafEnd + 1);
  let directory = directories.get(above);
  if (directory === undefined) {
    directory = "/" + above.split("\0").toReversed().join("/") + "/";
    if (directories.size >= DIRECTORIES_KEPT) directories.clear();
    directories.set(above, directory);
  }
  return directory + names.slice(0, leafEnd);
}

/** Reads a text of at most 16 bytes, and makes a new string only when it is another one than the last time. */
class ShortText {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;
  #text = "";

  read(buffer: Buffer, view: DataView, at: number): string {
    const a = view.getUint32(at, true);
    const b = view.getUint32(at + 4, true);
    const c = view.getUint32(at + 8, true);
    const d = view.getUint32(at + 12, true);
    if (a === this.#a && b === this.#b && c === this.#c && d === this.#d) return this.#text;
    [this.#a, this.#b, this.#c, this.#d] = [a, b, c, d];
    const end = buffer.subarray(at, at + 16).indexOf(0);
    this.#text = buffer.toString("utf8", at, end < 0 ? at + 16 : at + end);
    return this.#text;
  }
}
const lastComm = new ShortText();
const lastFsType = new ShortText();

function unsigned64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

function signed64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getInt32(at + 4, true) * 2 ** 32;
}

const TYPE_BITS: Readonly<Record<number, FileType>> = {
  0o100000: "file",
  0o040000: "dir",
  0o120000: "symlink",
  0o140000: "socket",
  0o010000: "fifo",
  0o020000: "device",
  0o060000: "device",
};

/** File type of an `i_mode`. */
export function fileType(mode: number): FileType {
  return TYPE_BITS[mode & 0o170000] ?? "other";
}
