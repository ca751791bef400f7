import { join, normalize } from "node:path/posix";
import type { AuditedContainer, Settings } from "../../container.ts";
import type { ReadContainers } from "../../inputs.ts";
import { compose } from "../compose.ts";

/** Reads the first of these files, with the others beside it. */
export function readFiles(
  files: Readonly<Record<string, string>>,
  first = Object.keys(files)[0] ?? "",
): ReadContainers {
  return compose.read({ name: first, text: files[first] ?? "" }, (from, path) => {
    const name = normalize(path.startsWith("/") ? path : join(from, "..", path));
    return Object.hasOwn(files, name) ? { name, text: files[name] ?? "" } : undefined;
  });
}

/** The service `web` of a file without problems; `settings` are those of the service in flow style. */
export function webOf(files: Readonly<Record<string, string>> | string): AuditedContainer {
  const { containers, problems } = readFiles(typeof files === "string" ? { "compose.yaml": files } : files);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const web = containers.find(({ workload }) => workload === "web");
  if (web === undefined) throw new Error("There is no service 'web'.");
  return web;
}

/** Settings without their places. */
export function valuesOf({ settings }: AuditedContainer): Readonly<Record<string, unknown>> {
  return JSON.parse(
    JSON.stringify(settings, (key, value: unknown) => (key === "at" ? undefined : value)),
  ) as Settings as never;
}
