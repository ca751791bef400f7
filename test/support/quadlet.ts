import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExportedFile } from "../../src/export/result.ts";
import { unpackedFromNextRelease } from "./next-release.ts";

/** Quadlet came with Podman 4.4, and Debian 12 has 4.3: the next release's generator needs nothing but libc. */
const quadletGenerator = (): string => join(unpackedFromNextRelease(["podman"]), "usr/libexec/podman/quadlet");

/** The services that Quadlet generates from units, by name; throws what it says when it does not like one. */
export function generatedServices(files: readonly ExportedFile[]): ReadonlyMap<string, string> {
  const directory = mkdtempSync(join(tmpdir(), "petrify-quadlet-"));
  try {
    for (const { name, text } of files) writeFileSync(join(directory, name), text);
    const env = { QUADLET_UNIT_DIRS: directory, PATH: "/usr/bin:/bin" };
    const { status, stdout, stderr } = spawnSync(quadletGenerator(), ["-dryrun"], { env, encoding: "utf8" });
    if (status !== 0 || /panic|unsupported key|converting/i.test(stderr)) throw new Error(stderr);
    const parts = stdout.split(/^---(\S+)---\n/m).slice(1);
    return new Map(parts.flatMap((name, index) => (index % 2 === 0 ? [[name, parts[index + 1] ?? ""]] : [])));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The words of a unit's command line, as systemd reads them but for its specifiers. */
export function execWords(unit: string, key = "ExecStart"): string[] {
  const text = new RegExp(`^${key}=(.*(?:\\\\\\n.*)*)$`, "m").exec(unit)?.[1]?.replaceAll("\\\n", " ") ?? "";
  const words = text.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\S+/g) ?? [];
  return words.map((word) =>
    (/^["']/.test(word) ? word.slice(1, -1).replaceAll(/\\(.)/g, (_, sign: string) => UNESCAPED[sign] ?? sign) : word)
      .replaceAll("$$", "$")
      .replaceAll("%%", "%"),
  );
}

const UNESCAPED: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
