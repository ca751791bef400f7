import fs from "node:fs";
import { readXattr } from "./xattr.ts";

export interface FileContent {
  readonly content: Uint8Array | "too large";
  readonly hasCapabilities?: true;
}

/** What is opened is a regular file, or was one when it was looked at: nothing here waits for a FIFO or a device. */
const FILE = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;
/** All that one reading keeps in memory, however many files there are. */
const TOTAL_LIMIT_BYTES = 64 * 2 ** 20;

/** Reads small files that a container may write to meanwhile. */
export class FileContents {
  readonly #limitBytes: number;
  #totalBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The file at `path`, of which `seen` is told; undefined when it is another one, or gone, by now. */
  read(path: Buffer, seen: fs.Stats): FileContent | undefined {
    let fd: number;
    try {
      fd = fs.openSync(path, FILE);
    } catch {
      return undefined;
    }
    try {
      const stat = fs.fstatSync(fd);
      if (!stat.isFile() || stat.ino !== seen.ino || stat.dev !== seen.dev) return undefined;
      const content = this.#bytes(fd, stat.size);
      return { content, ...(readXattr(fd, "security.capability") !== undefined && { hasCapabilities: true }) };
    } finally {
      fs.closeSync(fd);
    }
  }

  /** By the size that the file says it has: a sparse terabyte occupies nothing, and would still be read as one. */
  #bytes(fd: number, sizeBytes: number): FileContent["content"] {
    if (sizeBytes > this.#limitBytes || this.#totalBytes + sizeBytes > TOTAL_LIMIT_BYTES) return "too large";
    this.#totalBytes += sizeBytes;
    // One byte more tells a file that grows meanwhile.
    const buffer = Buffer.alloc(sizeBytes + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < buffer.length; length += count)
      count = fs.readSync(fd, buffer, length, buffer.length - length, length);
    return length > sizeBytes ? "too large" : buffer.subarray(0, length);
  }
}
