import type { ApiCall } from "../api-call.ts";
import { DOCKER_ROUTES } from "./docker-routes.ts";
import { LIBPOD_ROUTES } from "./libpod-routes.ts";
import type { Meaning } from "./meaning.ts";

export type RouteRow = readonly [method: string, pattern: string, meaning: Meaning];

/** What a call is. */
export interface Route {
  /** `POST containers/{}/start`, `POST libpod/pods/create`; of unknown calls the method alone. For logs: holds nothing that a client chose. */
  readonly pattern: string;
  readonly meaning: Meaning;
  /** What stands for the first `{}`. */
  readonly name?: string;
}

/** Never change anything: known or not, they go to the engine. */
const READING = new Set(["GET", "HEAD", "OPTIONS"]);

/** The one route of a call; reads that are none of the tables' pass, everything else is unknown. */
export function routeOf({ method, target }: Pick<ApiCall, "method" | "target">): Route {
  const path = target.parts.join("/");
  for (const { row, pattern } of target.libpod ? LIBPOD : DOCKER) {
    const [rowMethod, text, meaning] = row;
    if (rowMethod !== method) continue;
    const match = pattern.exec(path);
    if (match === null) continue;
    const shown = `${rowMethod} ${target.libpod ? "libpod/" : ""}${text}`;
    return { pattern: shown, meaning, ...(match[1] !== undefined && { name: match[1] }) };
  }
  if (READING.has(method)) return { pattern: `${method} *`, meaning: { kind: "pass" } };
  return { pattern: CHANGING.has(method) ? `${method} *` : "*", meaning: { kind: "unknown" } };
}
const CHANGING = new Set(["POST", "PUT", "PATCH", "DELETE"]);

interface CompiledRow {
  readonly row: RouteRow;
  readonly pattern: RegExp;
}
const DOCKER = DOCKER_ROUTES.map(compile);
const LIBPOD = LIBPOD_ROUTES.map(compile);

/** The tables hold letters, slashes and `{}` alone. Every route ends as it is written, so that no name can make one look like another. */
function compile(row: RouteRow): CompiledRow {
  return { row, pattern: new RegExp(`^${row[1].replaceAll("{}", "(.+)")}$`, "s") };
}
