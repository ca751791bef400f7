import { inspect } from "node:util";
import type { AuditProblem } from "../../model/finding.ts";
import type { AuditedContainer } from "../container.ts";
import type { Input, ReadContainers } from "../inputs.ts";
import { INPUTS, readText } from "../recognise.ts";
import { readBeside } from "./files.ts";
import type { Gathered } from "./gather.ts";

export interface ReadSources extends ReadContainers {
  readonly texts: ReadonlyMap<string, string>;
}

interface Options {
  /** What was named and is of no form that is known is no problem. */
  readonly skipUnknown?: boolean;
  readonly inputs?: readonly Input[];
}

/** Reads the containers of every text; none that is broken stops the others. Never throws. */
export function readSources(
  { texts, problems }: Gathered,
  { skipUnknown = false, inputs = INPUTS }: Options = {},
): ReadSources {
  const containers: AuditedContainer[] = [];
  const told: AuditProblem[] = [...problems];
  const known = new Map<string, string>();
  for (const { text, named, broken } of texts) {
    try {
      const read = readText(text, readBeside, inputs);
      if (read === undefined) {
        if (named && !skipUnknown) told.push(broken ?? unknownForm(text.name));
        continue;
      }
      known.set(text.name, text.text);
      if (broken !== undefined) {
        told.push(broken);
        continue;
      }
      containers.push(...read.containers);
      told.push(...read.problems);
    } catch (error) {
      told.push(bug(text.name, error));
    }
  }
  return { containers, problems: told, texts: known };
}

function unknownForm(source: string): AuditProblem {
  return {
    source,
    code: "E_AUDIT_UNKNOWN_FORM",
    message: "It describes no containers in a form that is known.",
    hint: "docs/reference/audit.md lists the forms; `petrify audit FOLDER` leaves out what is none of them.",
  };
}

function bug(source: string, error: unknown): AuditProblem {
  const reason = error instanceof Error ? error.message : inspect(error);
  const hint = "This is a bug: please report it with the file, or one that is alike.";
  return { source, code: "E_INTERNAL", message: `Petrify failed on it: ${reason}`, hint };
}
