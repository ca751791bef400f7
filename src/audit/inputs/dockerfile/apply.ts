import { normalize } from "node:path/posix";
import { isSecret } from "../../../strategy/secrets.ts";
import { type Building, assignment } from "./building.ts";
import type { Instruction } from "./instructions.ts";
import { execForm, expanded, wordsOf } from "./words.ts";

type Apply = (building: Building, instruction: Instruction) => void;

/** What each instruction does; those that are not here set nothing of the image's own. */
const INSTRUCTIONS: Readonly<Record<string, Apply>> = {
  ARG: (building, { rest }) => {
    for (const word of wordsOf(rest, building.escape, building.variables)) {
      const [name, value] = assignment(word);
      building.args.set(name, value ?? building.global.get(name));
    }
  },
  ENV: addEnvironment,
  USER: (building, { rest }) => {
    const { placed, start, end, unknown } = expanded(rest, building.escape, building.variables);
    if (unknown) {
      delete building.settings.user;
      building.unknown.add("user");
    } else {
      building.settings.user = { value: placed.text, at: building.locate(start, end) };
      building.unknown.delete("user");
    }
  },
  WORKDIR: (building, { rest }) => {
    const { placed, start, end, unknown } = expanded(rest, building.escape, building.variables);
    if (unknown) building.unknown.add("workingDir");
    // A relative one begins where the last one was.
    const before = building.settings.workingDir?.value ?? "/";
    const value = normalize(placed.text.startsWith("/") ? placed.text : `${before}/${placed.text}`);
    building.settings.workingDir = { value, at: building.locate(start, end) };
  },
  VOLUME: (building, { rest }) => {
    const words = wordsOf(rest, building.escape, building.variables).map(({ placed }) => placed.text);
    for (const path of execForm(rest.text) ?? words)
      if (path.startsWith("/") && !path.includes("${")) building.volumes.push(normalize(path).replace(/(.)\/$/, "$1"));
  },
  HEALTHCHECK: (building, instruction) => {
    building.settings.healthcheck = {
      value: !/^NONE\b/i.test(instruction.rest.text),
      at: placeOf(building, instruction),
    };
  },
  ENTRYPOINT: (building, instruction) => {
    building.settings.entrypoint = { value: startWords(building, instruction), at: placeOf(building, instruction) };
    if (!building.hasCommand) delete building.settings.command;
  },
  CMD: (building, instruction) => {
    building.hasCommand = true;
    building.settings.command = { value: startWords(building, instruction), at: placeOf(building, instruction) };
  },
};

/** Adds an instruction to what is built. */
export function applyInstruction(building: Building, instruction: Instruction): void {
  const { name, flags, rest, documents } = instruction;
  const text = [rest, ...documents].map((part) => part.text).join("\n");
  building.steps.push({ name, flags, text, at: placeOf(building, instruction) });
  if (Object.hasOwn(INSTRUCTIONS, name)) INSTRUCTIONS[name]?.(building, instruction);
}

function placeOf({ locate }: Building, { start, rest }: Instruction): ReturnType<Building["locate"]> {
  return locate(start, rest.at(rest.text.length));
}

function startWords({ isWindows }: Building, { rest: { text } }: Instruction): readonly string[] {
  return execForm(text) ?? (isWindows ? ["cmd", "/S", "/C", text] : ["/bin/sh", "-c", text]);
}

/** `NAME=value ...`, or `NAME value`. The place is that of the first secret, as it is what somebody must act on. */
function addEnvironment(building: Building, { rest }: Instruction): void {
  const words = wordsOf(rest, building.escape, building.variables);
  const [first] = words;
  const isOld = first !== undefined && words.length > 1 && !first.placed.text.includes("=");
  const texts = words.map(({ placed }) => placed.text);
  const variables = isOld
    ? [
        {
          ...first,
          text: `${texts[0]}=${texts.slice(1).join(" ")}`,
          end: words.at(-1)?.end ?? 0,
          unknown: words.some((word) => word.unknown),
        },
      ]
    : words.map((word) => ({ ...word, text: word.placed.text }));
  for (const { text, start, end, unknown } of variables) {
    const name = text.replace(/=.*/s, "");
    const own = unknown ? name : text;
    building.environment.set(name, own);
    building.env.set(name, unknown ? undefined : text.slice(name.length + 1));
    const at = building.locate(start, end);
    building.environmentAt ??= at;
    if (!building.hasSecret && own.includes("=") && isSecret(own)) {
      building.hasSecret = true;
      building.environmentAt = at;
    }
  }
}
