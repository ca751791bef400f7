import type { Location } from "../../../model/finding.ts";
import type { BuildStep, SettingName, Settings } from "../../container.ts";
import type { Locator } from "../../locator.ts";
import type { Expanded, Variables } from "./words.ts";

/** What an image is while its instructions are read, those of the stages that it begins with first. */
export interface Building {
  readonly escape: string;
  readonly locate: Locator;
  isWindows: boolean;
  readonly settings: { -readonly [N in SettingName]?: Settings[N] };
  readonly unknown: Set<SettingName>;
  readonly volumes: string[];
  readonly steps: BuildStep[];
  /** `NAME=value`, or `NAME` when the value is not known, by name. */
  readonly environment: Map<string, string>;
  environmentAt?: Location;
  hasSecret: boolean;
  /** ENV counts for every stage behind it and wins over ARG, which counts to the end of its own. */
  readonly env: Map<string, string | undefined>;
  readonly args: Map<string, string | undefined>;
  readonly global: ReadonlyMap<string, string | undefined>;
  readonly variables: Variables;
  /** CMD is of the stage itself: ENTRYPOINT takes back one that was there before. */
  hasCommand: boolean;
}

export function emptyBuilding(escape: string, locate: Locator, global: Building["global"]): Building {
  const env: Building["env"] = new Map();
  const args: Building["args"] = new Map();
  return {
    escape,
    locate,
    isWindows: escape === "`",
    settings: {},
    unknown: new Set(),
    volumes: [],
    steps: [],
    environment: new Map(),
    hasSecret: false,
    env,
    args,
    global,
    variables: { get: (name) => (env.has(name) ? env.get(name) : args.get(name)) },
    hasCommand: false,
  };
}

/** Name and value of `NAME=value`; no value when there is none, or when it is not known. */
export function assignment({
  placed: { text },
  unknown,
}: Expanded): readonly [name: string, value: string | undefined] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), unknown ? undefined : text.slice(equals + 1)];
}
