import * as z from "zod";
import { FILE_TYPES, OPERATIONS } from "../model/event.ts";
import type { TreeAnswer } from "../model/image.ts";
import type { PathRecord, Profile, ProfileHeader, Subject } from "../model/profile.ts";
import { lossSchema } from "../sensor/recording-lines.ts";
import {
  logsFromFile,
  settingsFromFile,
  settingToFile,
  withoutUndefined,
  workloadFromFile,
  workloadToFile,
} from "../strategy/file-model.ts";
import { env as envSchema, log as logSchema, testSchema, workloadSchema } from "../strategy/file-schema.ts";

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

export const phaseOutcome = z.strictObject({
  phase: z.enum(["first", "restart", "replace"]),
  test: z.int().optional(),
  exec: z.int().optional(),
  probe: z.enum(["answered", "failed"]).optional(),
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
  // Profiles of the first version have none.
  subject: z
    .strictObject({
      workload: workloadSchema,
      image: z.strictObject({ repoTags: z.array(z.string()), volumes: z.array(z.string()) }),
      test: testSchema,
      settings: z.array(envSchema).min(1).max(100).optional(),
      logs: z.array(logSchema).min(1).max(10_000).optional(),
    })
    .optional(),
});

const fileType = z.enum(FILE_TYPES);
const mode = z.int().min(0).max(0o7777);

/** What a file tree answered; in a profile of the image, in a recording of containers, too. */
export const treeAnswerSchema = z.strictObject({
  path: absolutePath,
  entry: z
    .strictObject({
      type: fileType,
      mode,
      uid: id,
      gid: id,
      sizeBytes: count,
      linkTarget: z.string().max(4_096).optional(),
    })
    .nullable()
    .optional(),
  children: z.array(z.string()).optional(),
});

/** The last lines. */
export const imageSchema = z.strictObject({ image: treeAnswerSchema });

/** The lines after the header. */
export const recordSchema = z.strictObject({
  path: absolutePath,
  mount: absolutePath,
  mountType: z.string(),
  type: fileType,
  done: z.array(operation),
  failed: z.array(z.strictObject({ operation, errno: z.string().regex(/^E[A-Z0-9]+$/) })),
  by: z.array(z.string()),
  uids: z.array(id),
  created: z.boolean(),
  createsItself: z.boolean(),
  survived: z.boolean(),
  readBack: z.boolean(),
  renewed: z.boolean(),
  regenerated: z.literal(true).optional(),
  executed: z.boolean(),
  sizeClassBytes: count,
  movesTo: z.array(absolutePath),
  owner: z.strictObject({ uid: id, gid: id, mode }).optional(),
});

/** The header line as an object: `apiVersion` and `kind` first, then the fields in the order of the schema. */
export function headerLine(header: ProfileHeader, subject?: Subject): object {
  const told = subject === undefined ? {} : { subject: subjectToFile(subject) };
  return headerSchema.parse({ apiVersion: PROFILE_API_VERSION, kind: PROFILE_KIND, ...header, ...told });
}

function subjectToFile({ workload, image: { repoTags, volumes }, test, settings, logs }: Subject): object {
  const set = {
    ...(settings === undefined ? {} : { settings: settings.map(settingToFile) }),
    ...(logs === undefined ? {} : { logs }),
  };
  return { workload: workloadToFile(workload), image: { repoTags, volumes }, test, ...set };
}

/** The subject that a header and the lines of the image's content tell. */
export function subjectFromFile(
  { name, subject }: z.infer<typeof headerSchema>,
  tree: readonly TreeAnswer[],
): Subject | undefined {
  if (subject === undefined) return undefined;
  const { workload, image, test, settings, logs } = subject;
  const set = {
    ...(settings === undefined ? {} : { settings: settingsFromFile(settings) }),
    ...(logs === undefined ? {} : { logs: logsFromFile(logs) }),
  };
  return { workload: workloadFromFile(name, workload), image, test: withoutUndefined(test), ...set, tree };
}

/** A record with its fields in the order of the schema, whatever order it was built in. */
export function recordLine(record: PathRecord): object {
  return recordSchema.parse(record);
}

/** The profile's lines in their one possible order. */
export function profileLines({ header, records, subject }: Profile): readonly string[] {
  const lines = [
    headerLine(header, subject),
    ...records.toSorted(byPath).map(recordLine),
    ...(subject?.tree ?? []).toSorted(byPath).map((image) => imageSchema.parse({ image })),
  ];
  return lines.map((line) => JSON.stringify(line));
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function isNormalPath(path: string): boolean {
  if (path === "/") return true;
  if (!path.startsWith("/")) return false;
  return path
    .slice(1)
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== "..");
}
