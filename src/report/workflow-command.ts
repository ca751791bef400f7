import { quoteForTerminal } from "../model/quote.ts";

/** A workflow command of GitHub Actions, one line; properties that are undefined are left out. */
export function workflowCommand(
  name: "error" | "warning" | "notice",
  properties: Readonly<Record<string, string | number | undefined>>,
  message: string,
): string {
  const given = Object.entries(properties).filter(([, value]) => value !== undefined);
  return `::${name} ${given.map(([key, value]) => `${key}=${property(String(value))}`).join(",")}::${data(message)}\n`;
}

/** https://github.com/actions/toolkit packages/core/src/command.ts: what ends a command or a property is escaped. */
function data(value: string): string {
  return quoteForTerminal(value).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(value: string): string {
  return data(value).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/**
 * Text for a log in which nothing is a command: runners take lines that begin with `::`, and `##[` and its like anywhere
 * (https://github.com/actions/runner src/Runner.Common/ActionCommand.cs; Azure's and TeamCity's are alike).
 */
export function withoutCommands(text: string): string {
  return text.replaceAll(/^(\s*):(?=:)/gm, "$1\\u{3a}").replaceAll(/#(?=#\w*\[)/g, "\\u{23}");
}
