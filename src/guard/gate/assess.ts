import type { ApiCall } from "../api-call.ts";
import { assessCopy } from "./assess-copy.ts";
import { assessCreate } from "./assess-create.ts";
import { assessExecCreate, assessExecStart } from "./assess-exec.ts";
import { assessStart } from "./assess-start.ts";
import { assessUpdate } from "./assess-update.ts";
import { type Assessment, judge, PASS, refuseAlways } from "./assessment.ts";
import type { ExistingContainer, Lookups } from "./lookups.ts";
import { PLANS } from "./meaning.ts";
import { queryValue } from "./query.ts";
import type { Route } from "./routes.ts";
import type { Translators } from "./translators.ts";
import { asItIs } from "./as-it-is.ts";

export interface Assessing {
  readonly lookups: Lookups;
  readonly translators: Translators;
}

/** What a call asks for. Throws when the engine cannot be asked, and E_REQUEST_BODY for bodies that cannot be read in one way alone. */
export async function assess(
  call: ApiCall,
  route: Route,
  body: Buffer | undefined,
  assessing: Assessing,
): Promise<Assessment> {
  const { meaning, name = "" } = route;
  const { lookups } = assessing;
  const plan = PLANS[meaning.kind];
  if (plan.kind === "judgeWithoutBody" && body !== undefined && body.length > 0) return refuseBody();
  if (plan.kind === "judgeBody" && (body === undefined || body.length === 0)) return refuseMissingBody();
  switch (meaning.kind) {
    case "pass":
    case "attach":
      return PASS;
    case "create":
      return assessCreate(call, meaning.translator, body ?? EMPTY, assessing);
    case "start":
      return assessStart(call, meaning.of, name, lookups);
    case "execCreate":
      return assessExecCreate(call, body ?? EMPTY, name, lookups);
    case "execStart":
      return assessExecStart(name, lookups);
    case "update":
      return assessUpdate(body ?? EMPTY, meaning.schema, name, lookups);
    case "copy":
      return assessCopy(call, name, lookups);
    case "commit":
      return assessCommit(await lookups.container(queryValue(call, "container") ?? ""), lookups);
    case "build":
    case "buildSession":
      return judge({ action: "build" });
    case "engineChange":
      return judge({ action: "engineChange", what: name === "" ? meaning.what : `${meaning.what} (${name})` });
    case "unknown":
      break;
  }
  return judge({ action: "unknown", what: `${call.method} /${pathOf(call)}` });
}
const EMPTY = Buffer.alloc(0);

async function assessCommit(found: ExistingContainer | undefined, lookups: Lookups): Promise<Assessment> {
  if (found === undefined) return PASS;
  return judge({ action: "commit", container: await asItIs(found.container, lookups) });
}

function pathOf({ target }: ApiCall): string {
  return [...(target.libpod ? ["libpod"] : []), ...target.parts].join("/");
}

// moby before API 1.24 takes a HostConfig there, which replaces the one that was judged when the container was made.
function refuseBody(): Assessment {
  return refuseAlways(
    400,
    "start-body",
    "This call must have no body: old versions of the API read settings from it that replace those of the container. " +
      "Give them when the container is made.",
  );
}

function refuseMissingBody(): Assessment {
  return refuseAlways(
    400,
    "body-missing",
    "This call has no body that could be judged: it is missing, or too long to be looked at. Send one of at most 1 MB.",
  );
}
