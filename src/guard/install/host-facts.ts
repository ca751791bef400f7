import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { compareText } from "../../strategy/paths.ts";

/** What an installation must know of a host. */
export interface HostFacts {
  /** systemd is its first process. */
  readonly systemd: boolean;
  /** Text of /etc/docker/daemon.json. */
  readonly daemonJson?: string;
  /** docker.service with its drop-ins, and the package's docker.socket. */
  readonly dockerService?: string;
  readonly dockerSocket?: string;
  /** `4.3.1`; absent without Podman. */
  readonly podmanVersion?: string;
  /** Runtimes that are here: name and path. */
  readonly runtimes: readonly { readonly name: "runc" | "crun"; readonly path: string }[];
  readonly dockerRoot: string;
  /** How this very Petrify is started. */
  readonly node: string;
  readonly main: string;
  readonly wrapper: string;
  /** Since when the policy is in force here. Milliseconds since 1970. */
  readonly sinceMs: number;
}

const UNIT_DIRECTORIES = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];
const PROGRAM_DIRECTORIES = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
  "/usr/libexec/docker",
];

/** Reads the files of the host whose root directory is `root`; programs are asked only when that is this host's own. */
export function hostFacts(root: string, own: Pick<HostFacts, "node" | "main" | "wrapper">): HostFacts {
  const read = (path: string): string | undefined => readIfThere(join(root, path));
  const unit = (name: string): string | undefined =>
    UNIT_DIRECTORIES.map((path) => read(`${path}/${name}`)).find((text) => text !== undefined);
  const daemonJson = read("/etc/docker/daemon.json");
  const service = unit("docker.service");
  const dockerService = service === undefined ? undefined : [service, ...dropIns(root, "docker.service")].join("\n");
  const dockerSocket = unit("docker.socket");
  const podman = program(root, "podman");
  const podmanVersion = podman === undefined || root !== "/" ? undefined : versionOf(podman);
  return {
    systemd: lstatSync(join(root, "/run/systemd/system"), { throwIfNoEntry: false })?.isDirectory() === true,
    ...(daemonJson !== undefined && { daemonJson }),
    ...(dockerService !== undefined && { dockerService }),
    ...(dockerSocket !== undefined && { dockerSocket }),
    ...(podmanVersion !== undefined && { podmanVersion }),
    runtimes: (["runc", "crun"] as const).flatMap((name) => {
      const path = program(root, name);
      return path === undefined ? [] : [{ name, path }];
    }),
    dockerRoot: dataRoot(daemonJson),
    ...own,
    sinceMs: sinceOf(root) ?? Date.now(),
  };
}

export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function dropIns(root: string, unit: string): readonly string[] {
  const places = UNIT_DIRECTORIES.flatMap((directory) => {
    const folder = join(root, directory, `${unit}.d`);
    const there = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
    return there ? readdirSync(folder).map((name) => ({ name, path: join(folder, name) })) : [];
  });
  const settings = places.filter(({ name }) => name.endsWith(".conf"));
  return settings.toSorted((a, b) => compareText(a.name, b.name)).map(({ path }) => readFileSync(path, "utf8"));
}

/** Of an installation that is there. */
function sinceOf(root: string): number | undefined {
  const folder = join(root, "/etc/petrify");
  const names = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
  const found = names
    .filter((name) => /^runtime-[a-z-]+\.json$/.test(name))
    .map((name) => /"sinceMs": (\d+)/.exec(readFileSync(join(folder, name), "utf8"))?.[1]);
  const times = found.filter((time) => time !== undefined).map(Number);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** At one of the places where distributions put programs of root; PATH is the caller's. */
function program(root: string, name: string): string | undefined {
  for (const directory of PROGRAM_DIRECTORIES) {
    const path = `${directory}/${name}`;
    const found = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (found?.isFile() === true) return path;
    if (found?.isSymbolicLink() === true && root === "/") return realpathSync(path);
  }
  return undefined;
}

function versionOf(podman: string): string | undefined {
  try {
    return /(\d+\.\d+\.\d+)/.exec(execFileSync(podman, ["--version"], { encoding: "utf8", timeout: 10_000 }))?.[1];
  } catch {
    return undefined;
  }
}

/** As dockerd has it where nobody says otherwise; a remapped one has a directory of its own below. */
function dataRoot(daemonJson: string | undefined): string {
  try {
    const root = (JSON.parse(daemonJson ?? "{}") as { readonly "data-root"?: unknown })["data-root"];
    return typeof root === "string" && root.startsWith("/") ? root : "/var/lib/docker";
  } catch {
    return "/var/lib/docker";
  }
}
