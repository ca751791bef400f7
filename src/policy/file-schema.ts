import * as z from "zod";
import { absolutePath, type Frozen, id, mode, mountPath, size, text, textMap } from "../strategy/file-fields.ts";

/**
 * The policy file as it is written: what `schemas/policy.schema.json` publishes (`node scripts/file-schemas.ts` writes it). Rules that
 * one field cannot tell are in `file-rules.ts`, what absent fields mean in `file-model.ts`.
 */

const TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d))?$/;
const time = z
  .string()
  .regex(TIME, "must be a day like 2027-01-31, or a time with its zone like 2027-01-31T18:00:00Z")
  .meta({ examples: ["2027-01-31", "2027-01-31T18:00:00Z"] });
const capability = z
  .string()
  .max(64)
  .regex(/^(?!CAP_)[A-Z][A-Z_]*$/, "must be a capability in upper case without CAP_, like NET_RAW, or ALL");
const words = z.string().min(1).max(4096);

const template = z.strictObject({
  path: mountPath,
  size: size.describe("Upper bound; its pages are charged to the container's memory."),
  mode: mode.optional().describe('Octal, in quotes. Default "1777".'),
  exec: z.boolean().optional().describe("Whether code in it may be run. Default false."),
});

const exemption = z
  .strictObject({
    imageId: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits, as docker image inspect tells it")
      .optional()
      .describe("Holds against anyone."),
    callerUid: id.optional().describe("Of the process that asks. Holds against anyone."),
    namespace: words.optional().describe("Of Kubernetes or CRI. Holds against anyone."),
    label: words.optional().describe("key=value, or key alone. Only with trust: cooperative."),
    name: words.optional().describe("Of the container; * stands for any characters. Only with trust: cooperative."),
    tag: z
      .string()
      .max(1024)
      .regex(
        /^[^:@/*][^:@]*(?::\d+\/[^:@]+)?:[\w.*-]+$/,
        "must be a repository with its tag, like registry.example/x:*",
      )
      .optional()
      .describe("Repository with tag; * stands for any characters. Only with trust: cooperative."),
    reason: words.describe("For people: why."),
    until: time.describe("Its last day (UTC), or the moment from which on it does not hold."),
    readOnlyPaths: z
      .array(absolutePath)
      .min(1)
      .max(1000)
      .optional()
      .describe("Single paths that are read-only all the same."),
  })
  .describe("Who is left alone: exactly one of imageId, callerUid, namespace, label, name, tag.");

const rule = z.enum(["allow", "warn", "deny"]).optional();
const flag = z.boolean().optional();

export const policyFile = z.strictObject({
  apiVersion: z.literal("petrify.dev/v1"),
  kind: z.literal("ReadOnlyPolicy"),
  metadata: z.strictObject({
    name: z
      .string()
      .max(128)
      .regex(/^[a-z0-9][a-z0-9._-]*$/, "must be made of a-z, 0-9, '.', '_' and '-'")
      .describe("Named in each refusal."),
  }),
  mode: z
    .enum(["audit", "warn", "enforce"])
    .optional()
    .describe("Decisions are only logged, also told to the caller, or carried out. Default enforce."),
  scope: z
    .enum(["unprivileged", "all"])
    .optional()
    .describe("Whether privileged containers must be read-only, too. Default unprivileged."),
  privileged: z
    .enum(["exempt", "read-only", "refuse"])
    .optional()
    .describe("What becomes of privileged containers. Default exempt, or read-only with scope all."),
  trust: z
    .enum(["hostile", "cooperative"])
    .optional()
    .describe("hostile: clients lie, and what is not known is refused. Default cooperative."),
  template: z
    .array(template)
    .max(100)
    .optional()
    .describe(
      "What a container may write for which no strategy fits. Default: /run, /tmp and /var/tmp, as CRI-O, bounded.",
    ),
  strategies: z
    .strictObject({
      folder: text.min(1).describe("Folder of *.strategy.yaml; relative to this file's own."),
      onUnknownDigest: z
        .enum(["keep", "template", "refuse"])
        .optional()
        .describe("What a fitting strategy is good for on an image on which it was not verified. Default keep."),
    })
    .optional(),
  exemptions: z.array(exemption).max(10_000).optional(),
  defaults: z
    .strictObject({
      noNewPrivileges: flag.describe("Default false."),
      pidsLimit: z
        .int()
        .min(1)
        .max(2 ** 22)
        .optional(),
      memory: size.optional(),
      dropCapabilities: z.array(capability).max(100).optional(),
      logDriver: z.strictObject({ driver: text.min(1), options: textMap.optional() }).optional(),
    })
    .optional()
    .describe("What is added to a container that does not say it itself."),
  refuse: z
    .strictObject({
      hostSystemBinds: flag.describe("Writable binds of the host's own directories. Default true."),
      engineBinds: flag.describe("Binds of an engine's socket or state, read-only or not. Default true."),
      mountsOverCode: flag.describe("Writable mounts over programs and libraries. Default true."),
      unmaskedPaths: flag.describe("Masked or read-only paths of /proc and /sys laid open. Default true."),
      privilegedExec: flag.describe("docker exec --privileged. Default true."),
      unpinnedImages: flag.describe("Images that are not named by digest or id. Default false."),
      engineChanges: flag.describe("Plugins, and joining a swarm. Default true."),
      runtimes: z
        .array(text.min(1))
        .max(100)
        .optional()
        .describe("OCI runtimes that may be asked for by name. Default none: the engine's own choice alone."),
    })
    .optional(),
  production: z
    .strictObject({ build: rule, commit: rule, copy: rule, exec: rule })
    .optional()
    .describe("What changes containers or images in place. Default: build and exec allow, commit and copy warn."),
  grandfatherUntil: time
    .optional()
    .describe("Until then containers that are older than the policy may be started as they are."),
});

export type PolicyFile = Frozen<z.infer<typeof policyFile>>;
export type ExemptionFile = NonNullable<PolicyFile["exemptions"]>[number];
