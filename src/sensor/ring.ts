import koffi from "koffi";

const libc = koffi.load("libc.so.6");
const mmap = libc.func("void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)");
const munmap = libc.func("int munmap(void *address, size_t length)");

const PAGE_BYTES = 4096;
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
/** include/uapi/linux/bpf.h: BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT, BPF_RINGBUF_HDR_SZ */
const BUSY = 0x80000000;
const DISCARDED = 0x40000000;
const LENGTH_MASK = 0x3fffffff;
const HEADER_BYTES = 8;

/** Reads a BPF ring buffer by its mapped memory, without a call into the kernel per record. */
export class Ring {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly #mask: number;
  readonly #headers: Uint32Array;
  readonly #consumed: BigInt64Array;
  readonly #produced: BigInt64Array;
  readonly #mappings: readonly (readonly [unknown, number])[];
  #position: number;

  constructor(fd: number, ringBytes: number) {
    // The data pages are mapped twice in a row by the kernel, so that a record that wraps around is still in one piece.
    const producerBytes = PAGE_BYTES + 2 * ringBytes;
    const consumer = mmap(null, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    const producer = mmap(null, producerBytes, PROT_READ, MAP_SHARED, fd, PAGE_BYTES);
    this.#mappings = [
      [consumer, PAGE_BYTES],
      [producer, producerBytes],
    ];
    const memory = koffi.view(producer, producerBytes);
    this.bytes = Buffer.from(memory, PAGE_BYTES, 2 * ringBytes);
    this.view = new DataView(memory, PAGE_BYTES, 2 * ringBytes);
    this.#headers = new Uint32Array(memory, PAGE_BYTES, (2 * ringBytes) / 4);
    this.#produced = new BigInt64Array(memory, 0, 1);
    this.#consumed = new BigInt64Array(koffi.view(consumer, PAGE_BYTES), 0, 1);
    this.#mask = ringBytes - 1;
    this.#position = Number(Atomics.load(this.#consumed, 0));
  }

  /** Where the writers are now: all that happened before is below. */
  end(): number {
    return Number(Atomics.load(this.#produced, 0));
  }

  /** Gives at most `limit` records, and their space back; returns whether all below `end` has been given. */
  consume(end: number, limit: number, take: (start: number) => void): boolean {
    let given = 0;
    while (this.#position < end && given < limit) {
      const at = this.#position & this.#mask;
      const header = Atomics.load(this.#headers, at >>> 2);
      if ((header & BUSY) !== 0) break;
      const length = header & LENGTH_MASK;
      if ((header & DISCARDED) === 0) {
        take(at + HEADER_BYTES);
        given++;
      }
      this.#position += (length + HEADER_BYTES + 7) & ~7;
    }
    Atomics.store(this.#consumed, 0, BigInt(this.#position));
    return this.#position >= end;
  }

  /** The memory is gone afterwards: no method may be called any more. */
  close(): void {
    for (const [address, length] of this.#mappings) munmap(address, length);
  }
}
