import type { Location } from "../../../model/finding.ts";
import type { Locator } from "../../locator.ts";
import { applyInstruction } from "./apply.ts";
import { type Building, assignment, emptyBuilding } from "./building.ts";
import type { Instruction, Instructions } from "./instructions.ts";
import { type Expanded, expanded, wordsOf } from "./words.ts";

export interface LastStage extends Pick<Building, "isWindows" | "settings" | "unknown" | "volumes" | "steps"> {
  readonly name?: string;
  readonly at: Location;
}

interface Stage {
  readonly from: Instruction;
  readonly image: Expanded;
  readonly name?: string;
  /** The stage that it begins with. */
  readonly base?: Stage;
  readonly instructions: Instruction[];
}

/** The image that is built when nobody names a stage; undefined without a FROM. */
export function lastStage({ list, escape }: Instructions, locate: Locator): LastStage | undefined {
  const { stages, global } = stagesOf(list, escape);
  const last = stages.at(-1);
  if (last === undefined) return undefined;
  const chain: Stage[] = [];
  for (let stage: Stage | undefined = last; stage !== undefined; stage = stage.base) chain.push(stage);
  const building = emptyBuilding(escape, locate, global);
  for (const stage of chain.toReversed()) {
    begin(building, stage);
    for (const instruction of stage.instructions) applyInstruction(building, instruction);
  }
  const { isWindows, settings, unknown, volumes, steps, environment, environmentAt } = building;
  if (environmentAt !== undefined) settings.environment = { value: [...environment.values()], at: environmentAt };
  const { name, from } = last;
  const at = locate(from.start, from.rest.at(from.rest.text.length));
  return { ...(name === undefined ? {} : { name }), at, isWindows, settings, unknown, volumes, steps };
}

/** Divides the instructions; ARGs that stand before the first FROM count in every FROM. */
function stagesOf(
  list: readonly Instruction[],
  escape: string,
): { readonly stages: readonly Stage[]; readonly global: Building["args"] } {
  const stages: Stage[] = [];
  const byName = new Map<string, Stage>();
  const global: Building["args"] = new Map();
  for (const instruction of list) {
    const { name, rest } = instruction;
    if (name === "FROM") {
      const image = expanded(rest, escape, global);
      const [, stageName] = /\s[Aa][Ss]\s+(\S+)\s*$/.exec(rest.text) ?? [];
      const base = byName.get(image.placed.text.toLowerCase());
      const stage: Stage = {
        from: instruction,
        image,
        instructions: [],
        ...(stageName === undefined ? {} : { name: stageName }),
        ...(base === undefined ? {} : { base }),
      };
      if (stageName !== undefined) byName.set(stageName.toLowerCase(), stage);
      stages.push(stage);
    } else if (stages.length > 0) stages.at(-1)?.instructions.push(instruction);
    else if (name === "ARG")
      for (const word of wordsOf(rest, escape, global)) {
        const [variable, value] = assignment(word);
        global.set(variable, value);
      }
  }
  return { stages, global };
}

function begin(building: Building, { from, image: { placed, start, end, unknown }, base }: Stage): void {
  building.args.clear();
  building.hasCommand = false;
  building.isWindows ||=
    from.flags.some((flag) => /^--platform=windows/i.test(flag)) || /windows|nanoserver/i.test(placed.text);
  if (base !== undefined) return;
  if (placed.text !== "") building.settings.image = { value: placed.text, at: building.locate(start, end) };
  if (unknown) building.unknown.add("image");
  // Images that are made to be run as another user say so in their names.
  if (/nonroot|rootless|unprivileged/.test(placed.text)) building.unknown.add("user");
}
