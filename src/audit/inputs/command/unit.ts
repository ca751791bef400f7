import { readUnit } from "../../../export/unit-reader.ts";
import type { Command } from "../words/shell-words.ts";
import { unitWords } from "../words/unit-words.ts";
import type { Word } from "../words/word.ts";

/** The commands of a systemd unit: those that it starts, and those before and after. */
export function unitCommands(text: string): readonly Command[] {
  const settings = readUnit(text).flatMap((section) => (section.name === "Service" ? section.settings : []));
  return settings.flatMap(({ key, value }) => {
    if (!/^Exec(?:Start(?:Pre|Post)?|Stop(?:Post)?|Reload|Condition)$/.test(key.text)) return [];
    // systemd.service: special prefixes of the executable.
    const [prefix = ""] = /^[-@:+!|]*/.exec(value.text) ?? [];
    const words = unitWords(value.slice(prefix.length), prefix.includes(":") ? "none" : "command");
    return commandsOf(prefix.includes("@") ? [...words.slice(0, 1), ...words.slice(2)] : words);
  });
}

/** A semicolon that is a word divides commands. */
function commandsOf(words: readonly Word[]): readonly Command[] {
  const commands: Word[][] = [[]];
  for (const word of words)
    if (word.placed.text === ";" && word.end - word.start === 1) commands.push([]);
    else commands.at(-1)?.push(word);
  return commands.filter((command) => command.length > 0);
}
