/** A text of JSON is no object, or a place in it is none. */
export class NoObjectError extends Error {
  override readonly name = "NoObjectError";
}

/**
 * Sets a member of a JSON object, given by the names that lead to it, and keeps every other byte: `undefined` or a blank text is an
 * object without members. Throws NoObjectError for what is no JSON object, and for a name that stands there twice.
 */
export function withMember(text: string | undefined, path: readonly string[], value: unknown): string {
  if (text === undefined || text.trim() === "") return `${JSON.stringify(nested(path, value), undefined, 2)}\n`;
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new NoObjectError("it is no JSON", { cause });
  }
  return edited(text, skipSpace(text, 0), path, value, 1);
}

function edited(text: string, start: number, path: readonly string[], value: unknown, depth: number): string {
  const [name = "", ...rest] = path;
  if (text[start] !== "{")
    throw new NoObjectError(depth === 1 ? "it is no object" : "a setting on the way is no object");
  const { members, end } = scanObject(text, start);
  const named = members.filter((member) => member.name === name);
  if (named.length > 1) throw new NoObjectError(`${name} is there twice`);
  const [found] = named;
  if (found !== undefined) {
    if (rest.length > 0) return edited(text, found.valueStart, rest, value, depth + 1);
    return (
      text.slice(0, found.valueStart) + formatted(value, indentOf(text, members), depth) + text.slice(found.valueEnd)
    );
  }
  const indent = indentOf(text, members);
  const member = `${JSON.stringify(name)}: ${formatted(nested(rest, value), indent, depth)}`;
  const last = members.at(-1);
  const line = `\n${indent.repeat(depth)}`;
  if (last !== undefined)
    return `${text.slice(0, last.valueEnd)},${isOneLine(text, members) ? " " : line}${member}${text.slice(last.valueEnd)}`;
  return `${text.slice(0, start + 1)}${line}${member}\n${indent.repeat(depth - 1)}${text.slice(end)}`;
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, name) => ({ [name]: inner }), value);
}

function formatted(value: unknown, indent: string, depth: number): string {
  return JSON.stringify(value, undefined, indent === "" ? 2 : indent).replaceAll("\n", `\n${indent.repeat(depth)}`);
}

interface Member {
  readonly name: string;
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Of a text that JSON.parse has taken. `end`: of the closing brace. */
function scanObject(text: string, start: number): { readonly members: readonly Member[]; readonly end: number } {
  const members: Member[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] !== "}") {
    const nameEnd = stringEnd(text, at);
    const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    members.push({ name: JSON.parse(text.slice(at, nameEnd)) as string, start: at, valueStart, valueEnd });
    at = skipSpace(text, valueEnd);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return { members, end: at };
}

function skipSpace(text: string, at: number): number {
  while (/\s/.test(text[at] ?? "x")) at++;
  return at;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function endOfValue(text: string, start: number): number {
  if (text[start] === '"') return stringEnd(text, start);
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"') at = stringEnd(text, at) - 1;
    else if ("{[".includes(character)) depth++;
    else if ("}]".includes(character) && --depth <= 0) return depth < 0 ? at : at + 1;
    else if (depth === 0 && /[,\s]/.test(character)) return at;
  }
  return text.length;
}

/** What the first member of this or an outer object is indented by, for one level. */
function indentOf(text: string, members: readonly Member[]): string {
  const first = members[0];
  const outer = /^\s*\{\n?([ \t]*)"/.exec(text)?.[1];
  if (outer !== undefined && outer !== "") return outer;
  const lead = first === undefined ? undefined : /\n([ \t]*)$/.exec(text.slice(0, first.start))?.[1];
  return lead === undefined || lead === "" ? "  " : lead;
}

function isOneLine(text: string, members: readonly Member[]): boolean {
  const last = members.at(-1);
  return last !== undefined && !/\n[ \t]*$/.test(text.slice(0, last.start));
}
