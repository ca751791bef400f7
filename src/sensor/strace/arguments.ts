/** A text that a process gave, as far as it is text. */
export interface TraceText {
  readonly text: string;
  /** False when the bytes are not UTF-8, or strace cut them. */
  readonly exact: boolean;
}

/** A descriptor with what it is open for. */
export interface TraceFd {
  readonly number: number;
  /** Absent when strace could not look: `/path`, `pipe:[1]`, `socket:[2]`. */
  readonly file?: TraceText;
  readonly deleted: boolean;
  readonly isDevice: boolean;
}

const OPENING: ReadonlySet<string> = new Set(["{", "[", "<", "("]);
const CLOSING: ReadonlySet<string> = new Set(["}", "]", ">", ")"]);

/** The arguments of a call, as text each: commas within braces, brackets and angles part nothing. */
export function splitArguments(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    // An arrow parts what went in from what came out: `[0] => [1]`.
    if (character === "=" && text[at + 1] === ">") at++;
    else if (OPENING.has(character)) depth++;
    else if (CLOSING.has(character)) depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === "" && parts.length === 0 ? [] : [...parts, last];
}

const HEX = /^(?:\\x[0-9a-f]{2})*$/;
const STRING = /^@?"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?$/;

/** A quoted string; undefined for NULL and for an address that strace could not read. */
export function parseString(text: string | undefined): TraceText | undefined {
  const [, hex, cut] = STRING.exec(text ?? "") ?? [];
  return hex === undefined ? undefined : decode(hex, cut === undefined);
}

function decode(hex: string, whole: boolean): TraceText {
  const bytes = Buffer.from(hex.replaceAll("\\x", ""), "hex");
  const text = bytes.toString("utf8");
  return { text, exact: whole && !text.includes("\uFFFD") };
}

const FD = /^(-?\d+)(?:<((?:\\x[0-9a-f]{2})*)(<(?:char|block) \d+:\d+>)?>(\(deleted\))?)?$/;

/** `5<\x2f\x61>`; undefined when it is none. */
export function parseFd(text: string | undefined): TraceFd | undefined {
  const [, number, hex, device, deleted] = FD.exec(text ?? "") ?? [];
  if (number === undefined) return undefined;
  return {
    number: Number(number),
    ...(hex === undefined || !HEX.test(hex) ? {} : { file: decode(hex, true) }),
    deleted: deleted !== undefined,
    isDevice: device !== undefined,
  };
}

const NUMBER = /^(-?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/;

/** A number as strace prints it: octal with a leading zero, hexadecimal, decimal. */
export function parseNumber(text: string | undefined): number | undefined {
  const [, sign, digits] = NUMBER.exec(text ?? "") ?? [];
  if (digits === undefined) return undefined;
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return sign === "-" ? -value : value;
}

/** A field of a structure: `flags` of `{flags=0x41, mode=0600}`, `sun_path` of `{sa_family=0x1, sun_path="\x64"}`. */
export function parseField(text: string | undefined, name: string): string | undefined {
  const inner = /^\{(.*)\}$/.exec(text ?? "")?.[1];
  if (inner === undefined) return undefined;
  for (const field of splitArguments(inner)) if (field.startsWith(`${name}=`)) return field.slice(name.length + 1);
  return undefined;
}

/** What a call gave: a number with the descriptor's file, an errno, or neither when it did not return. */
export interface TraceResult {
  readonly value: number;
  readonly errno?: string;
  readonly fd?: TraceFd;
}

const FAILED = /^-1 (E[A-Z0-9]+) \(.*\)$/;

/** Undefined for `?`: the call did not return, or is made again. */
export function parseResult(text: string): TraceResult | undefined {
  const errno = FAILED.exec(text)?.[1];
  if (errno !== undefined) return { value: -1, errno };
  const value = parseNumber(text);
  if (value !== undefined) return { value };
  const fd = parseFd(text);
  return fd === undefined ? undefined : { value: fd.number, fd };
}
