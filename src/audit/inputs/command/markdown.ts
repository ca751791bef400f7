import { PlacedBuilder, type PlacedText } from "../../../export/placed-text.ts";

const FENCE = /^([ \t]*)(`{3,}|~{3,})[ \t]*([\w-]*)/;
const LANGUAGES = /^(?:|sh|bash|shell|console|shell-session|shellsession|zsh|terminal|text)$/i;
const PROMPT = /^[ \t]*(?:\$|#|>)[ \t]+(?=\S)/;

/** The fenced blocks of a Markdown text that hold commands, without prompts; in those with prompts the rest is what was printed. */
export function markdownBlocks(text: string): readonly PlacedText[] {
  const blocks: PlacedText[] = [];
  let block:
    | { readonly fence: string; readonly isShell: boolean; readonly lines: [from: number, line: string][] }
    | undefined;
  for (let start = 0; start < text.length;) {
    const lineBreak = text.indexOf("\n", start);
    const end = lineBreak < 0 ? text.length : lineBreak + 1;
    const line = text.slice(start, end);
    const [, , fence = "", language = ""] = FENCE.exec(line) ?? [];
    if (block === undefined) {
      if (fence !== "") block = { fence, isShell: LANGUAGES.test(language), lines: [] };
    } else if (fence.startsWith(block.fence) && language === "") {
      if (block.isShell) blocks.push(commandsOf(block.lines));
      block = undefined;
    } else block.lines.push([start, line]);
    start = end;
  }
  return blocks;
}

function commandsOf(lines: readonly (readonly [from: number, line: string])[]): PlacedText {
  const builder = new PlacedBuilder();
  const hasPrompts = lines.some(([, line]) => /^[ \t]*\$[ \t]+\S/.test(line));
  let isContinued = false;
  for (const [from, line] of lines) {
    const prompt = (hasPrompts ? /^[ \t]*[$>#][ \t]+/ : PROMPT).exec(line)?.[0] ?? "";
    const isCommand: boolean = !hasPrompts || prompt !== "" || isContinued;
    if (isCommand && !(prompt.includes("#") && !hasPrompts))
      for (let at = isContinued ? 0 : prompt.length; at < line.length; at++) builder.add(line.charAt(at), from + at);
    isContinued = isCommand && /\\\r?\n$/.test(line);
  }
  return builder.build();
}
