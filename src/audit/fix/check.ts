import { audit } from "../audit.ts";
import type { AuditedContainer, SettingName } from "../container.ts";
import { SETTING_NAMES } from "../container.ts";
import type { ReadContainers } from "../inputs.ts";
import { missingPlaces } from "../rules/missing-places.ts";
import { readOnlyRoot } from "../rules/read-only-root.ts";

/** What `--fix` mends. */
export const FIXED_RULES = [readOnlyRoot, missingPlaces];

const CHANGED: ReadonlySet<SettingName> = new Set(["readOnlyRoot", "misplacedReadOnlyRoot", "mounts", "environment"]);

/** Tells containers of one run apart, before and after it. */
export function keyOf({ source, workload, container = "", place }: AuditedContainer): string {
  return JSON.stringify([source.kind, source.name, workload, container, place]);
}

/**
 * What is wrong with a changed text, as it is read again; undefined when the fixed containers have what they need, and nothing
 * else means something else.
 */
export function whatIsWrong(
  before: ReadContainers,
  after: ReadContainers,
  fixed: ReadonlyMap<string, AuditedContainer>,
): string | undefined {
  const known = new Set(before.problems.map(({ message }) => message));
  const problem = after.problems.find(({ message }) => !known.has(message));
  if (problem !== undefined) return `the changed file could not be read: ${problem.message}`;
  const now = new Map(after.containers.map((container) => [keyOf(container), container]));
  for (const old of before.containers) {
    const key = keyOf(old);
    const changed = now.get(key);
    if (changed === undefined) return `${old.workload} would be gone.`;
    now.delete(key);
    const wrong = wrongContainer(old, changed, fixed.get(key));
    if (wrong !== undefined) return wrong;
  }
  const own = [...now.values()].find(
    (container) => container.role !== "init" || audit([container], FIXED_RULES).length,
  );
  return own === undefined ? sharedVolume(before, after, fixed) : `${nameOf(own)} would be new.`;
}

function wrongContainer(
  old: AuditedContainer,
  changed: AuditedContainer,
  fixed: AuditedContainer | undefined,
): string | undefined {
  const other = SETTING_NAMES.filter((name) => fixed === undefined || !CHANGED.has(name)).find(
    (name) =>
      name !== "misplacedReadOnlyRoot" && withoutPlaces(old.settings[name]) !== withoutPlaces(changed.settings[name]),
  );
  if (other !== undefined) return `${nameOf(old)} would get another ${other}.`;
  if (fixed === undefined) return undefined;
  const [left] = audit([{ ...changed, strategy: fixed.strategy }], FIXED_RULES);
  return left === undefined ? undefined : `it would not suffice: ${left.message}`;
}

/** A volume that a fix adds must be nobody else's; the containers of one pod may share it. */
function sharedVolume(
  before: ReadContainers,
  after: ReadContainers,
  fixed: ReadonlyMap<string, AuditedContainer>,
): string | undefined {
  const old = new Map(before.containers.map((container) => [keyOf(container), sourcesOf(container)]));
  const holders = Map.groupBy(
    after.containers.flatMap((container) => [...sourcesOf(container)].map((source) => ({ source, container }))),
    ({ source }) => source,
  );
  for (const container of after.containers) {
    const key = keyOf(container);
    const added = [...sourcesOf(container)].filter((source) => fixed.has(key) && old.get(key)?.has(source) === false);
    for (const source of added) {
      const other = holders.get(source)?.find((holder) => holder.container.workload !== container.workload);
      if (other !== undefined) return `it would share the volume ${source} with ${nameOf(other.container)}.`;
    }
  }
  return undefined;
}

/** Volumes of a Compose project, claims of a namespace. A StatefulSet has claims of its own, by templates. */
function sourcesOf({ workload, settings }: AuditedContainer): ReadonlySet<string> {
  const [kind, namespace] = /^(\S+) (?:(.*)\/)?/.exec(workload)?.slice(1) ?? [];
  if (kind === "StatefulSet") return new Set();
  return new Set(
    (settings.mounts ?? []).flatMap(({ type, source }) =>
      type === "volume" && source !== undefined ? [namespace === undefined ? source : `${namespace}/${source}`] : [],
    ),
  );
}

function withoutPlaces(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => (key === "at" ? undefined : inner)) ?? "";
}

function nameOf({ workload, container }: AuditedContainer): string {
  return container === undefined ? workload : `${workload}/${container}`;
}
