import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import * as z from "zod";
import { PetrifyError } from "../model/errors.ts";
import type { TreeAnswer } from "../model/image.ts";
import type { PathRecord, Profile, ProfileHeader } from "../model/profile.ts";
import {
  headerSchema,
  imageSchema,
  PROFILE_API_VERSION,
  PROFILE_KIND,
  profileLines,
  recordSchema,
  subjectFromFile,
} from "./profile-schema.ts";
import { writeWhole } from "./write-whole.ts";

/** A fixed level: the same profile must give the same bytes. */
const ZSTD_LEVEL = 12;
/** The fold gives at most 20,000 records of about 500 bytes; whatever unpacks to more than this is not a profile. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
const MAX_PACKED_BYTES = 16 * 1024 * 1024;

/** The bytes of `NAME.profile.ndjson.zst`; the same profile gives the same bytes. Throws E_PROFILE_INVALID when it breaks the format. */
export function encodeProfile(profile: Profile): Buffer {
  const text = `${checked(() => profileLines(profile), "The profile to be written").join("\n")}\n`;
  return zstdCompressSync(text, {
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
  });
}

/** Reads what `encodeProfile` gives and nothing else; `name` is for messages. Throws E_PROFILE_INVALID. */
export function decodeProfile(bytes: Uint8Array, name: string): Profile {
  const lines = unpack(bytes, name).split("\n");
  if (lines.pop() !== "") throw invalid(`${name} ends in the middle of a line.`);
  const [first, ...rest] = lines;
  const header = parseHeader(first ?? "", name);
  const records: PathRecord[] = [];
  const tree: TreeAnswer[] = [];
  for (const [index, line] of rest.entries()) {
    const where = `${name}, line ${index + 2}`;
    const value = parseJson(line, where);
    if (isOfImage(value)) addInOrder(tree, checked(() => imageSchema.parse(value), where).image as TreeAnswer, where);
    else if (tree.length > 0) throw invalid(`${where}: a record stands behind the image's content.`);
    else addInOrder(records, checked(() => recordSchema.parse(value), where) as PathRecord, where);
  }
  const { apiVersion: _version, kind: _kind, subject: _subject, ...own } = header;
  const subject = subjectFromFile(header, tree);
  return { header: own as ProfileHeader, records, ...(subject === undefined ? {} : { subject }) };
}

function isOfImage(value: unknown): boolean {
  return typeof value === "object" && value !== null && "image" in value;
}

function addInOrder<T extends { readonly path: string }>(list: T[], item: T, where: string): void {
  const before = list.at(-1)?.path ?? "";
  if (item.path === before) throw invalid(`${where}: ${item.path} is there twice.`);
  if (item.path < before) throw invalid(`${where}: ${item.path} is not in order.`);
  list.push(item);
}

/** Writes a profile so that a reader sees the old file or the whole new one. Throws E_IO, E_DISK_FULL, E_PROFILE_INVALID. */
export async function writeProfile(path: string, profile: Profile): Promise<{ readonly sha256: string }> {
  const bytes = encodeProfile(profile);
  await writeWhole(path, bytes);
  return { sha256: sha256(bytes) };
}

/** Reads a profile file. Throws E_IO, E_PROFILE_INVALID, and E_PROFILE_MISMATCH when its SHA-256 is not the expected one. */
export async function readProfile(path: string, expectedSha256?: string): Promise<Profile> {
  const bytes = await readBounded(path);
  if (expectedSha256 !== undefined && sha256(bytes) !== expectedSha256)
    throw new PetrifyError(
      "E_PROFILE_MISMATCH",
      `${path} is not the profile that the strategy names: its SHA-256 is ${sha256(bytes)}.`,
      {
        hint: "Take the profile that was committed with the strategy, or run learn again.",
      },
    );
  return decodeProfile(bytes, path);
}

async function readBounded(path: string): Promise<Buffer> {
  try {
    const info = await stat(path);
    if (!info.isFile()) throw invalid(`${path} is not a file.`);
    if (info.size > MAX_PACKED_BYTES) throw invalid(`${path} is larger than any profile.`);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof PetrifyError) throw cause;
    const hint =
      codeOf(cause) === "ENOENT" ? "Run learn again, or name the profile's folder." : "Check the file's permissions.";
    throw new PetrifyError("E_IO", `${path} cannot be read: ${codeOf(cause) || String(cause)}.`, { hint, cause });
  }
}

function unpack(bytes: Uint8Array, name: string): string {
  let unpacked: Buffer;
  try {
    unpacked = zstdDecompressSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (cause) {
    if (codeOf(cause) === "ERR_BUFFER_TOO_LARGE")
      throw invalid(`${name} unpacks to more than any profile holds.`, cause);
    throw invalid(`${name} is damaged or not a profile.`, cause);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(unpacked);
  } catch (cause) {
    throw invalid(`${name} does not hold text.`, cause);
  }
}

function parseHeader(line: string, name: string): z.infer<typeof headerSchema> {
  const where = `${name}, line 1`;
  const value = parseJson(line, where);
  const { apiVersion, kind } = z
    .looseObject({ apiVersion: z.unknown(), kind: z.unknown() })
    .catch({ apiVersion: undefined, kind: undefined })
    .parse(value);
  if (kind !== PROFILE_KIND) throw invalid(`${name} is not a profile: its kind is not ${PROFILE_KIND}.`);
  if (apiVersion !== PROFILE_API_VERSION)
    throw new PetrifyError("E_PROFILE_INVALID", `${name} is a profile of the version ${JSON.stringify(apiVersion)}.`, {
      hint: `This Petrify reads ${PROFILE_API_VERSION}: use the one that wrote it, or run learn again.`,
    });
  return checked(() => headerSchema.parse(value), where);
}

function parseJson(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw invalid(`${where}: this is not JSON.`, cause);
  }
}

function checked<T>(parse: () => T, where: string): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    const [issue] = cause.issues;
    throw invalid(`${where}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not valid"}.`, cause);
  }
}

function invalid(message: string, cause?: unknown): PetrifyError {
  return new PetrifyError("E_PROFILE_INVALID", message, {
    hint: "Take the file from version control again, or run learn again.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
