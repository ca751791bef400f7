import koffi from "koffi";

/**
 * Asks for each given request through one io_uring, one after the other, and prints their results as a JSON array.
 * `node ring-user.ts '[{"operation":37,"fd":-100,"address":"d","length":493}]'`; texts are put into memory.
 */
export interface RingRequest {
  /** include/uapi/linux/io_uring.h */
  readonly operation: number;
  /** A descriptor, or `previous`: the result of the request before. */
  readonly fd?: number | "previous";
  readonly address?: string | number;
  readonly address2?: string | number;
  readonly address3?: string;
  readonly length?: number;
  readonly flags?: number;
  /** In the ring's own table, counted from 1. */
  readonly slot?: number;
  /** In a thread of the kernel's instead of at once. */
  readonly async?: true;
}

const SETUP = 425;
const ENTER = 426;
const REGISTER = 427;
const GET_EVENTS = 1;
const REGISTER_FILES = 2;
const SUBMISSION_RING = 0;
const SUBMISSIONS = 0x10000000;
const ENTRIES = 8;
const PARAMS_BYTES = 120;
const PAGE_BYTES = 4096;
const SHARED_READ_WRITE = [3, 1] as const;
const PRIVATE_ANONYMOUS = [3, 0x22] as const;
const ASYNC = 1 << 4;

const libc = koffi.load("libc.so.6");
const setup = libc.func("int syscall(long number, uint32_t entries, _Inout_ uint8_t *params)");
const enter = libc.func(
  "int syscall(long n, int fd, uint32_t submit, uint32_t wait, uint32_t flags, void *s, size_t z)",
);
const register = libc.func("int syscall(long number, int fd, uint32_t what, const void *files, uint32_t count)");
const mmap = libc.func("void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)");

interface Memory {
  readonly address: number;
  readonly view: DataView;
}

function map(bytes: number, [protection, flags]: readonly [number, number], fd: number, offset: number): Memory {
  const pointer: unknown = mmap(null, bytes, protection, flags, fd, offset);
  return { address: Number(koffi.address(pointer)), view: new DataView(koffi.view(pointer, bytes)) };
}

const params = Buffer.alloc(PARAMS_BYTES);
const ring = setup(SETUP, ENTRIES, params) as number;
if (ring < 0) throw new Error("io_uring_setup failed");
const offset = (at: number): number => params.readUInt32LE(at);
// Both rings are in one mapping since Linux 5.4 (IORING_FEAT_SINGLE_MMAP).
const rings = map(4 * PAGE_BYTES, SHARED_READ_WRITE, ring, SUBMISSION_RING).view;
const submissions = map(PAGE_BYTES, SHARED_READ_WRITE, ring, SUBMISSIONS).view;
const texts = map(16 * PAGE_BYTES, PRIVATE_ANONYMOUS, -1, 0);
const EMPTY_SLOTS = Buffer.from(new Int32Array([-1, -1]).buffer);
register(REGISTER, ring, REGISTER_FILES, EMPTY_SLOTS, 2);

let textEnd = 0;
function addressOf(value: string | number | undefined): bigint {
  if (typeof value !== "string") return BigInt(value ?? 0);
  const bytes = Buffer.from(`${value}\0`, "latin1");
  bytes.forEach((byte, index) => texts.view.setUint8(textEnd + index, byte));
  textEnd += bytes.length;
  return BigInt(texts.address + textEnd - bytes.length);
}

function ask(request: RingRequest, previous: number): number {
  for (let at = 0; at < 64; at++) submissions.setUint8(at, 0);
  submissions.setUint8(0, request.operation);
  submissions.setUint8(1, request.async === true ? ASYNC : 0);
  submissions.setInt32(4, request.fd === "previous" ? previous : (request.fd ?? 0), true);
  submissions.setBigUint64(8, addressOf(request.address2), true);
  submissions.setBigUint64(16, addressOf(request.address), true);
  submissions.setInt32(24, request.length ?? 0, true);
  submissions.setUint32(28, request.flags ?? 0, true);
  submissions.setUint32(44, request.slot ?? 0, true);
  submissions.setBigUint64(48, addressOf(request.address3), true);
  const tail = rings.getUint32(offset(44), true);
  rings.setUint32(offset(64) + (tail & (ENTRIES - 1)) * 4, 0, true);
  rings.setUint32(offset(44), tail + 1, true);
  enter(ENTER, ring, 1, 1, GET_EVENTS, null, 0);
  const head = rings.getUint32(offset(80), true);
  const mask = rings.getUint32(offset(88), true);
  const result = rings.getInt32(offset(100) + (head & mask) * 16 + 8, true);
  rings.setUint32(offset(80), head + 1, true);
  return result;
}

const results: number[] = [];
for (const request of JSON.parse(process.argv[2] ?? "[]") as RingRequest[])
  results.push(ask(request, results.at(-1) ?? -1));
process.stdout.write(`${JSON.stringify(results)}\n`);
