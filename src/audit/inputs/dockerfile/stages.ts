import { normalize } from "node:path/posix";
import type { PlacedText } from "../../../export/placed-text.ts";
import type { Location } from "../../../model/finding.ts";
import { isSecret } from "../../../strategy/secrets.ts";
import type { BuildStep, SettingName, Settings } from "../../container.ts";
import type { Locator } from "../../yaml-place.ts";
import type { Instruction, Instructions } from "./instructions.ts";
import { type Expanded, execForm, expanded, wordsOf } from "./words.ts";

type Values = Map<string, string | undefined>;
type Mutable = { -readonly [N in SettingName]?: Settings[N] };

/** What a stage is when it is built: its own instructions upon those of the stage that it begins with. */
export interface Stage {
  readonly name?: string;
  readonly at: Location;
  readonly isWindows: boolean;
  readonly settings: Mutable;
  readonly unknown: Set<SettingName>;
  readonly volumes: string[];
  /** Of those it is made of, the base stages first. */
  readonly steps: BuildStep[];
  /** What ENV sets, for this stage and those upon it; and with what ARG sets, for this one. */
  readonly env: Values;
  readonly variables: Values;
  /** CMD is of the stage itself: ENTRYPOINT takes back one that was there before. */
  hasCommand: boolean;
}

interface Building {
  readonly escape: string;
  readonly locate: Locator;
  readonly global: Values;
}

/** The stages of a Dockerfile, in its order; empty without a FROM. */
export function stagesOf({ list, escape }: Instructions, locate: Locator): readonly Stage[] {
  const building: Building = { escape, locate, global: new Map() };
  const stages: Stage[] = [];
  for (const instruction of list) {
    const stage = stages.at(-1);
    if (instruction.name === "FROM") stages.push(stageFrom(instruction, stages, building));
    else if (stage !== undefined) apply(stage, instruction, building);
    else if (instruction.name === "ARG")
      for (const word of wordsOf(instruction.rest, escape, building.global)) setVariable(building.global, word);
  }
  return stages;
}

function setVariable(variables: Values, { placed: { text }, unknown }: Expanded, defaults?: Values): string {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  variables.set(name, equals < 0 ? defaults?.get(name) : unknown ? undefined : text.slice(equals + 1));
  return name;
}

/** `FROM [--platform=P] IMAGE [AS NAME]`; ARGs that stand before the first FROM count in it. */
function stageFrom(
  { rest, flags, start }: Instruction,
  stages: readonly Stage[],
  { escape, locate, global }: Building,
): Stage {
  const { placed: image, start: from, end: to, unknown } = expanded(rest, escape, global);
  const [, name] = /\s[Aa][Ss]\s+(\S+)\s*$/.exec(rest.text) ?? [];
  const base = stages.find((stage) => stage.name?.toLowerCase() === image.text.toLowerCase());
  const at = locate(start, rest.at(rest.text.length));
  const isWindows =
    escape === "`" ||
    base?.isWindows === true ||
    flags.some((flag) => /^--platform=windows/i.test(flag)) ||
    /windows|nanoserver/i.test(image.text);
  const own: Mutable =
    base === undefined && image.text !== "" ? { image: { value: image.text, at: locate(from, to) } } : {};
  const unknowns: readonly SettingName[] = base !== undefined ? [...base.unknown] : unknown ? ["image"] : [];
  return {
    ...(name === undefined ? {} : { name }),
    at,
    isWindows,
    settings: { ...base?.settings, ...own },
    // Images that are made to be run as another user say so in their names.
    unknown: new Set([...unknowns, ...(/nonroot|rootless|unprivileged/.test(image.text) ? (["user"] as const) : [])]),
    volumes: [...(base?.volumes ?? [])],
    steps: [...(base?.steps ?? [])],
    env: new Map(base?.env),
    variables: new Map(base?.env),
    hasCommand: false,
  };
}

function apply(stage: Stage, instruction: Instruction, building: Building): void {
  const { name, flags, rest, documents, start } = instruction;
  const { escape, locate, global } = building;
  const at = locate(start, rest.at(rest.text.length));
  const text = [rest, ...documents].map((part) => part.text).join("\n");
  stage.steps.push({ name, flags, text, at });
  switch (name) {
    case "ARG":
      for (const word of wordsOf(rest, escape, stage.variables)) {
        // ENV wins over an ARG of the same name.
        const variables: Values = new Map();
        const variable = setVariable(variables, word, global);
        if (!stage.env.has(variable)) stage.variables.set(variable, variables.get(variable));
      }
      return;
    case "ENV":
      addEnvironment(stage, rest, building);
      return;
    case "USER":
      setText(stage, "user", rest, building);
      return;
    case "WORKDIR":
      setWorkingDir(stage, rest, building);
      return;
    case "VOLUME":
      for (const path of execForm(rest.text) ?? wordsOf(rest, escape, stage.variables).map(({ placed }) => placed.text))
        if (path.startsWith("/") && !path.includes("${")) stage.volumes.push(normalize(path).replace(/(.)\/$/, "$1"));
      return;
    case "HEALTHCHECK":
      stage.settings.healthcheck = { value: !/^NONE\b/i.test(rest.text), at };
      return;
    case "ENTRYPOINT":
      stage.settings.entrypoint = { value: startWords(rest.text, stage.isWindows), at };
      if (!stage.hasCommand) delete stage.settings.command;
      return;
    case "CMD":
      stage.hasCommand = true;
      stage.settings.command = { value: startWords(rest.text, stage.isWindows), at };
      return;
    default:
  }
}

function startWords(text: string, isWindows: boolean): readonly string[] {
  return execForm(text) ?? (isWindows ? ["cmd", "/S", "/C", text] : ["/bin/sh", "-c", text]);
}

function setText(stage: Stage, name: "user", rest: PlacedText, { escape, locate }: Building): void {
  const { placed, unknown } = expanded(rest, escape, stage.variables);
  if (unknown) {
    delete stage.settings[name];
    stage.unknown.add(name);
  } else {
    stage.settings[name] = { value: placed.text, at: locate(rest.at(0), rest.at(rest.text.length)) };
    stage.unknown.delete(name);
  }
}

/** A relative one begins where the last one was. */
function setWorkingDir(stage: Stage, rest: PlacedText, { escape, locate }: Building): void {
  const { placed, unknown } = expanded(rest, escape, stage.variables);
  if (unknown) stage.unknown.add("workingDir");
  const before = stage.settings.workingDir?.value ?? "/";
  const value = placed.text.startsWith("/") ? placed.text : `${before}/${placed.text}`;
  stage.settings.workingDir = { value: normalize(value), at: locate(rest.at(0), rest.at(rest.text.length)) };
}

/** `NAME=value ...`, or `NAME value`. The place is that of the first secret, as it is what somebody must act on. */
function addEnvironment(stage: Stage, rest: PlacedText, { escape, locate }: Building): void {
  const words = wordsOf(rest, escape, stage.variables);
  const [first] = words;
  const isOld = first !== undefined && !first.placed.text.includes("=") && words.length > 1;
  const value = isOld
    ? words
        .slice(1)
        .map(({ placed }) => placed.text)
        .join(" ")
    : "";
  const pairs = isOld
    ? [
        {
          text: `${first.placed.text}=${value}`,
          start: first.start,
          end: words.at(-1)?.end,
          unknown: words.some((word) => word.unknown),
        },
      ]
    : words.map(({ placed, start, end, unknown }) => ({ text: placed.text, start, end, unknown }));
  for (const { text, start, end, unknown } of pairs) {
    const name = text.replace(/=.*/s, "");
    const before = stage.settings.environment;
    const others = (before?.value ?? []).filter((each) => each.replace(/=.*/s, "") !== name);
    const own = unknown ? name : text;
    const at = locate(start, end);
    const isFirstSecret =
      own.includes("=") && isSecret(own) && !others.some((each) => each.includes("=") && isSecret(each));
    stage.settings.environment = { value: [...others, own], at: isFirstSecret ? at : (before?.at ?? at) };
    const known = unknown ? undefined : text.slice(name.length + 1);
    stage.env.set(name, known);
    stage.variables.set(name, known);
  }
}
