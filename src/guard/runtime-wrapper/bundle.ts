import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from "node:fs";
import { SpecError } from "./spec.ts";

/** A specification of an engine has some 40 kB, most of it the seccomp filter. */
const MAX_BYTES = 8 * 2 ** 20;
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_CREAT, O_EXCL, O_WRONLY } = constants;

/** An open bundle: its config.json is read and replaced in that very directory, whatever becomes of its path. */
export class Bundle implements Disposable {
  readonly #directory: number;
  #read: Stats | undefined;

  /** Throws what opening a directory throws. */
  constructor(path: string) {
    this.#directory = openSync(path, O_RDONLY | O_DIRECTORY);
  }

  /** Text of config.json; throws SpecError when it is a link, no regular file, or too large. */
  readSpec(): string {
    const fd = openSync(this.#at("config.json"), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw new SpecError("it is no file");
      if (stats.size > MAX_BYTES) throw new SpecError(`it is larger than ${MAX_BYTES} bytes`);
      const content = Buffer.alloc(stats.size);
      let length = 0;
      for (let read = -1; read !== 0 && length < content.length; length += read)
        read = readSync(fd, content, length, content.length - length, null);
      if (length < content.length) throw new SpecError("it became shorter while it was read");
      this.#read = stats;
      return new TextDecoder("utf-8", { fatal: true }).decode(content);
    } catch (error) {
      throw error instanceof TypeError ? new SpecError("it is not UTF-8", { cause: error }) : error;
    } finally {
      closeSync(fd);
    }
  }

  /** Replaces config.json at once, with owner and mode of the one that was read. */
  writeSpec(text: string): void {
    const temporary = this.#at(`.config.json.petrify-${process.pid}`);
    const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      try {
        const content = Buffer.from(text);
        for (let length = 0; length < content.length;) length += writeSync(fd, content, length);
        if (this.#read !== undefined) {
          const { uid, gid, mode } = this.#read;
          const made = fstatSync(fd);
          if (made.uid !== uid || made.gid !== gid) fchownSync(fd, uid, gid);
          fchmodSync(fd, mode & 0o777);
        }
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, this.#at("config.json"));
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#directory);
  }

  /** Node has no openat(2); this is the same directory, of which the last part alone can be a link. */
  #at(name: string): string {
    return `/proc/self/fd/${this.#directory}/${name}`;
  }
}
