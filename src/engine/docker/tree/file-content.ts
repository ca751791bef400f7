import { createHash } from "node:crypto";
import fs from "node:fs";
import type { LayerContent } from "../../engine.ts";
import { readXattr } from "./xattr.ts";

export interface FileContent {
  readonly content: Uint8Array | "too large";
  readonly hasCapabilities?: true;
}

/** What is opened is a regular file, or was one when it was looked at: nothing here waits for a FIFO or a device. */
const FILE = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;
/** All that one reading keeps in memory, and all that it reads for digests (seconds), however many files there are. */
const TOTAL_LIMIT_BYTES = { bytes: 64 * 2 ** 20, digest: 2 * 2 ** 30 };
const CHUNK_BYTES = 2 ** 20;

/** Reads small files that a container may write to meanwhile. */
export class FileContents {
  readonly #wanted: LayerContent;
  #totalBytes = 0;

  constructor(wanted: LayerContent) {
    this.#wanted = wanted;
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
    const { limitBytes, as } = this.#wanted;
    if (sizeBytes > limitBytes || this.#totalBytes + sizeBytes > TOTAL_LIMIT_BYTES[as]) return "too large";
    this.#totalBytes += sizeBytes;
    return as === "bytes" ? bytesOf(fd, sizeBytes) : digestOf(fd, sizeBytes);
  }
}

/** One byte more than its size tells a file that grows meanwhile. */
function bytesOf(fd: number, sizeBytes: number): FileContent["content"] {
  const buffer = Buffer.alloc(sizeBytes + 1);
  const length = readInto(fd, buffer, 0);
  return length > sizeBytes ? "too large" : buffer.subarray(0, length);
}

function digestOf(fd: number, sizeBytes: number): FileContent["content"] {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes + 1));
  let total = 0;
  for (let length = -1; length !== 0; total += length) {
    length = readInto(fd, chunk, total);
    if (total + length > sizeBytes) return "too large";
    hash.update(chunk.subarray(0, length));
  }
  return hash.digest();
}

/** Fills the buffer from `position` on; returns how many bytes there were. */
function readInto(fd: number, buffer: Buffer, position: number): number {
  let length = 0;
  for (let count = -1; count !== 0 && length < buffer.length; length += count)
    count = fs.readSync(fd, buffer, length, buffer.length - length, position + length);
  return length;
}
