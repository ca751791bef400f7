import * as z from "zod";
import {
  absolutePath,
  type Frozen,
  id,
  mode,
  mountPath,
  PATH_PART,
  size,
  text,
  textMap,
  texts,
} from "./file-fields.ts";

/**
 * The strategy file as it is written: what `schemas/strategy.schema.json` publishes (`node scripts/file-schemas.ts` writes it).
 * Rules that one field cannot tell are in `file-rules.ts`.
 */

const owner = {
  mode: mode.optional().describe('Permission bits of the mount, octal, in quotes. Default "0755".'),
  uid: id.optional().describe("Owner of the mount. Default 0."),
  gid: id.optional().describe("Group of the mount. Default 0."),
};
const why = z.string().min(1).max(4096).describe("Who writes what here, and why this kind.");

function forgotten<K extends string>(kind: K, bound: string) {
  return z.strictObject({
    kind: z.literal(kind),
    path: mountPath,
    size: size.describe(bound),
    ...owner,
    exec: z.boolean().optional().describe("Whether code in it may be run. Default false."),
    why,
  });
}
const tmpfs = forgotten("tmpfs", "Upper bound; its pages are charged to the container's memory.");
const seeded = forgotten("seeded", "Upper bound, with what the image has there, where the target can hold it to one.");
const scratch = forgotten("scratch", "Upper bound, on disk, where the target can hold it to one.");
const volume = z.strictObject({
  kind: z.literal("volume"),
  path: mountPath,
  reason: z
    .enum(["readBack", "declared", "assumed", "given"])
    .optional()
    .describe(
      "Why it is a volume: its data was read back after a restart, the image declares it, it is assumed to be data, or the user gave it. Default given.",
    ),
  seeded: z
    .boolean()
    .optional()
    .describe("The image has content there, and the volume starts as a copy. Default false."),
  source: text.min(1).optional().describe("Name of the volume. Default: made from the strategy's name and the path."),
  driver: text.min(1).optional(),
  options: textMap.optional().describe("Options of the driver."),
  ...owner,
  exec: z.boolean().optional().describe("Whether code in it may be run, where the target can forbid it. Default true."),
  why,
});
const bind = z.strictObject({
  kind: z.literal("bind"),
  path: mountPath,
  source: text.min(1).describe("Path on the host."),
  readOnly: z.boolean().optional().describe("Default false."),
  why,
});
const refused = {
  path: absolutePath.describe("A '*' stands for any text within one name."),
  operations: z
    .array(z.string().regex(/^[a-z]+$/))
    .min(1)
    .max(100)
    .describe("Operations that stay denied, such as open or mkdir; mkdir covers everything below the path."),
};
const deny = z.strictObject({ kind: z.literal("deny"), ...refused, why });
const image = z.strictObject({
  kind: z.literal("image"),
  ...refused,
  fix: z.array(text.min(1)).min(1).max(100).describe("Lines of a Dockerfile that a person can paste and complete."),
  why,
});
export const env = z.strictObject({
  kind: z.literal("env"),
  name: z
    .string()
    .max(256)
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of a variable"),
  value: text
    .regex(new RegExp(String.raw`^[^\u0000]*$`), "must hold no zero byte")
    .describe("The run's own value wins over it."),
  paths: z.array(absolutePath).min(1).max(100).describe("Where nothing is written any more, or elsewhere."),
  why,
});

export const log = z.strictObject({
  kind: z.literal("log"),
  path: mountPath.describe("The log file, in a seeded mount, which starts with a link in its place."),
  stream: z.enum(["stdout", "stderr"]).describe("What the link leads to: /dev/stdout or /dev/stderr."),
  why,
});

const port = z.strictObject({
  hostIp: text.optional(),
  hostPort: z.int().min(0).max(65_535).optional(),
  containerPort: z.int().min(1).max(65_535),
  protocol: z.enum(["tcp", "udp"]),
});
const mount = z.strictObject({
  type: z.enum(["bind", "volume", "tmpfs"]),
  source: text.optional(),
  target: text.min(1),
  readOnly: z.boolean().optional(),
  options: text.optional(),
  driver: text.optional(),
  driverOptions: textMap.optional(),
});
const ulimit = z.strictObject({ name: text.min(1), soft: z.int(), hard: z.int() });

export const workloadSchema = z
  .strictObject({
    image: text.min(1).describe("The image reference as it was given."),
    entrypoint: texts.optional(),
    command: texts.optional(),
    env: texts
      .optional()
      .describe("KEY=VALUE, or KEY alone: its value is taken from the environment of whoever starts it."),
    user: text.optional(),
    workingDir: text.optional(),
    hostname: text.optional(),
    mounts: z.array(mount).max(10_000).optional(),
    ports: z.array(port).max(65_536).optional(),
    network: text.optional(),
    userns: z.literal("host").optional(),
    labels: textMap.optional(),
    capAdd: texts.optional(),
    capDrop: texts.optional(),
    securityOpt: texts.optional(),
    groupAdd: texts.optional(),
    sysctls: textMap.optional(),
    ulimits: z.array(ulimit).max(100).optional(),
    extraHosts: texts.optional(),
    dns: texts.optional(),
    memory: size.optional(),
    nanoCpus: z.int().min(0).optional(),
    pidsLimit: z.int().optional(),
    shmSize: size.optional(),
    init: z.boolean().optional(),
    privileged: z.boolean().optional(),
    tty: z.boolean().optional(),
    openStdin: z.boolean().optional(),
    runtime: text.optional(),
    stopSignal: text.optional(),
    stopTimeoutSeconds: z.int().optional(),
    restart: text.optional(),
    platform: text.optional(),
  })
  .describe("The run that was learned, as docker run's flags say it; what is not given has docker's default.");

/** In the order in which they are written. */
export const workloadFields = workloadSchema.keyof().options;

export const testSchema = z
  .strictObject({
    kind: z.enum(["command", "external", "probe", "healthcheck", "none"]),
    command: text.optional(),
    exec: text.optional(),
    signals: z
      .array(z.string().regex(/^SIG[A-Z0-9+-]{2,12}$/, "must be the name of a signal, as SIGHUP"))
      .min(1)
      .max(20)
      .optional()
      .describe("Sent to the workload after the test, in this order."),
  })
  .describe("What exercised the workload while it was learned.");

export const strategyFile = z.strictObject({
  apiVersion: z.literal("petrify.dev/v1"),
  kind: z.literal("WriteStrategy"),
  name: z
    .string()
    .max(128)
    .regex(/^[a-z0-9][a-z0-9._-]*$/, "must be made of a-z, 0-9, '.', '_' and '-'")
    .describe("Names the strategy, its files and its volumes."),
  fits: z.strictObject({
    repositories: z
      .array(text.min(1))
      .max(1000)
      .describe("Image repositories without tag and digest, in full: docker.io/library/nginx."),
  }),
  workload: workloadSchema,
  readOnlyPaths: z
    .array(mountPath)
    .min(1)
    .max(1000)
    .optional()
    .describe("Only these paths are read-only, and the root stays writable. Absent: the whole root is read-only."),
  entries: z
    .array(z.discriminatedUnion("kind", [tmpfs, seeded, scratch, volume, bind, deny, image, log, env]))
    .max(10_000)
    .describe("Where the workload may write, or must not; everything else is read-only."),
  profile: z
    .strictObject({
      // A strategy comes from elsewhere: it must not have petrify read files of other folders.
      file: text.regex(new RegExp(`^${PATH_PART}$`), "must be the name of a file beside this one"),
      sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits"),
    })
    .describe("The profile beside this file, from which the strategy was derived."),
  test: testSchema,
  incomplete: texts.describe("Why the profile misses something; empty when it is complete."),
  verifiedOn: z
    .array(text.min(1))
    .max(10_000)
    .describe("Image ids and repository digests on which `petrify verify` succeeded."),
});

export type StrategyFile = Frozen<z.infer<typeof strategyFile>>;
export type EntryFile = StrategyFile["entries"][number];
export type SettingFile = Extract<EntryFile, { readonly kind: "env" }>;
export type LogFile = Extract<EntryFile, { readonly kind: "log" }>;
export type PlaceFile = Exclude<EntryFile, SettingFile | LogFile>;

export function isPlace(entry: EntryFile): entry is PlaceFile {
  return entry.kind !== "env" && entry.kind !== "log";
}

export type WorkloadFile = StrategyFile["workload"];
