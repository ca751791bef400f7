import { normalize } from "node:path/posix";
import { splitAtColons } from "../../../export/compose-splice/existing-mounts.ts";
import { type Tree, entryOf, textOf } from "./tree.ts";

/** `SOURCE:TARGET:OPTIONS`, or `TARGET` alone. */
export interface ShortVolume {
  readonly source?: string;
  readonly target: string;
  readonly options: readonly string[];
}

/** A path of Windows has a colon itself. */
const DRIVE = /^([a-z]:[\\/][^:]*):(?=\/)/i;

export function parseVolume(text: string): ShortVolume {
  const [whole = "", drive] = DRIVE.exec(text) ?? [];
  const parts = splitAtColons(text.slice(whole.length));
  const [first = "", second, options = ""] = drive === undefined ? parts : [drive, ...parts];
  if (second === undefined) return { target: first, options: [] };
  return { source: first, target: second, options: options.split(",") };
}

/** Whether the source of a mount is a path of the host, not a volume's name (compose-go format/volume.go, isFilePath). */
export function isHostPath(source: string): boolean {
  return /^(?:[./~]|\\\\|[a-z]:)/i.test(source);
}

/** Absolute and without a slash at its end; undefined for what is no path of Linux, or holds a variable. */
export function targetPath(path: string): string | undefined {
  return path.startsWith("/") && !path.includes("${") ? normalize(path).replace(/(.)\/$/, "$1") : undefined;
}

/** Where a volume goes, in either syntax. */
export function mountTarget(volume: Tree): string | undefined {
  const target = textOf(entryOf(volume, "target")?.value);
  if (target !== undefined) return target;
  const short = textOf(volume);
  return short === undefined ? undefined : parseVolume(short).target;
}

/** Where a device appears in the container, in either syntax. */
export function deviceTarget(device: Tree): string | undefined {
  const [source, target = source] = textOf(device)?.split(":") ?? [];
  return textOf(entryOf(device, "target")?.value) ?? target;
}

export interface ShortPort {
  readonly hostIp?: string;
  readonly hostPort?: number;
  readonly containerPort: number;
}

const PORT =
  /^(?:(?:(?:\[(?<v6>[^\]]*)\]|(?<ip>[^:]*|[0-9a-f:]*)):)?(?<host>\d*)(?:-\d+)?:)?(?<container>\d+)(?:-\d+)?(?:\/\w+)?$/i;

/** `[[IP:]HOST:]CONTAINER[/PROTOCOL]`; of a range its first. Undefined for what is no port, or holds a variable. */
export function parsePort(text: string): ShortPort | undefined {
  const groups = PORT.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { v6, ip = v6, host = "", container } = groups;
  return {
    ...(ip === undefined || ip === "" ? {} : { hostIp: ip }),
    ...(host === "" || host === "0" ? {} : { hostPort: Number(host) }),
    containerPort: Number(container),
  };
}

const BLANKS = /\s/;

/** Words of a command as Compose divides it: blanks, quotes and backslashes mean what they mean to a shell, and nothing else. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === "\\" && quote !== "'") word = (word ?? "") + (text[++at] ?? "");
    else if (quote !== "") {
      if (character === quote) quote = "";
      else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (!BLANKS.test(character)) word = (word ?? "") + character;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}
