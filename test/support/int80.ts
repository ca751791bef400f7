/** A system call as 32-bit code makes it: number and arguments; a text stands for its address, `previous` for the last result. */
export interface Call32 {
  readonly number: number;
  readonly args: readonly (
    | number
    | string
    | { readonly previous: true }
    | { readonly words: readonly (number | string)[] }
  )[];
}
export const PREVIOUS = { previous: true } as const;

const BASE = 0x400000;
const HEADERS = 64 + 56;
const DATA_BYTES = 4096;
const EXIT = 1;
const INT_0X80 = [0xcd, 0x80];
/** ebx, ecx, edx, esi, edi: `mov r32, imm32`, and `mov r32, r15d`. */
const LOAD_NUMBER = [0xbb, 0xb9, 0xba, 0xbe, 0xbf];
const LOAD_PREVIOUS = [0xfb, 0xf9, 0xfa, 0xfe, 0xff];
const KEEP_RESULT = [0x41, 0x89, 0xc7]; // mov r15d, eax

/** A static x86-64 program that makes the calls one after the other by `int 0x80`, and exits with 0. */
export function int80Program(calls: readonly Call32[]): Buffer {
  const data = Buffer.alloc(DATA_BYTES);
  let dataEnd = 0;
  const place = (bytes: Buffer): number => {
    const at = (dataEnd + 3) & ~3;
    data.set(bytes, at);
    dataEnd = at + bytes.length;
    return BASE + HEADERS + at;
  };
  const valueOf = (value: number | string): number =>
    typeof value === "number" ? value : place(Buffer.from(`${value}\0`, "latin1"));
  const load = (argument: Call32["args"][number], index: number): number[] => {
    if (typeof argument === "object" && "previous" in argument) return [0x44, 0x89, LOAD_PREVIOUS[index] ?? 0];
    if (typeof argument !== "object") return [LOAD_NUMBER[index] ?? 0, ...u32(valueOf(argument))];
    return [LOAD_NUMBER[index] ?? 0, ...u32(place(Buffer.from(argument.words.flatMap((word) => u32(valueOf(word))))))];
  };
  const made = [...calls, { number: EXIT, args: [0] }];
  const code = made.flatMap(({ number, args }) => [
    ...args.flatMap(load),
    0xb8,
    ...u32(number),
    ...INT_0X80,
    ...KEEP_RESULT,
  ]);
  return executable(data, Buffer.from(code));
}

function u32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}

function executable(data: Buffer, code: Buffer): Buffer {
  const bytes = BigInt(HEADERS + data.length + code.length);
  const file = Buffer.alloc(HEADERS);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELF, 64 bits, little endian
  file.writeUInt16LE(2, 16); // executable
  file.writeUInt16LE(62, 18); // x86-64
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(BASE + HEADERS + data.length), 24); // entry
  file.writeBigUInt64LE(64n, 32); // program headers
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // load
  file.writeUInt32LE(7, 68); // readable, writable, executable
  file.writeBigUInt64LE(BigInt(BASE), 80);
  file.writeBigUInt64LE(BigInt(BASE), 88);
  file.writeBigUInt64LE(bytes, 96);
  file.writeBigUInt64LE(bytes, 104);
  file.writeBigUInt64LE(4096n, 112);
  return Buffer.concat([file, data, code]);
}
