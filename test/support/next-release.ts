import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";

/** The one after Debian 12. */
const SUITE = "trixie";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** A root with these packages of Debian's next release, fetched once and unpacked, never installed; apt checks the signature. */
export function unpackedFromNextRelease(packages: readonly string[]): string {
  const target = join(defaultCacheDir(), [SUITE, ...packages].join("-"));
  if (existsSync(target)) return target;
  mkdirSync(defaultCacheDir(), { recursive: true });
  const directory = mkdtempSync(join(defaultCacheDir(), `tmp-${SUITE}-`));
  const at = (name: string): string => join(directory, name);
  try {
    for (const name of ["lists/partial", "cache/archives/partial", "debs"]) mkdirSync(at(name), { recursive: true });
    writeFileSync(at("sources"), `deb [signed-by=${KEYRING}] ${debianArchive()} ${SUITE} main\n`);
    const settings = {
      "Dir::Etc::SourceList": at("sources"),
      "Dir::Etc::SourceParts": "/dev/null",
      "Dir::State::Lists": at("lists"),
      "Dir::Cache": at("cache"),
      "APT::Sandbox::User": "root",
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    const apt = (...args: string[]): void => {
      execFileSync("apt-get", ["-q", ...options, ...args], { cwd: at("debs"), stdio: "pipe" });
    };
    apt("update");
    apt("download", ...packages);
    for (const deb of readdirSync(at("debs"))) execFileSync("dpkg", ["-x", join(at("debs"), deb), at("root")]);
    try {
      renameSync(at("root"), target);
    } catch (error) {
      // Another test has fetched them meanwhile.
      if (!existsSync(target)) throw error;
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return target;
}

/** Where this host has Debian's packages from. */
function debianArchive(): string {
  const args = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Component: main"];
  const archives = execFileSync("apt-get", args, { encoding: "utf8" }).split("\n");
  const archive = archives.find((uri) => /\/debian\/?$/.test(uri));
  if (archive === undefined) throw new Error(`no Debian archive is among the sources of apt: ${archives.join(" ")}`);
  return archive;
}
