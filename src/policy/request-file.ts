import * as z from "zod";
import { PetrifyError } from "../model/errors.ts";
import { quoteForTerminal } from "../model/quote.ts";
import type { Caller, GuardRequest } from "./request.ts";

/** A request with who asks: what `petrify guard check --explain` reads. */
export interface AskedRequest {
  readonly request: GuardRequest;
  readonly caller: Caller;
}

const text = z.string().max(65_536);
const texts = z.array(text).max(10_000).default([]);
const textMap = z.record(text, text);
const flag = z.boolean().default(false);

const image = z.strictObject({
  id: text,
  repoDigests: texts,
  repoTags: texts,
  entrypoint: texts,
  command: texts,
  env: texts,
  user: text.default(""),
  workingDir: text.default(""),
  volumes: texts,
  exposedPorts: texts,
  hasHealthcheck: flag,
  stopSignal: text.exactOptional(),
  architecture: text.default("amd64"),
  sizeBytes: z.int().min(0).default(0),
});
const mount = z.strictObject({
  type: z.enum(["bind", "volume", "tmpfs", "image", "npipe", "cluster", "other"]),
  source: text.exactOptional(),
  target: text.regex(/^\//, "must be absolute"),
  readOnly: flag,
  propagation: text.exactOptional(),
  exec: z.boolean().exactOptional(),
  driver: text.exactOptional(),
  driverOptions: textMap.exactOptional(),
});
const device = z.strictObject({ hostPath: text, containerPath: text, permissions: text.default("rwm") });
const container = z.strictObject({
  name: text.exactOptional(),
  namespace: text.exactOptional(),
  labels: textMap.default({}),
  imageReference: text,
  image: image.exactOptional(),
  entrypoint: z.array(text).exactOptional(),
  command: z.array(text).exactOptional(),
  env: texts,
  user: text.exactOptional(),
  workingDir: text.exactOptional(),
  readOnlyRoot: flag,
  privileged: flag,
  mounts: z.array(mount).max(10_000).default([]),
  volumesFrom: texts,
  readOnlyPaths: z.array(text).exactOptional(),
  maskedPaths: z.array(text).exactOptional(),
  capAdd: texts,
  capDrop: texts,
  devices: z.array(device).max(10_000).default([]),
  deviceRules: texts,
  securityOptions: texts,
  noNewPrivileges: z.boolean().exactOptional(),
  pidsLimit: z.int().exactOptional(),
  memoryBytes: z.int().exactOptional(),
  logDriver: text.exactOptional(),
  runtime: text.exactOptional(),
  hostNamespaces: z.array(z.enum(["pid", "network", "ipc", "uts", "user", "cgroup"])).default([]),
  unknownFields: texts,
});
const id = z.int().min(0);
const caller = z
  .strictObject({
    uid: id.exactOptional(),
    gid: id.exactOptional(),
    pid: id.exactOptional(),
    user: text.exactOptional(),
  })
  .default({});

const asked = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("create"), container, caller }),
  z.strictObject({ action: z.literal("start"), container, createdMs: z.number().default(0), caller }),
  z.strictObject({ action: z.literal("exec"), container, privileged: flag, caller }),
  z.strictObject({ action: z.literal("copy"), container, caller }),
  z.strictObject({ action: z.literal("commit"), container, caller }),
  z.strictObject({ action: z.literal("build"), caller }),
  z.strictObject({ action: z.literal("engineChange"), what: text, caller }),
  z.strictObject({ action: z.literal("unknown"), what: text, caller }),
]);

const HINT = "docs/reference/policy.md describes it: the words of a GuardRequest, what is absent has its default.";

/** The request in a JSON text, what is absent with its default, and who asks (`caller`). Throws E_USAGE. */
export function parseRequest(json: string, fileName: string): AskedRequest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new PetrifyError("E_USAGE", `${fileName} is not JSON.`, { hint: HINT, cause });
  }
  const result = asked.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const where = issue?.path.map(String).join(".") ?? "";
    const what = quoteForTerminal(`${where === "" ? "" : `${where}: `}${issue?.message ?? "it is no request"}`);
    throw new PetrifyError("E_USAGE", `${fileName} holds no request: ${what.replace(/\.$/, "")}.`, { hint: HINT });
  }
  const { caller: who, ...request } = result.data;
  return { request, caller: who };
}
