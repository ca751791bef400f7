import type { Strategy } from "../model/strategy.ts";
import { isImageId, tryParseReference } from "../strategy/reference.ts";
import { isVerifiedOn, repositoriesOf } from "../strategy/fit.ts";
import type { AuditedContainer } from "./container.ts";

/** A strategy and the file that it was read from, as seen from where the files are named from. */
export interface StrategyFile {
  readonly file: string;
  readonly strategy: Strategy;
}

/** Whether a strategy was made for this container, as far as its input tells: what is not known speaks for nothing and against nothing. */
export function fitsContainer(strategy: Strategy, container: AuditedContainer): boolean {
  const { image } = container;
  const isById = image?.id !== undefined && strategy.verifiedOn.includes(image.id);
  const isByName = repositories(container).some((repository) => strategy.fits.repositories.includes(repository));
  return (isById || isByName) && sameSettings(strategy, container);
}

/** Whether `verify` succeeded on this very image. */
export function isVerifiedFor(strategy: Strategy, { image, settings }: AuditedContainer): boolean {
  const named = settings.image?.value ?? "";
  return isVerifiedOn(strategy, [
    ...(image?.id === undefined ? [] : [image.id]),
    ...(image?.repoDigests ?? []),
    // A digest that is written is the image; a tag is not.
    ...(isImageId(named) || named.includes("@") ? [named] : []),
  ]);
}

function repositories({ image, settings, unknown = [] }: AuditedContainer): readonly string[] {
  // A tag may be a variable: a capital letter is allowed there and nowhere else in a repository's path.
  const named = (settings.image?.value ?? "").replaceAll(/\$\{[^}]*\}|\$\w+/g, "X");
  if (named === "" || (unknown.includes("image") && named === "X")) return [];
  const names = { id: image?.id ?? "", repoTags: image?.repoTags ?? [], repoDigests: image?.repoDigests ?? [] };
  if (isImageId(named) || tryParseReference(named) !== undefined)
    return repositoriesOf(named, { ...names, volumes: [] });
  return [];
}

function sameSettings({ workload }: Strategy, { settings, unknown = [], image }: AuditedContainer): boolean {
  const entrypoint = show(settings.entrypoint?.value);
  // An entrypoint of one's own takes the image's command away.
  const hasOwn = !isNothing(entrypoint) && entrypoint !== show(image?.entrypoint);
  return SETTINGS.every((name) => {
    const [learned, said] = [show(workload[name]), show(settings[name]?.value)];
    if (unknown.includes(name) || said === learned) return true;
    const isImages = said === show(image?.[name]) && !(name === "command" && hasOwn);
    return learned === undefined && (isNothing(said) || isImages);
  });
}

const SETTINGS = ["entrypoint", "command", "user", "workingDir"] as const;

/** Nothing was said, or as engines tell it. */
function isNothing(shown: string | undefined): boolean {
  return shown === undefined || shown === "[]" || shown === '""';
}

function show(value: string | readonly string[] | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/** What several fitting strategies come to. */
export type Chosen = { readonly chosen: StrategyFile | undefined } | { readonly ambiguous: readonly StrategyFile[] };

/**
 * The strategy for a container among those that lie in one folder: the one that fits, of several the only one that is called like
 * it, else the only one that was verified for its image; undefined when none fits.
 */
export function chooseStrategy(files: readonly StrategyFile[], container: AuditedContainer): Chosen {
  const fitting = files.filter(({ strategy }) => fitsContainer(strategy, container));
  if (fitting.length < 2) return { chosen: fitting[0] };
  const called = fitting.filter(({ strategy }) => isCalled(container, strategy.name));
  const verified = (called.length > 0 ? called : fitting).filter(({ strategy }) => isVerifiedFor(strategy, container));
  const [only, ...others] = called.length === 1 ? called : verified;
  return only !== undefined && others.length === 0 ? { chosen: only } : { ambiguous: fitting };
}

/** `web`; as engines call a service's container: `shop-web-1`, `shop_web_1`; of a pod its own name. */
function isCalled({ workload, container }: AuditedContainer, name: string): boolean {
  if (container !== undefined) return container === name;
  const called = workload.replace(/[-_]\d+$/, "");
  return workload === name || called === name || called.endsWith(`-${name}`) || called.endsWith(`_${name}`);
}
