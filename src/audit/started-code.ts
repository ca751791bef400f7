import { join } from "node:path/posix";
import { isCodeName } from "../strategy/rules/code.ts";

export interface StartedCode {
  /** As the command line has it. */
  readonly word: string;
  readonly path: string;
}

/** What a command line starts: its program, when it is named by path, and scripts that a program is given. */
export function startedCode(words: readonly string[], workingDir: string): readonly StartedCode[] {
  return words.flatMap((word, index) => {
    const isPath = word.startsWith("/") || word.startsWith("./") || isCodeName(word);
    if (!isPath || (index > 0 && !isCodeName(word))) return [];
    return [{ word, path: word.startsWith("/") ? join(word) : join("/", workingDir, word) }];
  });
}
