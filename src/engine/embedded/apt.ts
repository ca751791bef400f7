import { existsSync, statSync } from "node:fs";
import { PetrifyError } from "../../model/errors.ts";
import { command, type CommandOptions, type CommandResult, type Watched } from "./command.ts";

/** One package as apt would fetch it now. */
export interface Candidate {
  readonly name: string;
  readonly version: string;
  readonly fileName: string;
  readonly sizeBytes: number;
}

const LISTS = "/var/lib/apt/lists";
const NO_INSTALL_HINT = "Install Docker or Podman, or name one with --host.";

/** Throws E_EMBEDDED_PACKAGES where there is no apt: the packages are Debian's and Ubuntu's. */
export function requireApt(): void {
  if (existsSync("/usr/bin/apt-get") && existsSync("/usr/bin/dpkg")) return;
  throw new PetrifyError(
    "E_EMBEDDED_PACKAGES",
    "Petrify fetches its own engine and tools as packages of Debian or Ubuntu, and this host is neither.",
    { hint: NO_INSTALL_HINT },
  );
}

/** Changes whenever the package lists were refreshed; looking costs a stat, asking apt half a second. */
export function listsStamp(): number {
  try {
    return statSync(LISTS).mtimeMs;
  } catch {
    return 0;
  }
}

/** What `apt-get download` would fetch; refreshes the package lists when they lack one of `names`. Throws E_EMBEDDED_PACKAGES, E_DISK_FULL. */
export async function candidates(names: readonly string[], watched: Watched = {}): Promise<Candidate[]> {
  // apt leaves out what lies in its working directory already; in this one nobody can put a file.
  const ask = () => apt(["--print-uris", "download", ...names], watched, { cwd: "/proc" });
  let answer = await ask();
  if (answer.exitCode !== 0) {
    await updateLists(watched);
    answer = await ask();
  }
  if (answer.exitCode !== 0) throw classify(answer, `apt does not know ${names.join(", ")}`);
  return parseUris(answer.stdout);
}

/** Lines of `apt-get --print-uris download`: `'URI' NAME_VERSION_ARCH.deb SIZE HASH`, with `:` and `%` of the version escaped. */
export function parseUris(text: string): Candidate[] {
  return text.split("\n").flatMap((line) => {
    const match = /^'[^']+' (([^_\s]+)_([^_\s]+)_[^_\s]+\.deb) (\d+)/.exec(line);
    if (match === null) return [];
    const [, fileName, name, version, size] = match as unknown as [string, string, string, string, string];
    return [{ name, version: decodeURIComponent(version), fileName, sizeBytes: Number(size) }];
  });
}

/**
 * Fetches .deb files into `directory`; apt checks them against the signed lists. Lists older than the archive name files
 * that are gone: then they are refreshed, once. Throws E_EMBEDDED_PACKAGES, E_DISK_FULL.
 */
export async function download(names: readonly string[], directory: string, watched: Watched = {}): Promise<void> {
  const fetchAll = () =>
    apt(["download", ...names], watched, {
      cwd: directory,
      onLine: (line) => {
        const match = /^Get:\d+ \S+ \S+ \S+ (\S+) \S+ \S+ \[(.+)\]$/.exec(line);
        if (match !== null) watched.onProgress?.(`fetching ${match[1]} (${match[2]})`);
      },
    });
  let result = await fetchAll();
  if (/404 +Not Found|Hash Sum mismatch/.test(result.stderr)) {
    await updateLists(watched);
    result = await fetchAll();
  }
  if (result.exitCode !== 0) throw classify(result, "Packages could not be fetched");
}

/** Names of the packages that `names` need at once (one level). Other providers of the same name are left out. */
export async function directDependencies(names: readonly string[]): Promise<string[]> {
  const { stdout } = await command("apt-cache", ["depends", "--important", ...names]);
  return parseDepends(stdout);
}
export function parseDepends(text: string): string[] {
  return [
    ...new Set([...text.matchAll(/^ [ |](?:Pre)?Depends: ([^<\s:]+)(?::\S+)?$/gm)].map((match) => match[1] as string)),
  ];
}

/** Everything that installing `names` would add to this host; a dry run, nothing is installed. Throws E_EMBEDDED_PACKAGES. */
export async function missingDependencies(names: readonly string[], watched: Watched = {}): Promise<string[]> {
  const result = await apt(["-s", "--no-install-recommends", "install", ...names], watched);
  if (result.exitCode !== 0) throw classify(result, "The dependencies could not be worked out");
  return [...result.stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] as string);
}

async function updateLists(watched: Watched): Promise<void> {
  watched.onProgress?.("refreshing the package lists (apt-get update)");
  const result = await apt(["-o", "APT::Update::Error-Mode=any", "update"], watched);
  if (result.exitCode !== 0) throw classify(result, "The package lists could not be refreshed");
}

function apt(args: readonly string[], { signal }: Watched, options: CommandOptions = {}): Promise<CommandResult> {
  // The download goes to a directory that only root may enter, so apt's own user cannot write there.
  const settings = ["-q", "-o", "APT::Sandbox::User=root", "-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=2"];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  return command("apt-get", [...settings, ...args], { ...options, env, ...(signal !== undefined && { signal }) });
}

const NETWORK =
  /Temporary failure resolving|Could not resolve|Could not connect|Unable to connect|Connection (?:failed|refused|timed out)|Network is unreachable|No route to host/;
const DISK = /No space left on device|enough free space/;

/** What apt's messages mean for the user. Exported for its test. */
export function classify(result: CommandResult, what: string): PetrifyError {
  const cause = new Error(result.stderr.trim());
  if (DISK.test(result.stderr)) {
    return new PetrifyError("E_DISK_FULL", `${what}: the disk is full.`, {
      hint: "Free some space, or set PETRIFY_CACHE to a directory on another disk.",
      cause,
    });
  }
  if (NETWORK.test(result.stderr)) {
    return new PetrifyError("E_EMBEDDED_PACKAGES", `${what}: the package archive cannot be reached.`, {
      hint: `Check the network and the proxy settings (http_proxy). ${NO_INSTALL_HINT}`,
      cause,
    });
  }
  const first = /^E: (.+)$/m.exec(result.stderr)?.[1] ?? `apt-get ended with ${result.exitCode}`;
  return new PetrifyError("E_EMBEDDED_PACKAGES", `${what}: ${first.replace(/\.$/, "")}.`, {
    hint: NO_INSTALL_HINT,
    cause,
  });
}
