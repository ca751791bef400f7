/** A static x86-64 program that makes a directory and exits, both by `int 0x80`: as 32-bit code calls the kernel. */
export function int80Mkdir(path: string): Buffer {
  const base = 0x400000;
  const headers = 64 + 56;
  const text = Buffer.from(`${path}\0`);
  const body = Buffer.concat([code(base + headers + code(0).length), text]);
  const file = Buffer.alloc(headers);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELF, 64 bits, little endian
  file.writeUInt16LE(2, 16); // executable
  file.writeUInt16LE(62, 18); // x86-64
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(base + headers), 24); // entry
  file.writeBigUInt64LE(64n, 32); // program headers
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // load
  file.writeUInt32LE(5, 68); // readable, executable
  file.writeBigUInt64LE(BigInt(base), 80);
  file.writeBigUInt64LE(BigInt(base), 88);
  file.writeBigUInt64LE(BigInt(headers + body.length), 96);
  file.writeBigUInt64LE(BigInt(headers + body.length), 104);
  file.writeBigUInt64LE(4096n, 112);
  return Buffer.concat([file, body]);
}

function u32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}

const INT_0X80 = [0xcd, 0x80];

function code(pathAt: number): Buffer {
  return Buffer.from(
    [
      [0xb8, 39, 0, 0, 0], // mov eax, 39 (mkdir of i386)
      [0xbb, ...u32(pathAt)], // mov ebx, path
      [0xb9, ...u32(0o755)], // mov ecx, mode
      INT_0X80,
      [0xb8, 1, 0, 0, 0], // mov eax, 1 (exit of i386)
      [0x31, 0xdb], // xor ebx, ebx
      INT_0X80,
    ].flat(),
  );
}
