import type { ArchiveEntry } from "../../../model/archive.ts";

const BLOCK_BYTES = 512;
const NAME_BYTES = 100;

/** Entries as a tar (POSIX pax), root's and without times: the same entries give the same bytes. */
export function archiveOf(entries: readonly ArchiveEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(member), Buffer.alloc(2 * BLOCK_BYTES)]);
}

function member(entry: ArchiveEntry): readonly Buffer[] {
  const path = entry.type === "directory" ? `${entry.path}/` : entry.path;
  const target = entry.type === "symlink" ? entry.target : "";
  const long = { ...tooLong("path", path), ...tooLong("linkpath", target) };
  const records = Buffer.from(Object.entries(long).map(paxRecord).join(""));
  const content = entry.type === "file" ? Buffer.from(entry.content) : Buffer.alloc(0);
  const mode = entry.type === "symlink" ? 0o777 : entry.mode;
  const flag = { directory: "5", file: "0", symlink: "2" }[entry.type];
  return [
    ...(records.length === 0 ? [] : [head("pax", "", "x", 0o644, records.length), padded(records)]),
    head(path, target, flag, mode, content.length),
    padded(content),
  ];
}

function tooLong(key: string, text: string): Readonly<Record<string, string>> {
  return Buffer.byteLength(text) > NAME_BYTES ? { [key]: text } : {};
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts its own digits too. */
function paxRecord([key, value]: readonly [string, string]): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length)
    length = String(length).length + Buffer.byteLength(rest);
  return `${length}${rest}`;
}

function head(path: string, target: string, flag: string, mode: number, sizeBytes: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const fields: readonly (readonly [number, string])[] = [
    [100, octal(mode, 7)],
    [108, octal(0, 7)],
    [116, octal(0, 7)],
    [124, octal(sizeBytes, 11)],
    [136, octal(0, 11)],
    [148, " ".repeat(8)],
    [156, flag],
    [257, "ustar\x0000"],
  ];
  block.write(path, 0, NAME_BYTES);
  block.write(target, 157, NAME_BYTES);
  for (const [offset, text] of fields) block.write(text, offset, "latin1");
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )} `,
    148,
    "latin1",
  );
  return block;
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, "0")}\0`;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES)]);
}
