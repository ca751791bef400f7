import { PetrifyError } from "../../../model/errors.ts";
import type { FileType } from "../../../model/event.ts";

export interface TarEntry {
  /** As the archive has it. */
  readonly path: string;
  readonly type: FileType | "hardlink";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Absent when the archive has no time that makes sense. */
  readonly changedAtMs?: number;
  /** Of a symlink and of a hard link. */
  readonly linkTarget: string;
}

/** Content of an extended head, as far as it has come. */
interface Meta {
  readonly flag: string;
  readonly sizeBytes: number;
  readonly parts: Buffer[];
  bytes: number;
}

const BLOCK_BYTES = 512;
/** A path or link target; longer ones cannot be given to any system call. */
const META_LIMIT_BYTES = 2 ** 20;

const TYPES: Readonly<Record<string, TarEntry["type"]>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "device",
  "4": "device",
  "5": "dir",
  "6": "fifo",
};

/**
 * Reads the heads of a tar stream and skips all content: ustar, pax (`x`) and GNU long names (`L`, `K`).
 * The archive is hostile: heads must have the right checksum, numbers must be sane, and nothing of an archive is kept
 * longer than one entry. Throws E_ENGINE_API.
 */
export class TarReader {
  readonly #onEntry: (entry: TarEntry) => void;
  #block = Buffer.alloc(BLOCK_BYTES);
  #blockBytes = 0;
  #skipBytes = 0;
  #meta: Meta | undefined;
  #next: Map<string, string> = new Map();
  #ended = false;

  constructor(onEntry: (entry: TarEntry) => void) {
    this.#onEntry = onEntry;
  }

  /** The end mark was read. */
  get isComplete(): boolean {
    return this.#ended;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#ended) {
      const rest = chunk.length - at;
      if (this.#meta !== undefined && this.#meta.bytes < this.#meta.sizeBytes) {
        const part = chunk.subarray(at, at + this.#meta.sizeBytes - this.#meta.bytes);
        this.#meta.parts.push(Buffer.from(part));
        this.#meta.bytes += part.length;
        at += part.length;
        if (this.#meta.bytes === this.#meta.sizeBytes) this.#endMeta(this.#meta);
      } else if (this.#skipBytes > 0) {
        const skipped = Math.min(rest, this.#skipBytes);
        this.#skipBytes -= skipped;
        at += skipped;
      } else {
        const taken = Math.min(rest, BLOCK_BYTES - this.#blockBytes);
        chunk.copy(this.#block, this.#blockBytes, at, at + taken);
        this.#blockBytes += taken;
        at += taken;
        if (this.#blockBytes === BLOCK_BYTES) this.#head();
      }
    }
  }

  #head(): void {
    this.#blockBytes = 0;
    const head = this.#block;
    if (head.every((byte) => byte === 0)) {
      this.#ended = true;
      return;
    }
    if (!hasChecksum(head)) throw damaged("a head has a wrong checksum");
    const flag = String.fromCharCode(head[156] as number);
    const sizeBytes = decimal(this.#next.get("size")) ?? number(head, 124, 12);
    if ("xgLKX".includes(flag)) {
      const ownBytes = number(head, 124, 12);
      if (ownBytes > META_LIMIT_BYTES) throw damaged("an extended head is too long");
      this.#skipBytes = padding(ownBytes);
      if (ownBytes > 0) this.#meta = { flag, sizeBytes: ownBytes, bytes: 0, parts: [] };
      return;
    }
    const type = TYPES[flag] ?? "other";
    // Links and devices have no content, whatever their size field says (POSIX pax, "size").
    this.#skipBytes = type === "file" || type === "other" ? sizeBytes + padding(sizeBytes) : 0;
    const changedAtMs = timeMs(this.#next.get("mtime") ?? `0o${text(head, 136, 12).trim()}`);
    this.#onEntry({
      path: this.#next.get("path") ?? headPath(head),
      type,
      mode: number(head, 100, 8) & 0o7777,
      uid: decimal(this.#next.get("uid")) ?? number(head, 108, 8),
      gid: decimal(this.#next.get("gid")) ?? number(head, 116, 8),
      sizeBytes: type === "file" ? sizeBytes : 0,
      ...(changedAtMs !== undefined && { changedAtMs }),
      linkTarget: this.#next.get("linkpath") ?? text(head, 157, 100),
    });
    this.#next = new Map();
  }

  #endMeta(meta: Meta): void {
    this.#meta = undefined;
    const content = Buffer.concat(meta.parts);
    if (meta.flag === "L") this.#next.set("path", text(content, 0, content.length));
    if (meta.flag === "K") this.#next.set("linkpath", text(content, 0, content.length));
    if (meta.flag === "x" || meta.flag === "X")
      for (const [key, value] of paxRecords(content)) this.#next.set(key, value);
  }
}

/** Records of a pax head: `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record in bytes. */
function* paxRecords(content: Buffer): Generator<readonly [string, string]> {
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = space < 0 ? undefined : decimal(content.toString("latin1", at, space));
    if (
      length === undefined ||
      length <= space - at + 1 ||
      at + length > content.length ||
      content[at + length - 1] !== 0x0a
    )
      throw damaged("an extended head has no records");
    const record = content.toString("utf8", space + 1, at + length - 1);
    const equals = record.indexOf("=");
    if (equals < 1) throw damaged("an extended head has a record without a key");
    yield [record.slice(0, equals), record.slice(equals + 1)];
    at += length;
  }
}

function headPath(head: Buffer): string {
  const name = text(head, 0, 100);
  // GNU tar puts times where ustar has the prefix; its magic is "ustar  ".
  const prefix = head.toString("latin1", 257, 263) === "ustar\0" ? text(head, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function hasChecksum(head: Buffer): boolean {
  let sum = 0;
  for (let index = 0; index < BLOCK_BYTES; index++) sum += index >= 148 && index < 156 ? 0x20 : (head[index] as number);
  return sum === number(head, 148, 8);
}

/** An octal field, or a binary one when its first bit is set (GNU, star). */
function number(head: Buffer, offset: number, length: number): number {
  const first = head[offset] as number;
  if (first < 0x80) {
    const digits = text(head, offset, length).trim();
    if (digits !== "" && !/^[0-7]+$/.test(digits)) throw damaged("a number is not octal");
    return digits === "" ? 0 : Number.parseInt(digits, 8);
  }
  let value = BigInt(first & 0x7f);
  for (let index = offset + 1; index < offset + length; index++) value = (value << 8n) | BigInt(head[index] as number);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged("a number is out of range");
  return Number(value);
}

function decimal(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const parsed = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(parsed)) throw damaged("a number of an extended head is out of range");
  return parsed;
}

/** Seconds, of a pax record with a fraction. A container may date its files as it likes: that is no damage. */
function timeMs(seconds: string): number | undefined {
  const value = /^(?:0o[0-7]+|-?\d{1,13}(?:\.\d+)?)$/.test(seconds) ? Math.round(Number(seconds) * 1000) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

function text(buffer: Buffer, offset: number, length: number): string {
  const end = buffer.indexOf(0, offset);
  return buffer.toString("utf8", offset, end < 0 || end > offset + length ? offset + length : end);
}

function padding(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

function damaged(detail: string): PetrifyError {
  return new PetrifyError("E_ENGINE_API", `The engine's export of the container is damaged: ${detail}.`);
}
