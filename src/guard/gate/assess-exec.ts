import { ANY, BOOL, INT64, listOf, STRING, STRINGS, struct, STRSLICE } from "../docker-api/go-json/go-type.ts";
import { decodeStruct } from "../docker-api/go-json/decode.ts";
import { parseJson } from "../docker-api/go-json/parse.ts";
import { boolField } from "../docker-api/go-json/read.ts";
import type { ApiCall } from "../api-call.ts";
import { type Assessment, judge, judgeOf, PASS, refuseMissing } from "./assessment.ts";
import type { Lookups } from "./lookups.ts";
import { MAX_BODY_BYTES } from "./meaning.ts";
import { asItIs } from "./as-it-is.ts";

/** moby api/types/container ExecOptions, and what older versions have of it; podman pkg/api/handlers ExecCreateConfig is the same. */
const EXEC_OPTIONS = struct({
  User: STRING,
  Privileged: BOOL,
  Tty: BOOL,
  ConsoleSize: listOf(INT64),
  AttachStdin: BOOL,
  AttachStderr: BOOL,
  AttachStdout: BOOL,
  Detach: BOOL,
  DetachKeys: STRING,
  Env: STRINGS,
  WorkingDir: STRING,
  Cmd: STRSLICE,
  Container: ANY,
});

/** Throws E_REQUEST_BODY. */
export async function assessExecCreate(
  call: ApiCall,
  body: Buffer,
  name: string,
  lookups: Lookups,
): Promise<Assessment> {
  const { value, unknown } = decodeStruct(parseJson(body, BODY_LIMITS), EXEC_OPTIONS);
  const found = await lookups.container(name);
  if (found === undefined) return refuseMissing(name, call);
  const container = await asItIs(found.container, lookups);
  return judgeOf(
    found,
    { action: "exec", container, privileged: boolField(value, "Privileged"), createdMs: found.createdMs },
    ...unknown.map((field) => ({ action: "unknown", what: `${field} of an exec` }) as const),
  );
}

/** What was made is looked at again: a privileged one may be older than the guard. */
export async function assessExecStart(id: string, lookups: Lookups): Promise<Assessment> {
  const exec = await lookups.exec(id);
  if (exec === undefined) return PASS;
  const found = await lookups.container(exec.containerId);
  if (found === undefined) return PASS;
  const container = await asItIs(found.container, lookups);
  return judge({ action: "exec", container, privileged: exec.privileged, createdMs: found.createdMs });
}

export const BODY_LIMITS = {
  maxBytes: MAX_BODY_BYTES,
  /** None of these bodies needs more than five. */
  maxDepth: 20,
};
