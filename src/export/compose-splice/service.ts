import { type YAMLMap, isAlias, isMap } from "yaml";
import { PetrifyError } from "../../model/errors.ts";
import type { Strategy } from "../../model/strategy.ts";
import { parseReference } from "../../strategy/reference.ts";
import { ownPair } from "../splice/edit.ts";
import { COMPOSE, type YamlData, type YamlSource, type Data, invalid, isData } from "../splice/source.ts";

/** A service of the file: what is written of it, and what that means once merge keys are resolved. */
export interface ComposeService {
  readonly name: string;
  readonly map: YAMLMap;
  readonly settings: YamlData;
}

/** The service by name, or the only one whose image fits the strategy. Throws E_USAGE, E_COMPOSE_INVALID. */
export function chooseService(source: YamlSource, strategy: Strategy, wanted: string | undefined): string {
  const services = source.data["services"];
  if (!isData(services)) throw invalid(COMPOSE, "The Compose file has no services.");
  const names = Object.keys(services);
  if (wanted !== undefined) {
    if (Object.hasOwn(services, wanted)) return wanted;
    throw new PetrifyError("E_USAGE", `The Compose file has no service '${wanted}'.`, {
      hint: `It has ${names.join(", ")}.`,
    });
  }
  const fitting = names.filter((name) => fits(services[name], strategy));
  const [only, ...others] = fitting;
  if (only === undefined)
    throw new PetrifyError(
      "E_USAGE",
      `No service of the Compose file has an image that fits the strategy '${strategy.name}'.`,
      {
        hint: `Name one with --service: ${names.join(", ")}.`,
      },
    );
  if (others.length > 0)
    throw new PetrifyError("E_USAGE", `Several services fit the strategy '${strategy.name}': ${fitting.join(", ")}.`, {
      hint: "Name one with --service.",
    });
  return only;
}

/** Whether a service's image is one that the strategy was made for. */
export function fits(settings: Data | undefined, strategy: Strategy): boolean {
  const image = isData(settings) ? settings["image"] : undefined;
  const repository = typeof image === "string" ? repositoryOf(image) : undefined;
  return repository !== undefined && strategy.fits.repositories.includes(repository);
}

/** Repository of an image whose tag may hold variables of Compose; undefined when the rest does, too. */
function repositoryOf(image: string): string | undefined {
  try {
    // A capital letter is allowed in a tag and nowhere else in a repository's path.
    return parseReference(image.replaceAll(/\$\{[^}]*\}|\$\w+/g, "X")).repository;
  } catch {
    return undefined;
  }
}

/** Throws E_COMPOSE_INVALID when the service is not written as a map of its own. */
export function findService({ root, data }: YamlSource, name: string): ComposeService {
  const services = ownPair(root, "services")?.value;
  const value = isMap(services) ? ownPair(services, name)?.value : undefined;
  const settings = isData(data["services"]) ? data["services"][name] : undefined;
  if (isMap(value) && isData(settings)) return { name, map: value, settings };
  if (isAlias(value))
    throw invalid(
      COMPOSE,
      `The service '${name}' is only an alias, *${value.source}: changing it would change what it stands for.`,
      `Write it as a map with '<<: *${value.source}', and run this again.`,
    );
  throw invalid(COMPOSE, `The service '${name}' is not written as a map of keys in 'services'.`);
}

/** Services of this file whose settings this one takes over by `extends`, nearest first; and whether there are others elsewhere. */
export function extendedServices(
  { data }: YamlSource,
  name: string,
): { readonly parents: readonly YamlData[]; readonly elsewhere: boolean } {
  const parents: YamlData[] = [];
  const seen = new Set([name]);
  for (let current = serviceData(data, name); ;) {
    const extended = current?.["extends"];
    if (extended === undefined) return { parents, elsewhere: false };
    const parent = parentName(extended);
    current = parent === undefined || seen.has(parent) ? undefined : serviceData(data, parent);
    if (parent === undefined || current === undefined) return { parents, elsewhere: true };
    seen.add(parent);
    parents.push(current);
  }
}

/** Services of this file that take over this one's settings by `extends`. */
export function extendingServices({ data }: YamlSource, name: string): string[] {
  const services = isData(data["services"]) ? data["services"] : {};
  return Object.entries(services).flatMap(([other, settings]) =>
    isData(settings) && settings["extends"] !== undefined && parentName(settings["extends"]) === name ? [other] : [],
  );
}

function parentName(extended: Data): string | undefined {
  if (typeof extended === "string") return extended;
  if (!isData(extended) || extended["file"] !== undefined) return undefined;
  return typeof extended["service"] === "string" ? extended["service"] : undefined;
}

function serviceData(data: YamlData, name: string): YamlData | undefined {
  const services = data["services"];
  const service = isData(services) && Object.hasOwn(services, name) ? services[name] : undefined;
  return isData(service) ? service : undefined;
}
