import { quoteForTerminal } from "../model/quote.ts";
import { formatSize } from "../model/units.ts";

/** Text that is HTML already. Only `markup` makes it, so nothing gets into a page unescaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand in a page: text, which is escaped, and HTML, which is not; false and undefined leave nothing. */
export type Content = string | number | Html | false | undefined | readonly Content[];

/**
 * HTML with values put in. Text may stand between tags and in double-quoted attributes that are no address and no code;
 * whatever it holds, it stays text there.
 */
export function markup(literals: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(literals.reduce((text, literal, index) => text + render(values[index - 1]) + literal));
}

function render(content: Content): string {
  if (content === false || content === undefined) return "";
  if (content instanceof Html) return content.text;
  if (typeof content === "object") return content.map(render).join("");
  return escape(quoteForTerminal(String(content)));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"'`]/g, (sign) => ENTITIES[sign] as string);
}

/** Text of several lines; all else that would act on the display is shown as an escape. */
export function lines(text: string): Html {
  return new Html(
    text
      .split("\n")
      .map((line) => render(line))
      .join("\n"),
  );
}

/** Whether `lines` shows the text as it is. */
export function isPlain(text: string): boolean {
  return text.split("\n").every((line) => quoteForTerminal(line) === line);
}

/** A path that may break after each of its slashes; what `below` says already is set back. */
export function path(text: string, below = ""): Html {
  const prefix = below !== "" && below !== "/" && text.startsWith(`${below}/`) ? `${below}/` : "";
  const back = prefix === "" ? "" : markup`<span class="back">${breakable(prefix)}</span>`;
  return markup`<code class="path">${back}${breakable(text.slice(prefix.length))}</code>`;
}

function breakable(text: string): readonly Content[] {
  return text.split("/").flatMap((part, index) => (index === 0 ? [part] : ["/", markup`<wbr />`, part]));
}

/** Names in code, one beside the other. */
export function names(list: readonly string[], nothing = "none"): Content {
  return list.length === 0 ? nothing : list.flatMap((name, index) => [index > 0 && ", ", path(name)]);
}

/** An exact size, the unit set off from the figure by a space that does not break. */
export function size(sizeBytes: number): string {
  return formatSize(sizeBytes).replace(/(?=[A-Z])/, "\u00A0");
}

/** `2026-01-31 12:00 UTC`. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
