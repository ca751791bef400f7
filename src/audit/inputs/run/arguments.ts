import { type FlagUse, scanFlags } from "../../../run-flags/scan.ts";
import type { Locator } from "../../locator.ts";
import type { Word } from "../words/word.ts";
import type { RunDraft } from "./draft.ts";
import { RUN_FLAGS, type RunFlag } from "./flags.ts";

/** Stands where a variable may be flags: no word of a command line holds it. */
const SOME_FLAGS = "--\0";
/** Variables that look like an image are one. */
const IMAGE_NAME = /ima?ge?|repo|tag|ref/i;
const FLAGS_NAME = /opt|arg|flag|param|extra/i;

/** What stands behind the flags. */
export interface Operands {
  /** Absent: there is none, or nobody knows which word it is. */
  readonly image?: Word;
  readonly command: readonly Word[];
  /** A flag that neither engine has. */
  readonly strange?: string;
}

/**
 * Reads the flags of `docker run` into a draft, and gives what stands behind them. A variable that may be flags opens the draft;
 * what is no flag that either engine has does, too, and then nobody knows which word the image is. Throws E_USAGE for a flag
 * without its value.
 */
export function readArguments(draft: RunDraft, args: readonly Word[], locate: Locator, from: string): Operands {
  const strange: string[] = [];
  const { uses, operands, afterDashes } = scanFlags<RunFlag>(args.map(asArgument), {
    flags: RUN_FLAGS,
    flagsEndAtFirstOperand: true,
    onUnknown: (name) => {
      draft.isOpen = true;
      if (name !== SOME_FLAGS) strange.push(name);
      return { long: name, takesValue: false };
    },
  });
  for (const use of uses) apply(draft, use, args, locate, from);
  const count = operands.length + afterDashes.length;
  const [image, ...command] = args.slice(args.length - count);
  if (strange[0] !== undefined) return { command: [], strange: strange[0] };
  if (image !== undefined) return { image, command };
  // A variable at the end holds the image at least.
  const last = args.at(-1);
  return last?.many === true && uses.at(-1)?.to === args.length - 1 ? { image: last, command: [] } : { command: [] };
}

function asArgument({ placed: { text }, unknown, many }: Word, index: number, all: readonly Word[]): string {
  const [, name = ""] = /^\$\{([^}]*)\}/.exec(text) ?? [];
  // What begins with a variable and goes on is a value or an image: only one that stands alone may be flags.
  if (many && (FLAGS_NAME.test(name) || !IMAGE_NAME.test(name) || all[index + 1]?.placed.text.startsWith("-") === true))
    return SOME_FLAGS;
  if (unknown && FLAGS_NAME.test(name) && text === `\${${name}}`) return SOME_FLAGS;
  return text;
}

function apply(
  draft: RunDraft,
  { flag, value, from: first, to }: FlagUse<RunFlag>,
  args: readonly Word[],
  locate: Locator,
  file: string,
): void {
  const [firstWord, lastWord] = [args[first], args[to]];
  if (flag.apply === undefined || firstWord === undefined || lastWord === undefined) return;
  const isVariable = lastWord.unknown && (flag.takesValue || value.includes("${"));
  const given = {
    text: value === SOME_FLAGS ? lastWord.placed.text : value,
    unknown: isVariable,
    at: locate(firstWord.start, lastWord.end),
  };
  flag.apply(draft, given, file);
}
