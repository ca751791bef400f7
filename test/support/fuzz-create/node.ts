import type { Random } from "./random.ts";

/** A JSON value whose objects may hold a key twice, and whose numbers are text. */
export type Node = null | boolean | string | Num | readonly Node[] | Obj;
export class Num {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export class Obj {
  readonly members: readonly (readonly [key: string, value: Node])[];
  constructor(members: readonly (readonly [key: string, value: Node])[]) {
    this.members = members;
  }
}

export function num(value: number | string): Num {
  return new Num(String(value));
}

export function obj(members: Readonly<Record<string, Node | undefined>>): Obj {
  return new Obj(
    Object.entries(members).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}

/** JSON text, now and then with white space and escapes that mean nothing. */
export function formatNode(node: Node, random: Random): string {
  const space = random.chance(0.02) ? random.pick([" ", "\n", "\t", "\r\n "]) : "";
  if (node === null || typeof node === "boolean") return `${space}${node}`;
  if (typeof node === "string") return space + quoted(node, random);
  if (node instanceof Num) return space + node.text;
  if (node instanceof Obj) {
    const members = node.members.map(([key, value]) => `${quoted(key, random)}:${formatNode(value, random)}`);
    return `${space}{${members.join(",")}}`;
  }
  return `${space}[${node.map((item) => formatNode(item, random)).join(",")}${space}]`;
}

function quoted(text: string, random: Random): string {
  if (random.chance(0.95)) return JSON.stringify(text);
  const escaped = Array.from({ length: text.length }, (_, at) => {
    const unit = text.charCodeAt(at);
    const hex = unit.toString(16).padStart(4, "0");
    return unit < 0x20 || unit > 0x7e || random.chance(0.3) || text[at] === '"' || text[at] === "\\"
      ? `\\u${random.chance(0.5) ? hex.toUpperCase() : hex}`
      : text[at];
  });
  return `"${escaped.join("")}"`;
}
