import * as z from "zod";
import { FILE_TYPES, OPERATIONS, type LossCounters, type WriteEvent } from "../model/event.ts";

export const RECORDING_API_VERSION = "petrify.dev/v1";
export const RECORDING_KIND = "WriteRecording";

// JSON has no integers beyond 2^53: what is a bigint in an event is decimal digits in a line.
const integerText = z.string().regex(/^\d{1,20}$/, "must be decimal digits");
/** A path of 4096 bytes below a directory of 4096 bytes is the most a system call can name. */
const path = z.string().min(1).max(8_192).startsWith("/", "must be absolute");
const id = z.int().min(-1).max(0xffffffff);
const count = z.int().min(0);
const mode = z.int().min(0).max(0o7777);
const mount = z.strictObject({ target: path, fsType: z.string().max(64), readOnly: z.boolean() });

export const headerSchema = z.strictObject({
  apiVersion: z.literal(RECORDING_API_VERSION),
  kind: z.literal(RECORDING_KIND),
});

export const eventSchema = z.strictObject({
  container: z.string().min(1).max(256),
  timeNs: integerText,
  operation: z.enum(OPERATIONS),
  syscall: z.string().max(32),
  result: z.union([z.literal(0), z.string().regex(/^E[A-Z0-9_]{1,31}$/, "must be 0 or the name of an errno")]),
  path,
  path2: path.optional(),
  target: z.string().max(4_096).optional(),
  process: z.strictObject({ pid: count, uid: id, gid: id, comm: z.string().max(16), exe: path.optional() }),
  mount: mount.optional(),
  mount2: mount.optional(),
  inode: z.strictObject({ dev: count, ino: integerText, type: z.enum(FILE_TYPES) }).optional(),
  created: z.boolean().optional(),
  wantsCreate: z.boolean().optional(),
  reads: z.literal(true).optional(),
  truncated: z.boolean().optional(),
  bytes: count.optional(),
  sizeBytes: count.optional(),
  mode: mode.optional(),
  owner: z.strictObject({ uid: id, gid: id }).optional(),
  pathUncertain: z.literal(true).optional(),
} satisfies Record<keyof WriteEvent, z.ZodType>);

export const lossSchema = z.strictObject({
  ringFull: count,
  recursionMisses: count,
  evictedInodes: count,
  unreadablePaths: count,
  ioUringSetups: count,
  compatCalls: count,
} satisfies Record<keyof LossCounters, typeof count>);

/** What it holds is its writer's affair. */
export const markSchema = z.strictObject({ mark: z.record(z.string(), z.unknown()) });

/** The last line: without it a recording was cut. */
export const endSchema = z.strictObject({
  end: z.strictObject({
    events: count,
    loss: lossSchema.optional(),
  }),
});
export type RecordingEnd = z.infer<typeof endSchema>["end"];

export function eventLine(event: WriteEvent): string {
  return JSON.stringify(event, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

export function eventOfLine(line: z.infer<typeof eventSchema>): WriteEvent {
  const { timeNs, inode, ...rest } = line;
  const event = { ...rest, timeNs: BigInt(timeNs) };
  return (inode === undefined ? event : { ...event, inode: { ...inode, ino: BigInt(inode.ino) } }) as WriteEvent;
}
