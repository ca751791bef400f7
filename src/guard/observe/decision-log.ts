import type { Change } from "../../policy/decision.ts";
import type { GuardRequest } from "../../policy/request.ts";
import type { Decided, Observer } from "./observer.ts";

const TEXT_LIMIT_CHARS = 512;

/** Where lines go. */
export interface Lines {
  write(line: string): void;
}

/**
 * One line of JSON for each decision; names follow the Elastic Common Schema where it has one. Only names, numbers and words of the
 * guard's own: no path as the client wrote it, no environment, command line or body. `docs/reference/guard.md` has the fields.
 */
export class DecisionLog implements Observer {
  readonly #lines: Lines;
  /** The enforcement point: `docker-socket`, `docker-authz`. */
  readonly #point: string;

  constructor(lines: Lines, point: string) {
    this.#lines = lines;
    this.#point = point;
  }

  decided(decision: Decided): void {
    const { request, caller } = decision;
    this.#write(decision.atMs, "decision", {
      "event.outcome": decision.verdict,
      "event.duration": Math.round(decision.durationMs * 1e6),
      "petrify.policy": decision.policy,
      "petrify.mode": decision.mode,
      "http.request.method": cut(decision.method),
      "http.route": decision.route,
      "petrify.action": request?.action,
      "petrify.rules": decision.rules,
      "petrify.changes": decision.changes?.map(changeName),
      "petrify.exemption": decision.exemption,
      "error.code": decision.errorCode,
      "user.id": caller.uid,
      "user.name": caller.user === undefined ? undefined : cut(caller.user),
      "process.pid": caller.pid,
      ...containerFields(request),
    });
  }

  /** `what`: `policy-loaded`, `policy-rejected`. */
  event(what: string, fields: Readonly<Record<string, unknown>>, atMs = Date.now()): void {
    this.#write(atMs, what, fields);
  }

  #write(atMs: number, what: string, fields: Readonly<Record<string, unknown>>): void {
    this.#lines.write(
      JSON.stringify({
        "@timestamp": new Date(atMs).toISOString(),
        "event.action": what,
        "petrify.point": this.#point,
        ...fields,
      }),
    );
  }
}

/** The fields of a line that say which container it is about. */
export function containerFields(request: GuardRequest | undefined): Readonly<Record<string, unknown>> {
  if (request === undefined) return {};
  if (!("container" in request)) return "what" in request ? { "petrify.what": cut(request.what) } : {};
  const { name, imageReference, image } = request.container;
  return {
    "container.name": name === undefined ? undefined : cut(name),
    "container.image.name": cut(imageReference),
    "container.image.id": image?.id,
  };
}

/** `tmpfs /run`: kinds, places and names, which the policy's owner chose; no value of a variable or a log driver's option, which may be secret. */
function changeName(change: Change): string {
  switch (change.kind) {
    case "tmpfs":
    case "volume":
      return `${change.kind} ${change.path}`;
    case "env":
      return `env ${change.name}`;
    case "readOnlyPaths":
      return `readOnlyPaths ${change.paths.join(" ")}`;
    case "dropCapabilities":
      return `dropCapabilities ${change.names.join(" ")}`;
    case "readOnlyRoot":
    case "noNewPrivileges":
    case "pidsLimit":
    case "memory":
    case "logDriver":
      break;
  }
  return change.kind;
}

/** Chosen by a client: JSON escapes what acts on a terminal or looks like another line. */
function cut(text: string): string {
  return text.length > TEXT_LIMIT_CHARS ? `${text.slice(0, TEXT_LIMIT_CHARS)}...` : text;
}
