import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { PetrifyError } from "../../src/model/errors.ts";
import { run } from "./sandbox.ts";

/** The distribution that this host runs, whose packages images are built from. */
export interface Distribution {
  readonly id: "debian" | "ubuntu";
  /** `bookworm`, `noble`. */
  readonly suite: string;
}

/** Throws E_IO on a host that is neither Debian nor Ubuntu. */
export async function hostDistribution(): Promise<Distribution> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(text)?.[1] ?? "";
  const id = field("ID");
  const suite = field("VERSION_CODENAME");
  if ((id === "debian" || id === "ubuntu") && suite !== "") return { id, suite };
  const host = field("PRETTY_NAME") || "something else";
  throw new PetrifyError("E_IO", `The demo's images are made of Debian or Ubuntu packages, and this host is ${host}.`, {
    hint: "Run it on Debian or Ubuntu, or in a virtual machine of one.",
  });
}

/** The distribution's own archive, as apt is configured here, as lines of a sources.list; without third parties. Throws E_IO. */
export async function archiveSources({ id }: Distribution): Promise<readonly string[]> {
  const keyring = `/usr/share/keyrings/${id}-archive-keyring.gpg`;
  const trust = existsSync(keyring) ? `[signed-by=${keyring}] ` : "";
  // Third-party repositories name another origin; `Origin: Debian` and `Origin: Ubuntu` are the archives' own (Release file).
  const origin = id === "ubuntu" ? "Ubuntu" : "Debian";
  const format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
  const text = await run(["apt-get", "indextargets", "--format", format, "Created-By: Packages", `Origin: ${origin}`], {
    what: "reading apt's sources",
  });
  const lines = [...new Set(text.split("\n").filter((line) => line !== ""))];
  if (lines.length === 0)
    throw new PetrifyError("E_IO", `apt has no source of ${origin}'s archive here.`, {
      hint: "Name one in /etc/apt/sources.list and run `apt-get update`.",
    });
  return lines.map((line) => `deb ${trust}${line}`);
}

/** Version of each package that apt would install now; the package lists are fetched when there are none. Throws E_IO. */
export async function candidateVersions(packages: readonly string[]): Promise<ReadonlyMap<string, string>> {
  let versions = await knownVersions(packages);
  if (packages.some((name) => !versions.has(name))) {
    await run(["apt-get", "-qq", "update"], { what: "refreshing the package lists" });
    versions = await knownVersions(packages);
  }
  const unknown = packages.filter((name) => !versions.has(name));
  if (unknown.length > 0) throw new PetrifyError("E_IO", `apt knows no package ${unknown.join(", ")} here.`);
  return versions;
}

async function knownVersions(packages: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const text = await run(["apt-cache", "policy", ...packages], { what: "asking apt for versions" });
  const versions = new Map<string, string>();
  let current = "";
  for (const line of text.split("\n")) {
    if (/^\S+:$/.test(line)) current = line.slice(0, -1);
    const candidate = /^\s+Candidate: (\S+)$/.exec(line)?.[1];
    if (candidate !== undefined && candidate !== "(none)") versions.set(current, candidate);
  }
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
