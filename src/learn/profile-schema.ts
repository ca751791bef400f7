import * as z from "zod";
import { FILE_TYPES, OPERATIONS } from "../model/event.ts";
import type { PathRecord, Profile, ProfileHeader } from "../model/profile.ts";
import { lossSchema } from "../sensor/recording-lines.ts";

export const PROFILE_API_VERSION = "petrify.dev/v1";
export const PROFILE_KIND = "WriteProfile";

const absolutePath = z
  .string()
  .max(8_192)
  .refine(isNormalPath, { error: "must be an absolute path without '.', '..' and doubled slashes" });
const operation = z.enum(OPERATIONS);
const count = z.int().min(0);
const id = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

const phaseOutcome = z.strictObject({
  phase: z.enum(["first", "restart", "replace"]),
  test: z.int().optional(),
  exec: z.int().optional(),
  health: z.enum(["healthy", "unhealthy", "none"]).optional(),
  exitedEarly: z.int().optional(),
});

/** The first line of a profile file. */
export const headerSchema = z.strictObject({
  apiVersion: z.literal(PROFILE_API_VERSION),
  kind: z.literal(PROFILE_KIND),
  name: z.string().min(1),
  image: z.strictObject({ reference: z.string(), id: z.string(), repoDigests: z.array(z.string()) }),
  sensor: z.enum(["bpf", "strace", "diff", "none"]),
  engine: z.strictObject({ kind: z.string(), runtime: z.string() }),
  incomplete: z.array(z.string()),
  loss: lossSchema,
  coverage: z.strictObject({ phases: z.array(phaseOutcome), listening: z.array(z.string()) }),
});

/** Every further line. */
export const recordSchema = z.strictObject({
  path: absolutePath,
  mount: absolutePath,
  mountType: z.string(),
  type: z.enum(FILE_TYPES),
  done: z.array(operation),
  failed: z.array(z.strictObject({ operation, errno: z.string().regex(/^E[A-Z0-9]+$/) })),
  by: z.array(z.string()),
  uids: z.array(id),
  created: z.boolean(),
  createsItself: z.boolean(),
  survived: z.boolean(),
  readBack: z.boolean(),
  renewed: z.boolean(),
  executed: z.boolean(),
  sizeClassBytes: count,
  movesTo: z.array(absolutePath),
  owner: z.strictObject({ uid: id, gid: id, mode: z.int().min(0).max(0o7777) }).optional(),
});

/** The header line as an object: `apiVersion` and `kind` first, then the fields in the order of the schema. */
export function headerLine(header: ProfileHeader): object {
  return headerSchema.parse({ apiVersion: PROFILE_API_VERSION, kind: PROFILE_KIND, ...header });
}

/** A record with its fields in the order of the schema, whatever order it was built in. */
export function recordLine(record: PathRecord): object {
  return recordSchema.parse(record);
}

/** The profile's lines in their one possible order. */
export function profileLines({ header, records }: Profile): readonly string[] {
  const sorted = records.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return [headerLine(header), ...sorted.map(recordLine)].map((line) => JSON.stringify(line));
}

function isNormalPath(path: string): boolean {
  if (path === "/") return true;
  if (!path.startsWith("/")) return false;
  return path
    .slice(1)
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== "..");
}
