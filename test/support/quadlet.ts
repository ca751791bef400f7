import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import type { ExportedFile } from "../../src/export/result.ts";

/** Quadlet came with Podman 4.4, and Debian 12 has 4.3: the next release's generator needs nothing but libc. */
const SUITE = "trixie";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Podman's own generator of units, from Debian's next release; unpacked once, and apt checks its signature. */
export function quadletGenerator(): string {
  const target = join(defaultCacheDir(), `quadlet-${SUITE}`);
  const program = join(target, "usr/libexec/podman/quadlet");
  if (existsSync(program)) return program;
  mkdirSync(defaultCacheDir(), { recursive: true });
  const directory = mkdtempSync(join(defaultCacheDir(), "tmp-quadlet-"));
  try {
    for (const name of ["lists/partial", "cache/archives/partial", "debs"])
      mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, "sources"), `deb [signed-by=${KEYRING}] ${debianArchive()} ${SUITE} main\n`);
    const settings = {
      "Dir::Etc::SourceList": join(directory, "sources"),
      "Dir::Etc::SourceParts": "/dev/null",
      "Dir::State::Lists": join(directory, "lists"),
      "Dir::Cache": join(directory, "cache"),
      "APT::Sandbox::User": "root",
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    const apt = (...args: string[]): void => {
      execFileSync("apt-get", ["-q", ...options, ...args], { cwd: join(directory, "debs"), stdio: "pipe" });
    };
    apt("update");
    apt("download", "podman");
    const [deb = ""] = readdirSync(join(directory, "debs"));
    execFileSync("dpkg", ["-x", join(directory, "debs", deb), join(directory, "root")]);
    renameSync(join(directory, "root"), target);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return program;
}

/** Where this host has Debian's packages from. */
function debianArchive(): string {
  const args = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Component: main"];
  const archives = execFileSync("apt-get", args, { encoding: "utf8" }).split("\n");
  const archive = archives.find((uri) => /\/debian\/?$/.test(uri));
  if (archive === undefined) throw new Error(`no Debian archive is among the sources of apt: ${archives.join(" ")}`);
  return archive;
}

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
