import type { ApiCall, Gate } from "../api-call.ts";
import { HttpRefusal } from "../http/http-refusal.ts";
import { parseTarget } from "../http/target.ts";
import type { AuthzRequest } from "./message.ts";

/** Undefined lets the call pass; else what the user is told. */
export type Denial = string | undefined;

/**
 * What the gate says of a call that dockerd asks about. The plugin can change nothing, so what would be changed is denied, with the
 * flags to add. Reads pass at once: the gate's own questions to this engine are among them. Never throws.
 */
export async function authorize(request: AuthzRequest, gate: Gate): Promise<Denial> {
  let call: ApiCall;
  try {
    call = callOf(request);
  } catch (error) {
    if (error instanceof HttpRefusal) return error.message;
    return "The request could not be read.";
  }
  const plan = gate.plan(call);
  if (plan.kind === "stream") return undefined;
  if (plan.kind === "refuse") return plan.refusal.message;
  if (FORMS.has(call.contentType ?? "")) return FORM;
  if (plan.kind === "judgeWithoutBody" && mayHaveHiddenBody(request)) return HIDDEN_BODY;
  if (plan.kind === "judgeBody" && request.body !== undefined && request.body.length > plan.maxBytes) return TOO_LONG;
  const answer = await gate.judge(call, request.body);
  // Without its image no container is made, and clients pull when dockerd itself says so. Were it pulled at this very moment, the
  // container would still be judged before it is started.
  if (answer.kind === "refuse") return answer.refusal.status === 404 ? undefined : answer.refusal.message;
  return answer.flags === undefined ? undefined : lacking(answer.flags);
}

function lacking(flags: readonly string[]): string {
  if (flags.length === 0)
    return "The policy asks for more than this container has, and no flag gives it: use the guard's socket.";
  return `The policy asks for more than this container has. Add: ${flags.join(" ")}`;
}

/** Throws HttpRefusal. */
function callOf({ method, uri, headers, user }: AuthzRequest): ApiCall {
  const contentType = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  return {
    method,
    target: parseTarget(uri),
    caller: user === undefined ? {} : { user },
    ...(contentType !== undefined && contentType !== "" && { contentType }),
  };
}

/**
 * dockerd shows bodies of JSON alone, and none that is longer than its limit or, in some versions, that comes in chunks or says it is
 * empty (CVE-2024-41110). What it does not show it may still read. Its own check takes the first Content-Type; shown here is the last
 * (moby pkg/authorization/authz.go, headers), so that any type may stand behind one of JSON. Without a type dockerd reads no body.
 */
function mayHaveHiddenBody({ headers, body }: AuthzRequest): boolean {
  if (body !== undefined) return false;
  const length = headers.get("content-length");
  // Go's server has made sure of it.
  if (length !== undefined) return length !== "0";
  return headers.has("content-type");
}

const HIDDEN_BODY =
  "This call must have no body: old versions of the API read settings from it that replace those of the container. " +
  "Send it with a Content-Length of 0, or without a Content-Type.";
/** Go's ParseForm takes parameters from such bodies, before those of the query; dockerd does not show them. */
const FORMS = new Set(["application/x-www-form-urlencoded", "multipart/form-data"]);
const FORM = "The body of this call cannot be a form: its fields would stand for the query's.";
const TOO_LONG = "The body is too long to be judged. Send one of at most 1 MB.";
