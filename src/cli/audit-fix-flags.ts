import { PetrifyError } from "../model/errors.ts";
import { namesEngine } from "./audit-engines.ts";
import type { AuditFlags } from "./audit-flags.ts";

export function isFixing({ fix, diff, learn, template, test }: AuditFlags): boolean {
  return [fix, diff, learn, template, test].some((flag) => flag !== undefined);
}

/** Throws E_USAGE for what means nothing together. */
export function refuseFixing(paths: readonly string[], flags: AuditFlags): void {
  const { fix, diff, learn, template, test } = flags;
  const refused: readonly (readonly [boolean, message: string, hint: string])[] = [
    [
      fix !== true && diff !== true,
      `--${learn === true ? "learn" : template === true ? "template" : "test"} is about how to fix.`,
      "Add --diff, which shows what would change, or --fix.",
    ],
    [
      namesEngine(flags) || (paths.length === 0 && flags.changed === undefined),
      "Only files can be fixed: nothing about a container that exists can be made read-only.",
      "Name the files that its containers are made from.",
    ],
    [
      test !== undefined && learn !== true,
      "--test exercises what --learn learns.",
      "Add --learn; petrify learn takes every other option.",
    ],
    [
      paths.includes("-") && paths.length > 1,
      "Standard input is fixed by itself: what it becomes goes to standard output.",
      "Run petrify audit twice.",
    ],
    [
      diff === true && (flags.json === true || flags.format !== "text"),
      "--diff prints a patch, and no report.",
      "Run petrify audit without --diff for the report.",
    ],
  ];
  for (const [isSo, message, hint] of refused) if (isSo) throw new PetrifyError("E_USAGE", message, { hint });
}
