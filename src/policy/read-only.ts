import type { Strategy, StrategyEntry } from "../model/strategy.ts";
import { isWithin } from "../strategy/paths.ts";
import { codeIn } from "./code.ts";
import type { Change, Reason } from "./decision.ts";
import { cleanPath } from "./paths.ts";
import type { Subject } from "./rule.ts";
import { chooseStrategy } from "./strategies.ts";
import { plain } from "./wording.ts";

export interface ReadOnlyPlan {
  readonly changes: readonly Change[];
  readonly refusal?: Reason;
  readonly notes: readonly Reason[];
}

/** What makes a container read-only that is not, with the places that it may write. */
export function readOnlyPlan(subject: Subject): ReadOnlyPlan {
  const { container, policy, circumstances } = subject;
  // Who says --read-only knows the mounts that go with it.
  if (container.readOnlyRoot) return { changes: [], notes: [] };
  const { strategy, refusal, notes } = chooseStrategy(container, policy, circumstances.strategies);
  if (refusal !== undefined) return { changes: [], refusal, notes };
  const places = strategy === undefined ? templatePlaces(subject) : strategyPlaces(strategy, subject);
  return {
    changes: [{ kind: "readOnlyRoot" }, ...places.changes],
    notes: [...notes, ...places.notes],
  };
}

interface Places {
  readonly changes: readonly Change[];
  readonly notes: readonly Reason[];
}

function templatePlaces({ container, policy }: Subject): Places {
  const taken = takenBy(container);
  const codeAt = codeIn(container);
  const places = policy.template
    .filter(({ path }) => !isTaken(path, taken))
    .map((place) => ({ place, code: policy.refuse.mountsOverCode ? codeAt(cleanPath(place.path)) : undefined }));
  return {
    changes: places
      .filter(({ code }) => code === undefined)
      .map(({ place: { path, sizeBytes, mode, exec } }) => ({
        kind: "tmpfs",
        path,
        sizeBytes,
        mode,
        uid: 0,
        gid: 0,
        exec,
      })),
    notes: places.flatMap(({ place: { path }, code }) => (code === undefined ? [] : [leftOut(path, code)])),
  };
}

function leftOut(path: string, code: string): Reason {
  return {
    rule: "template",
    sentence: `The template's tmpfs on ${path} is left out: ${plain(code)} is there.`,
    remedy: "Mount something there yourself, or learn this image with petrify learn.",
  };
}

function strategyPlaces({ name, entries, settings = [], logs = [] }: Strategy, { container }: Subject): Places {
  const own = container.mounts.map(({ target }) => cleanPath(target));
  const declared = (container.image?.volumes ?? []).map(cleanPath);
  const set = new Set(container.env.map((variable) => variable.split("=", 1)[0]));
  const places = entries
    .filter((entry) => !isTaken(entry.path, own))
    .filter((entry) => {
      // The image's own VOLUME is anonymous; the strategy may give it a name.
      const names = entry.kind === "volume" && entry.source !== undefined && declared.includes(cleanPath(entry.path));
      return names || !isTaken(entry.path, declared);
    })
    .flatMap(changeFor);
  return {
    changes: [
      ...places,
      ...settings
        // Where programs are looked for is no matter of where is written, and decides what no mount may cover.
        .filter((setting) => !set.has(setting.name) && setting.name !== "PATH")
        .map(({ name: variable, value }): Change => ({ kind: "env", name: variable, value })),
    ],
    notes: logs.length === 0 ? [] : [withoutLinks(name)],
  };
}

/** Where the client, or the image by a VOLUME, has a mount. */
function takenBy({ mounts, image }: Subject["container"]): readonly string[] {
  return [...mounts.map(({ target }) => target), ...(image?.volumes ?? [])].map(cleanPath);
}

function isTaken(path: string, taken: readonly string[]): boolean {
  return taken.some((target) => isWithin(cleanPath(path), target));
}

function changeFor(entry: StrategyEntry): readonly Change[] {
  if (entry.kind === "tmpfs") {
    const { path, sizeBytes, mode, uid, gid, exec } = entry;
    return [{ kind: "tmpfs", path, sizeBytes, mode, uid, gid, exec }];
  }
  if (entry.kind === "seeded" || entry.kind === "scratch") return [{ kind: "volume", path: entry.path }];
  // A strategy with a bind fits only a client that mounts it itself; the rest stays refused.
  if (entry.kind !== "volume") return [];
  const { path, source, driver, options } = entry;
  const name = source === undefined ? {} : { name: source };
  return [
    {
      kind: "volume",
      path,
      ...name,
      ...(driver === undefined ? {} : { driver }),
      ...(options === undefined ? {} : { options }),
    },
  ];
}

function withoutLinks(name: string): Reason {
  return {
    rule: "strategy",
    sentence: `The log files of the strategy ${name} are files in their mounts, not links to the container's log.`,
    remedy: "Put the links into the image with petrify bake.",
  };
}
