import { CONFIG_FIELDS, HOST_FIELDS, IMAGE, NETWORKING } from "./fields.ts";
import { formatNode, type Node, num, Obj, obj } from "./node.ts";
import type { Random } from "./random.ts";

/** No list holds what could begin the id of a container, which would be found by it. */
const WRONG: readonly Node[] = [
  num(1),
  num("1.5"),
  num("1e3"),
  "x",
  true,
  [],
  ["no hex"],
  [num(1)],
  obj({}),
  obj({ a: num(1) }),
  num(-1),
  num("18446744073709551616"),
];
const UNKNOWN = [
  "Foo",
  "Privilege",
  "Read-onlyRootfs",
  "ReadonlyRootf",
  "HostConfigs",
  "readonly_rootfs",
  "_",
  "Mount",
  "Host\u0130",
  "\u0130mage",
];

/** A body of `POST /containers/create`: mostly what the engine takes, in odd spellings, and now and then what is wrong in one place. */
export function randomBody(random: Random): Buffer {
  const config = fields(random, CONFIG_FIELDS, 0.06);
  const host = fields(random, HOST_FIELDS, 0.07);
  const isOuter = random.chance(0.12);
  const members: (readonly [string, Node])[] = [
    ["Image", random.chance(0.97) ? IMAGE : random.pick(["", "nope:1"])],
    ...config,
  ];
  if (isOuter) members.push(...fields(random, HOST_FIELDS, 0.06));
  if (isOuter && random.chance(0.2)) members.push(["Cpuset", random.pick(["", "0", "0-1"])]);
  if (!isOuter || random.chance(0.4)) members.push(["HostConfig", random.chance(0.97) ? new Obj(host) : null]);
  if (random.chance(0.05)) members.push(["NetworkingConfig", NETWORKING(random)]);
  const odd = shuffled(members, random);
  const text = formatNode(spelt(new Obj(odd), random, 0), random);
  return spoilt(text, random);
}

function fields(random: Random, all: typeof CONFIG_FIELDS, probability: number): (readonly [string, Node])[] {
  return Object.entries(all)
    .filter(() => random.chance(probability))
    .map(([name, make]) => {
      if (random.chance(0.03)) return [name, null] as const;
      return [name, random.chance(0.006) ? random.pick(WRONG) : make(random)] as const;
    });
}

function shuffled<T>(values: readonly T[], random: Random): readonly T[] {
  return values
    .map((value) => [random.next(), value] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => value);
}

/** Keys in other spellings, unknown ones, some twice. Keys of maps are touched too, and mean something else then. */
function spelt(node: Node, random: Random, depth: number): Node {
  if (Array.isArray(node)) return (node as readonly Node[]).map((item) => spelt(item, random, depth + 1));
  if (!(node instanceof Obj)) return node;
  const members: (readonly [string, Node])[] = [];
  for (const [key, value] of node.members) {
    members.push([random.chance(0.12) ? otherSpelling(key, random) : key, spelt(value, random, depth + 1)]);
    if (random.chance(0.004)) members.push([random.chance(0.5) ? key : otherSpelling(key, random), value]);
  }
  if (random.chance(0.03))
    members.splice(random.below(members.length + 1), 0, [random.pick(UNKNOWN), random.pick(WRONG)]);
  return new Obj(members);
}

function otherSpelling(key: string, random: Random): string {
  const kind = random.below(4);
  if (kind === 0) return key.toLowerCase();
  if (kind === 1) return key.toUpperCase();
  const letters = key.split("").map((letter) => {
    if (/s/i.test(letter) && random.chance(0.3)) return "\u017F";
    if (/k/i.test(letter) && random.chance(0.6)) return "\u212A";
    return random.chance(0.5) ? letter.toLowerCase() : letter.toUpperCase();
  });
  return letters.join("");
}

/** Now and then with a wrong character, a tail or bytes that are no text. */
function spoilt(text: string, random: Random): Buffer {
  if (random.chance(0.985)) return Buffer.from(text);
  const at = random.below(text.length);
  const tails = ["{}", " x", "\0", "\uFEFF"];
  return random.pick([
    () => Buffer.from(text + random.pick(tails)),
    () => Buffer.from(`\uFEFF${text}`),
    () => Buffer.from(text.slice(0, at) + text.slice(at + 1)),
    () => Buffer.from(text.slice(0, at) + random.pick(['"', "}", "\\", "\\ud800", ","]) + text.slice(at)),
    () => Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from([0xff]), Buffer.from(text.slice(at))]),
  ])();
}
