import { command } from "./inputs/command.ts";
import { compose } from "./inputs/compose.ts";
import { dockerfile } from "./inputs/dockerfile.ts";
import { ecs } from "./inputs/ecs.ts";
import { kubernetes } from "./inputs/kubernetes.ts";
import { quadlet } from "./inputs/quadlet.ts";
import type { AuditText, Input, ReadBeside, ReadContainers } from "./inputs.ts";

/** Every form of text that can be audited; the first that recognises a text reads it. */
export const INPUTS: readonly Input[] = [kubernetes, compose, dockerfile, quadlet, ecs, command];

/** The containers of a text; undefined when it is of no form that is known. */
export function readText(
  text: AuditText,
  beside: ReadBeside,
  inputs: readonly Input[] = INPUTS,
): ReadContainers | undefined {
  return inputs.find((input) => input.recognise(text))?.read(text, beside);
}
