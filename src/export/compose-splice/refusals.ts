import { PetrifyError } from "../../model/errors.ts";
import { listOf } from "../splice/edits.ts";
import { type ComposeService, extendingServices } from "./service.ts";
import { COMPOSE, type YamlData, type YamlSource, isData, invalid } from "../splice/source.ts";

/** Throws E_EXPORT_UNSUPPORTED or E_COMPOSE_INVALID when the service cannot be made read-only by changing this file. */
export function refuseImpossible(source: YamlSource, service: ComposeService, inherited: readonly YamlData[]): void {
  refuseInjectedFiles(source, service.name, [service.settings, ...inherited]);
  const others = extendingServices(source, service.name);
  if (others.length > 0)
    throw invalid(
      COMPOSE,
      `The service '${service.name}' is extended by ${others.join(", ")}, which would become read-only too.`,
      "Give them a common base service, and run this again.",
    );
}

/*
 * Compose copies configs and secrets that are no files into the created container, which dockerd refuses when its root is
 * read-only: "`file` is the sole supported option" (docker/compose pkg/compose/secrets.go; issues 12031, 12303).
 */
function refuseInjectedFiles({ data }: YamlSource, service: string, settings: readonly YamlData[]): void {
  for (const kind of ["configs", "secrets"] as const) {
    const definitions = isData(data[kind]) ? data[kind] : {};
    for (const use of settings.flatMap((each) => listOf(each[kind]))) {
      const name = isData(use) ? use["source"] : use;
      if (typeof name !== "string" || !Object.hasOwn(definitions, name)) continue;
      const definition = definitions[name];
      if (!isData(definition)) continue;
      const origin = ["content", "environment"].find((key) => definition[key] !== undefined);
      if (origin !== undefined)
        throw new PetrifyError(
          "E_EXPORT_UNSUPPORTED",
          `Compose refuses read_only for the service '${service}': its ${kind.slice(0, -1)} '${name}' comes from '${origin}', not from a file.`,
          { hint: `Give '${name}' as 'file:', or pass it by 'environment' or a bind mount.` },
        );
    }
  }
}
