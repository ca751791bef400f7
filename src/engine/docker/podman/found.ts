import { constants } from "node:os";
import type { ImageFacts } from "../../../model/image.ts";
import { words } from "../mounts.ts";
import type { FoundAnswer, LibpodFound } from "../schemas.ts";
import { DEFAULT_FLAGS } from "./mounts.ts";

type HostConfig = FoundAnswer["HostConfig"];

/** containers/common pkg/config/default.go, DefaultCapabilities. Docker gives three more. */
const CAPABILITIES: readonly string[] =
  "CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(" ");
/** libpod/define/config.go, RLimitDefaultValue: what a limit is set to when another one was asked for. */
const RAISED_LIMIT = 1_048_576;
/** containers.conf: `pids_limit`, `shm_size` ("65536k", in thousands or in 1024s). */
const DEFAULT_PIDS = 2048;
const DEFAULT_SHM_BYTES = new Set([65_536_000, 67_108_864]);
/** containers.conf: `stop_timeout`. 4.3.1 leaves 0 in a container that was made by Docker's API without one. */
const DEFAULT_STOP_SECONDS = new Set([0, 10]);
const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** pkg/specgen/generate/storage.go: what a read-only container gets. */
const TEMPLATE_TARGETS = new Set(["/run", "/tmp", "/var/tmp"]);
const TEMPLATE_OPTIONS = "nodev,nosuid,rprivate,rw,tmpcopyup";
const TARGET_WORDS = new Set(["--tmpfs", "dst", "destination", "target"]);
/** Flags of a mount that say nothing, or that no Docker option says. */
const UNSAID_FLAGS = new Set(["rw", "rprivate", "private", "tmpcopyup", "notmpcopyup"]);

/**
 * What Docker would tell of a container that Podman tells of: without the variables, mounts, limits and capabilities that
 * Podman adds by itself, and in Docker's words. What a command line named is the user's, also where it equals Podman's own.
 */
export function asDockerTells<T extends FoundAnswer>(found: T, own: LibpodFound, image: ImageFacts | undefined): T {
  const { Config: config, HostConfig: host } = found;
  const command = commandLine(own.Config);
  const inPod = own.Pod !== "";
  return {
    ...found,
    Config: {
      ...config,
      Env: config.Env.filter((variable) => !isOwnVariable(variable, { hostname: config.Hostname, image, command })),
      // Those of a pod share its name.
      Hostname: inPod ? found.Id.slice(0, 12) : config.Hostname,
      WorkingDir: config.WorkingDir === "/" && (image?.workingDir ?? "") === "" ? "" : config.WorkingDir,
      StopSignal: signalName(config.StopSignal, image?.stopSignal),
      StopTimeout: DEFAULT_STOP_SECONDS.has(config.StopTimeout ?? 0) ? null : config.StopTimeout,
    },
    HostConfig: {
      ...host,
      Tmpfs: tmpfsOf(host, command),
      ...capabilitiesOf(own, host),
      SecurityOpt: host.SecurityOpt.filter((option) => !option.startsWith("apparmor=containers-default-")),
      Ulimits: ulimitsOf(host, command),
      PidsLimit: host.PidsLimit === DEFAULT_PIDS ? 0 : host.PidsLimit,
      ShmSize: DEFAULT_SHM_BYTES.has(host.ShmSize) ? 0 : host.ShmSize,
      Runtime: own.OCIRuntime,
    },
  };
}

/** The words of the command line that made the container; undefined when an API did: then they are the service's own. */
export function commandLine({ CreateCommand }: LibpodFound["Config"]): readonly string[] | undefined {
  return CreateCommand.slice(1).some((word) => word === "run" || word === "create") ? CreateCommand : undefined;
}

interface Surroundings {
  readonly hostname: string;
  readonly image: ImageFacts | undefined;
  readonly command: readonly string[] | undefined;
}

function isOwnVariable(variable: string, { hostname, image, command }: Surroundings): boolean {
  const name = variable.slice(0, variable.indexOf("="));
  // `-e A=1`, `-e A`, `--env=A=1`.
  const isNamed = command?.some((word) => word.replace(/^(?:--env=|-e)/, "").split("=", 1)[0] === name);
  if (isNamed === true) return false;
  if (["container=podman", "container=oci", "TERM=xterm", `HOSTNAME=${hostname}`].includes(variable)) return true;
  const isInImage = image?.env.some((each) => each.startsWith(`${name}=`)) === true;
  if (variable === DEFAULT_PATH) return !isInImage;
  // The home folder of /etc/passwd. Where nobody can tell whether it was given, only root's is certainly Podman's.
  return name === "HOME" && !isInImage && (isNamed === false || /^HOME=\/(?:root)?$/.test(variable));
}

/** The API gives the number. */
function signalName(text: string, ofImage: string | undefined): string {
  const name = Object.entries(constants.signals).find(([, number]) => String(number) === text)?.[0] ?? text;
  const isOfImage = [name, name.replace(/^SIG/, ""), text].includes(ofImage?.toUpperCase() ?? "");
  return isOfImage && ofImage !== undefined ? ofImage : name;
}

/** By what it may do: versions differ in what they compare that with. */
function capabilitiesOf(own: LibpodFound, { Privileged }: HostConfig): Pick<HostConfig, "CapAdd" | "CapDrop"> {
  // What is missing then is missing on the host.
  if (Privileged) return { CapAdd: [], CapDrop: [] };
  const has = own.BoundingCaps.map((name) => name.replace(/^CAP_/, ""));
  const dropped = CAPABILITIES.filter((name) => !has.includes(name));
  if (dropped.length > CAPABILITIES.length / 2) return { CapAdd: has, CapDrop: ["ALL"] };
  return { CapAdd: has.filter((name) => !CAPABILITIES.includes(name)), CapDrop: dropped };
}

function tmpfsOf({ Tmpfs, ReadonlyRootfs }: HostConfig, command: readonly string[] = []): HostConfig["Tmpfs"] {
  // `--tmpfs /tmp:size=1m`, `--tmpfs=/tmp`, `--mount type=tmpfs,dst=/tmp`.
  const parts = command.flatMap((word) => word.split(/[,=:]/));
  const named = new Set(parts.filter((_part, index) => TARGET_WORDS.has(parts[index - 1] ?? "")));
  const isTemplate = ([target, options]: readonly [string, string]): boolean =>
    ReadonlyRootfs &&
    TEMPLATE_TARGETS.has(target) &&
    words(options).toSorted().join() === TEMPLATE_OPTIONS &&
    !named.has(target);
  const given = Object.entries(Tmpfs).filter((entry) => !isTemplate(entry));
  return Object.fromEntries(given.map(([target, options]) => [target, tmpfsOptions(options)]));
}

/** As `docker run --tmpfs` has them: noexec, nosuid and nodev go without saying, and their contraries do not. */
export function tmpfsOptions(options: string): string {
  const all = words(options);
  const flags = new Set<string>(DEFAULT_FLAGS.flat());
  const kept = all.filter((word) => !UNSAID_FLAGS.has(word) && !flags.has(word));
  const contraries = DEFAULT_FLAGS.filter(([flag]) => !all.includes(flag)).map(([, contrary]) => contrary);
  return [...kept, ...contraries].join(",");
}

function ulimitsOf({ Ulimits }: HostConfig, command: readonly string[] | undefined): HostConfig["Ulimits"] {
  // Without any of its own it has those of containers.conf.
  if (command !== undefined && !command.some((word) => /^--ulimit(?:=|$)/.test(word))) return [];
  return Ulimits.map((limit) => ({ ...limit, Name: limit.Name.replace(/^RLIMIT_/, "").toLowerCase() })).filter(
    ({ Name, Soft, Hard }) => !(/^(?:nofile|nproc)$/.test(Name) && Soft === RAISED_LIMIT && Hard === RAISED_LIMIT),
  );
}
