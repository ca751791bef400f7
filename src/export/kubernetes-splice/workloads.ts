import { PetrifyError } from "../../model/errors.ts";
import type { Strategy } from "../../model/strategy.ts";
import { fits } from "../compose-splice/service.ts";
import { dataAt, listOf } from "../splice/edits.ts";
import { type Data, type YamlData, MANIFEST, isData, readYaml } from "../splice/source.ts";
import type { Path } from "../kubernetes/pod-kinds.ts";
import { podsIn } from "../kubernetes/pods-in.ts";
import { mayHoldPods } from "./documents.ts";

/** A container of a manifest file, by its place. */
export interface FoundContainer {
  /** Which document of the file. */
  readonly document: number;
  readonly kind: string;
  readonly workload: string;
  readonly container: string;
  /** Of the object in its document: empty, or an item of a List. */
  readonly object: Path;
  readonly podSpec: Path;
  readonly path: Path;
  readonly settings: YamlData;
}

export interface ContainerChoice {
  /** Name of the object. */
  readonly workload?: string;
  readonly container?: string;
  /** The container itself, whatever its image: names may not tell it from others. Its object's and pod's places follow. */
  readonly at?: { readonly document: number; readonly path: Path };
}

/** The container at a place. Throws E_MANIFEST_INVALID, E_EXPORT_UNSUPPORTED. */
export function containerAt(
  documents: readonly string[],
  { document, path }: NonNullable<ContainerChoice["at"]>,
): FoundContainer {
  const all = containersOf(readYaml(documents[document] ?? "", MANIFEST).data, document);
  const found = all.find((one) => JSON.stringify(one.path) === JSON.stringify(path));
  if (found !== undefined) return found;
  throw new PetrifyError(
    "E_EXPORT_UNSUPPORTED",
    "It is in an object that only looks as if it held a pod, or has no name, and is not changed.",
    { hint: "Write the settings of petrify export --to kubernetes there by hand." },
  );
}

/** Every container of every pod in the documents. Throws E_MANIFEST_INVALID. */
export function findContainers(documents: readonly string[]): FoundContainer[] {
  return documents.flatMap((text, document) =>
    mayHoldPods(text) ? containersOf(readYaml(text, MANIFEST).data, document) : [],
  );
}

/** The container that is meant: by name, or the only one whose image fits. Throws E_USAGE. */
export function chooseContainer(
  all: readonly FoundContainer[],
  strategy: Strategy,
  { workload, container }: ContainerChoice,
): FoundContainer {
  const named = all.filter(
    (found) => (workload ?? found.workload) === found.workload && (container ?? found.container) === found.container,
  );
  const fitting = named.filter(({ settings }) => fits(settings, strategy));
  // An init container of the same image prepares what the container then uses; those of exports are such.
  const main = fitting.filter(({ path }) => path.includes("containers"));
  const candidates = [main, fitting, container === undefined ? [] : named].find(({ length }) => length > 0) ?? [];
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) return only;
  const listed = (only === undefined ? all : candidates).map(placeText).join(", ");
  throw new PetrifyError(
    "E_USAGE",
    only === undefined
      ? `No container of the manifest fits the strategy '${strategy.name}'${container === undefined ? "" : ` and is called '${container}'`}.`
      : `Several containers of the manifest fit the strategy '${strategy.name}'.`,
    { hint: listed === "" ? "It holds no pods." : `Name one with --workload and --container: ${listed}.` },
  );
}

export function placeText({ kind, workload, container }: FoundContainer): string {
  return `${kind} ${workload}/${container}`;
}

function containersOf(data: Data, document: number): FoundContainer[] {
  return podsIn(data).flatMap(({ kind, object, objectPath, pod, podPath, custom }) => {
    // What only looks like a pod is not changed.
    if (custom) return [];
    const workload = textAt(object, ["metadata", "name"]) ?? textAt(object, ["metadata", "generateName"]) ?? "";
    return ["containers", "initContainers"].flatMap((key) =>
      listOf(dataAt(pod, [key])).flatMap((settings, index) => {
        const container = textAt(settings, ["name"]);
        if (!isData(settings) || container === undefined) return [];
        const path = [...podPath, key, index];
        return [{ document, kind, workload, container, object: objectPath, podSpec: podPath, path, settings }];
      }),
    );
  });
}

function textAt(data: Data, path: Path): string | undefined {
  const text = dataAt(data, path);
  return typeof text === "string" ? text : undefined;
}

/** The name of an object, or none. */
export function nameOf(data: unknown): string[] {
  const name = typeof data === "object" && data !== null && "name" in data ? data.name : undefined;
  return typeof name === "string" ? [name] : [];
}
