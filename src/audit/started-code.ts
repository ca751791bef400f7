import { join } from "node:path/posix";
import { isWithin } from "../strategy/paths.ts";
import { isCodeName } from "../strategy/rules/code.ts";

/** Of a command line what lies at or below `target`: its program, or a script that a program is given. */
export function startedCode(target: string, words: readonly string[], workingDir: string): string | undefined {
  return words.find((word, index) => {
    const isPath = word.startsWith("/") || word.startsWith("./") || isCodeName(word);
    const isCode = index === 0 || isCodeName(word);
    const path = word.startsWith("/") ? join(word) : join("/", workingDir, word);
    return isPath && isCode && isWithin(path, target);
  });
}
