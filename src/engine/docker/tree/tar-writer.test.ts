import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { archiveOf } from "./tar-writer.ts";
import type { ArchiveEntry } from "../../../model/archive.ts";

const LONG = `${"d".repeat(90)}/${"e".repeat(90)}`;
const ENTRIES: readonly ArchiveEntry[] = [
  { type: "file", path: "Dockerfile", mode: 0o644, content: Buffer.from("FROM x\n") },
  { type: "directory", path: "d".repeat(90), mode: 0o700 },
  { type: "file", path: LONG, mode: 0o640, content: Buffer.alloc(1000, 7) },
  { type: "file", path: "ü ñ", mode: 0o755, content: Buffer.alloc(512) },
  { type: "symlink", path: "link", target: LONG },
];

function expected(entry: ArchiveEntry): readonly unknown[] {
  if (entry.type === "symlink") return [entry.target];
  return [entry.mode, ...(entry.type === "file" ? [Buffer.from(entry.content).toString("hex")] : [])];
}

function found(path: string): readonly unknown[] {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return [readlinkSync(path)];
  return [stat.mode & 0o777, ...(stat.isFile() ? [readFileSync(path).toString("hex")] : [])];
}

test("tar(1) unpacks what was put in, and the same entries give the same bytes", () => {
  const folder = mkdtempSync(join(tmpdir(), "petrify-context-"));
  try {
    execFileSync("tar", ["-x", "-p", "-C", folder], { input: archiveOf(ENTRIES) });
    expect(ENTRIES.map(({ path }) => found(join(folder, path)))).toEqual(ENTRIES.map(expected));
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(archiveOf(ENTRIES).equals(archiveOf(ENTRIES))).toBe(true);
});
