import { quoteForTerminal } from "../model/quote.ts";

/** A row of a table. */
export function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** A name in code: no line break and no bar ends the cell, no backtick the code. */
export function code(name: string): string {
  return `<code>${escaped(name)}</code>`;
}

/**
 * Text that stays text in GitHub's and GitLab's Markdown: no tag, no format, no table cell, and none of what they make links of
 * (names after `@`, numbers after `#`, addresses). A comment ends such a word and is not shown.
 */
export function escaped(value: string): string {
  return quoteForTerminal(value).replaceAll(/[&<>|\\`*_[\]~$]|[@#!](?=\w)|:(?=\/\/)|www(?=\.)/gi, (sign) => {
    const entity = ENTITIES[sign];
    if (entity !== undefined) return entity;
    return /^[@#!:w]/i.test(sign) ? `${sign}<!-- -->` : `&#${sign.charCodeAt(0)};`;
  });
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
