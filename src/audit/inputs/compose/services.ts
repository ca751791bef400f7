import { mergedMaps, mergedServices } from "./merge.ts";
import { type Reader, type Service, addProblem, openBeside } from "./project.ts";
import {
  type ComposeFile,
  type Entry,
  type Mapping,
  entryAt,
  entryOf,
  isNothing,
  isUnknown,
  itemsOf,
  textOf,
} from "./tree.ts";

/** Services that extend one another: more of them are no way to write a file. */
const LONGEST_CHAIN = 20;

/** Services as one file has them, by name, with what they take over by `extends`. */
export function servicesOf(reader: Reader, file: ComposeFile): ReadonlyMap<string, Service> {
  const services = new Map<string, Service>();
  const { map, path } = servicesMap(file);
  for (const [name, entry] of map?.entries ?? []) {
    const service =
      path.length === 0 && !isFirstFormService(entry) ? undefined : extended(reader, file, name, new Set());
    if (service !== undefined) services.set(name, { ...service, at: entry.at, path: [...path, name] });
  }
  return services;
}

/** Services of a file put on those of another one. */
export function onTop(
  base: ReadonlyMap<string, Service>,
  over: ReadonlyMap<string, Service>,
): ReadonlyMap<string, Service> {
  const services = new Map(base);
  for (const [name, service] of over) services.set(name, combined(base.get(name), service));
  return services;
}

/** The service belongs where it is found first. */
function combined(base: Service | undefined, over: Service): Service {
  if (base === undefined || over.settings.tag === "!override") return over;
  const settings = mergedServices(base.settings, over.settings);
  if (settings.kind !== "map") return over;
  const alsoAt = [...base.alsoAt, over.at, ...over.alsoAt];
  return { ...base, alsoAt, settings, complete: base.complete && over.complete };
}

/** The map of all services: in the first form of the file, which has no key for them, the file itself. */
function servicesMap(file: ComposeFile): { readonly map?: Mapping; readonly path: readonly string[] } {
  const root = file.root;
  const entry = entryOf(root, "services");
  if (entry?.value.kind === "map") return { map: entry.value, path: ["services"] };
  return entry === undefined ? { map: root, path: [] } : { path: ["services"] };
}

function isFirstFormService({ value }: Entry): boolean {
  return ["image", "build", "extends"].some((key) => entryOf(value, key) !== undefined);
}

/** A service with what it extends; undefined when it is none, which is a problem then. */
function extended(reader: Reader, file: ComposeFile, name: string, chain: ReadonlySet<string>): Service | undefined {
  const { map, path } = servicesMap(file);
  const entry = entryOf(map, name);
  if (entry?.value.kind !== "map") {
    // An override may have only the name; on its own it says nothing.
    if (entry !== undefined && !isNothing(entry.value))
      addProblem(reader, entry.at, `The service '${name}' is not a map of keys.`);
    return undefined;
  }
  const own: Service = {
    name,
    at: entry.at,
    alsoAt: [],
    path: [...path, name],
    settings: entry.value,
    complete: true,
  };
  const extend = entryOf(entry.value, "extends");
  if (extend === undefined) return own;
  const base = baseOf(reader, file, name, extend, new Set([...chain, JSON.stringify([file.name, name])]));
  return base === undefined
    ? { ...own, complete: false }
    : { ...combined(base, own), name, at: own.at, alsoAt: [base.at, ...base.alsoAt], path: own.path };
}

function baseOf(
  reader: Reader,
  file: ComposeFile,
  name: string,
  { at, value }: Entry,
  chain: ReadonlySet<string>,
): Service | undefined {
  const wanted = value.kind === "map" ? entryOf(value, "service")?.value : value;
  const path = entryAt(value, "file")?.value;
  const [service, filePath] = [textOf(wanted), textOf(path)];
  const refuse = (why: string): undefined => {
    addProblem(reader, at, `The service '${name}' ${why}.`, "What it takes over is not known.");
  };
  if (service === undefined) return refuse("extends something that has no name");
  if (isUnknown(wanted) || isUnknown(path)) return refuse("extends one whose name holds a variable without a value");
  const from = filePath === undefined ? file : openBeside(reader, at, filePath);
  if (from === undefined) return undefined;
  if (chain.has(JSON.stringify([from.name, service]))) return refuse("extends itself in a circle");
  if (chain.size > LONGEST_CHAIN) return refuse(`extends more than ${LONGEST_CHAIN} services, one behind the other`);
  if (entryOf(servicesMap(from).map, service) === undefined)
    return refuse(`extends '${service}', which is not in ${from === file ? "this file" : `'${filePath}'`}`);
  return extended(reader, from, service, chain);
}

/** A map at the top of several files, such as all volumes; later files win. */
export function topLevel(files: readonly ComposeFile[], key: string): Mapping | undefined {
  return files
    .map((file) => entryOf(file.root, key)?.value)
    .filter((value) => value?.kind === "map")
    .reduce<Mapping | undefined>((base, over) => (base === undefined ? over : mergedMaps(base, over, key)), undefined);
}

/** What a file includes: lists of paths, each put on the one before, and the files with its variables. */
export function includesOf(file: ComposeFile): readonly Include[] {
  return itemsOf(entryOf(file.root, "include")?.value).map((item) => {
    const environment = entryOf(item, "env_file")?.value;
    return {
      at: item.at,
      paths: itemsOf(item.kind === "map" ? entryOf(item, "path")?.value : item).flatMap((path) => textOf(path) ?? []),
      ...(environment === undefined ? {} : { envFiles: itemsOf(environment).flatMap((path) => textOf(path) ?? []) }),
    };
  });
}

export interface Include {
  readonly at: Entry["at"];
  readonly paths: readonly string[];
  readonly envFiles?: readonly string[];
}
