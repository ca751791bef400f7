import type { ApiCall, Plan } from "../api-call.ts";
import { fieldValue } from "../http/fields.ts";
import { HttpRefusal } from "../http/http-refusal.ts";
import type { RequestHead } from "../http/request-head.ts";

/** Go's ParseForm and FormValue take parameters from such bodies, before those of the query. */
const FORMS = new Set(["application/x-www-form-urlencoded", "multipart/form-data"]);
/** `tcp`: attach and exec. `h2c`: what BuildKit's clients open. `websocket`: attach from a browser. */
const UPGRADES = new Set(["tcp", "h2c", "websocket"]);

/** Throws HttpRefusal for what only some calls may have. */
export function checkCall(head: RequestHead, call: ApiCall, plan: Plan): void {
  if (head.upgrade !== undefined && (plan.kind !== "hijack" || !UPGRADES.has(head.upgrade)))
    throw new HttpRefusal(400, "This call cannot change the protocol of the connection.");
  const empty = head.framing.kind === "none" || (head.framing.kind === "length" && head.framing.bytes === 0);
  if (empty) return;
  if (call.contentType !== undefined && FORMS.has(call.contentType))
    throw new HttpRefusal(400, "The body of this call cannot be a form: its fields would stand for the query's.");
  const encoding = fieldValue(head.fields, "content-encoding");
  if (
    encoding !== undefined &&
    encoding.toLowerCase() !== "identity" &&
    plan.kind !== "stream" &&
    plan.kind !== "judgeHead"
  )
    throw new HttpRefusal(400, "The body of this call cannot be encoded.");
}
