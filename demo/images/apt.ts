import { readFile, stat } from "node:fs/promises";
import { PetrifyError } from "../../src/model/errors.ts";
import { run } from "./sandbox.ts";

/** Where this host's own distribution comes from, as apt is configured here. */
export interface AptSources {
  /** `bookworm`, `noble`. */
  readonly suite: string;
  /** One-line-style entries for a sources.list. */
  readonly lines: readonly string[];
}

/** The host's distribution's own sources, without third parties. Throws E_IO on hosts without apt or without package lists. */
export async function aptSources(): Promise<AptSources> {
  const { id, codename } = await distribution();
  const keyring = `/usr/share/keyrings/${id}-archive-keyring.gpg`;
  const trust = (await exists(keyring)) ? `[signed-by=${keyring}] ` : "";
  // Third-party repositories name another origin; `Origin: Debian` and `Origin: Ubuntu` are the archives' own (Release file).
  const origin = id === "ubuntu" ? "Ubuntu" : "Debian";
  let lines = await archiveLines(origin);
  // A minimal system has sources, but no lists yet.
  if (lines.length === 0) {
    await run(["apt-get", "-qq", "update"], { what: "refreshing the package lists" });
    lines = await archiveLines(origin);
  }
  if (lines.length === 0)
    throw new PetrifyError("E_IO", `apt has no source of ${origin}'s archive here.`, {
      hint: "Name one in /etc/apt/sources.list and run `apt-get update`.",
    });
  return { suite: codename, lines: lines.map((line) => `deb ${trust}${line}`) };
}

async function archiveLines(origin: string): Promise<readonly string[]> {
  const format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
  const text = await run(["apt-get", "indextargets", "--format", format, "Created-By: Packages", `Origin: ${origin}`], {
    what: "reading apt's sources",
  });
  return [...new Set(text.split("\n").filter((line) => line !== ""))];
}

/** Version of each package that apt would install now. Throws E_IO for one that apt does not know. */
export async function candidateVersions(packages: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (packages.length === 0) return new Map();
  const text = await run(["apt-cache", "policy", ...packages], { what: "asking apt for versions" });
  const versions = new Map<string, string>();
  let current = "";
  for (const line of text.split("\n")) {
    if (/^\S+:$/.test(line)) current = line.slice(0, -1);
    const candidate = /^\s+Candidate: (\S+)$/.exec(line)?.[1];
    if (candidate !== undefined && candidate !== "(none)") versions.set(current, candidate);
  }
  for (const name of packages)
    if (!versions.has(name))
      throw new PetrifyError("E_IO", `apt knows no package ${name} here.`, { hint: "Run `apt-get update`." });
  return versions;
}

/** apt's proxies as the environment variables that apt also reads, so that no file in an image needs to name them. */
export async function proxyEnvironment(): Promise<Readonly<Record<string, string>>> {
  const dump = await run(["apt-config", "dump", "--format", "%f=%v%n", "Acquire"], { what: "reading apt's proxy" });
  const env: Record<string, string> = {};
  for (const [, scheme, address] of dump.matchAll(/^Acquire::(https?)::Proxy=(\S+)$/gim))
    if (address !== "DIRECT") env[`${scheme?.toLowerCase()}_proxy`] = address ?? "";
  return env;
}

/** The architecture as OCI names it. */
export async function ociArchitecture(): Promise<string> {
  const debian = (await run(["dpkg", "--print-architecture"], { what: "asking dpkg for the architecture" })).trim();
  return { armhf: "arm", armel: "arm", i386: "386", ppc64el: "ppc64le", mips64el: "mips64le" }[debian] ?? debian;
}

async function distribution(): Promise<{ readonly id: "debian" | "ubuntu"; readonly codename: string }> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  const field = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)"?$`, "m").exec(text)?.[1] ?? "";
  const id = field("ID");
  const codename = field("VERSION_CODENAME");
  if ((id !== "debian" && id !== "ubuntu") || codename === "")
    throw new PetrifyError(
      "E_IO",
      `The demo builds its images from Debian or Ubuntu packages, and this host is ${id || "unknown"}.`,
      {
        hint: "Run it on Debian or Ubuntu, or in a virtual machine of one.",
      },
    );
  return { id, codename };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
