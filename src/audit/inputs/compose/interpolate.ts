/** Values by name; a name that is not there has no value that can be known here. */
export type Variables = ReadonlyMap<string, string>;

export interface Interpolated {
  readonly text: string;
  /** False: a variable without a value still stands in it, as `${NAME}`. */
  readonly known: boolean;
  /** Whether the template holds all of it: no value of a variable is in it. */
  readonly own: boolean;
}

const PLAIN = /^[a-z_]\w*/i;
const BRACED = /^\{([a-z_]\w*)(:?[-+?])?/i;
/** Defaults in defaults: more of them nobody can read. */
const DEEPEST = 20;

/**
 * Replaces variables as Compose does (compose-spec 12-interpolation): `$NAME`, `${NAME}`, `:-`, `-`, `:+`, `+`, `:?`, `?`, each
 * with variables in its operand, and `$$`. The environment in which Compose will run is not known: a variable without a value
 * or a default stays, where Compose would take it for empty.
 */
export function interpolate(template: string, variables: Variables, depth = 0): Interpolated {
  if (depth > DEEPEST) return { text: template, known: false, own: false };
  const closing = template.includes("${") ? closingBraces(template) : undefined;
  let text = "";
  let known = true;
  let own = true;
  const add = (part: Interpolated): void => {
    text += part.text;
    known &&= part.known;
    own &&= part.own;
  };
  let at = 0;
  for (;;) {
    const dollar = template.indexOf("$", at);
    text += template.slice(at, dollar < 0 ? undefined : dollar);
    if (dollar < 0) return { text, known, own };
    const rest = template.slice(dollar + 1);
    const plain = PLAIN.exec(rest)?.[0];
    const braced = plain === undefined ? BRACED.exec(rest) : null;
    const end = braced === null ? undefined : closing?.get(dollar + 1);
    if (plain !== undefined) {
      add(valueOf(plain, undefined, "", variables, depth));
      at = dollar + 1 + plain.length;
    } else if (braced !== null && end !== undefined) {
      const [opening, name = "", operator] = braced;
      add(valueOf(name, operator, template.slice(dollar + 1 + opening.length, end), variables, depth));
      at = end + 1;
    } else {
      // `$$` is a dollar; a dollar before anything else is wrong to Compose, and stays here.
      text += "$";
      at = dollar + (rest.startsWith("$") ? 2 : 1);
    }
  }
}

function valueOf(
  name: string,
  operator: string | undefined,
  operand: string,
  variables: Variables,
  depth: number,
): Interpolated {
  const value = variables.get(name);
  const unknown: Interpolated = { text: `\${${name}}`, known: false, own: false };
  const isEmpty = value === "" && operator?.startsWith(":") === true;
  const kind = operator?.at(-1);
  if (kind === "-" && (value === undefined || isEmpty)) return interpolate(operand, variables, depth + 1);
  if (kind === "+" && value !== undefined)
    return isEmpty ? { text: "", known: true, own: false } : interpolate(operand, variables, depth + 1);
  // Compose stops where `?` demands a value.
  return value === undefined || (kind === "?" && isEmpty) ? unknown : { text: value, known: true, own: false };
}

/** Of each brace that is closed, by its offset, the offset of that which closes it. */
function closingBraces(text: string): ReadonlyMap<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "{") open.push(at);
    const opened = text[at] === "}" ? open.pop() : undefined;
    if (opened !== undefined) closing.set(opened, at);
  }
  return closing;
}
