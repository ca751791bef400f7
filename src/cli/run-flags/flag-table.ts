import { isIP } from "node:net";
import { posix } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import { seccompOf } from "../../model/seccomp.ts";
import { parseSize } from "../../model/units.ts";
import type { RunDraft } from "./draft.ts";
import { parseEnv, parseEnvFile } from "./environment.ts";
import type { CommandHost } from "./host.ts";
import { parseMountFlag, parseTmpfsFlag, parseVolumeFlag } from "./mounts.ts";
import { parsePublish } from "./ports.ts";
import type { FlagShape } from "../../run-flags/scan.ts";
import { parseInteger, parseNanoCpus, parsePair, parseSwitch, parseUlimit } from "../../run-flags/values.ts";

/** One flag of `docker run`. */
export interface RunFlag extends FlagShape {
  /** What the help calls the value; absent for a switch. */
  readonly metavar?: string;
  readonly help: string;
  /** Throws E_USAGE, E_IO. */
  readonly apply: (draft: RunDraft, value: string, host: CommandHost) => void;
}

function flag(names: string, metavar: string, help: string, apply: RunFlag["apply"]): RunFlag {
  return { ...namesOf(names), takesValue: true, metavar, help, apply };
}

function toggle(names: string, help: string, apply: (draft: RunDraft, on: boolean) => void): RunFlag {
  const shape = namesOf(names);
  return {
    ...shape,
    takesValue: false,
    help,
    apply: (draft, value) => apply(draft, parseSwitch(`--${shape.long}`, value)),
  };
}

function namesOf(names: string): { readonly long: string; readonly short?: string } {
  const [long = "", short] = names.split(" ");
  return short === undefined ? { long } : { long, short };
}

/** The flags of `docker run` that a workload can carry, in the order of the help. */
export const RUN_FLAGS: readonly RunFlag[] = [
  flag("env e", "KEY[=VALUE]", "set a variable", (d, value, host) => d.env.push(parseEnv(value, host))),
  flag("env-file", "FILE", "read variables from a file", (d, value, host) =>
    d.fileEnv.push(...parseEnvFile(value, host)),
  ),
  flag("user u", "USER[:GROUP]", "run as this user", (d, value) => (d.once.user = value)),
  flag("workdir w", "PATH", "working directory", (d, value) => (d.once.workingDir = absolute("--workdir", value))),
  flag("entrypoint", "COMMAND", "instead of the image's", (d, value) => (d.once.entrypoint = [value])),
  flag("volume v", "[SOURCE:]PATH[:OPTIONS]", "mount a volume or a host folder", (d, value, host) =>
    d.mounts.push(parseVolumeFlag(value, host.cwd)),
  ),
  flag("mount", "KEY=VALUE,...", "mount, in the long form", (d, value, host) =>
    d.mounts.push(parseMountFlag(value, host.cwd)),
  ),
  flag("tmpfs", "PATH[:OPTIONS]", "mount a tmpfs", (d, value) => d.mounts.push(parseTmpfsFlag(value))),
  flag("publish p", "[[IP:]PORT:]PORT", "publish a port", (d, value) => d.ports.push(...parsePublish(value))),
  toggle("publish-all P", "publish every exposed port", (d, on) => (d.publishAll = on)),
  flag(
    "name",
    "NAME",
    "name of the container and of the strategy",
    (d, value) => (d.containerName = containerName(value)),
  ),
  flag("network", "NETWORK", "connect to a network", (d, value) => (d.once.network = value)),
  flag("net", "NETWORK", "the same as --network", (d, value) => (d.once.network = value)),
  flag("userns", "host", "share the host's users, where the engine remaps them", (d, value) => {
    d.once.userns = hostUsers(value);
  }),
  flag("hostname h", "NAME", "host name in the container", (d, value) => (d.once.hostname = value)),
  flag("add-host", "NAME:IP", "add a line to /etc/hosts", (d, value) => d.extraHosts.push(extraHost(value))),
  flag("dns", "IP", "name server", (d, value) => d.dns.push(address("--dns", value))),
  flag("label l", "KEY[=VALUE]", "set a label", (d, value) => {
    d.labels.set(...(value.includes("=") ? parsePair("--label", value) : ([value, ""] as const)));
  }),
  flag("cap-add", "CAPABILITY", "add a capability", (d, value) => d.capAdd.push(value)),
  flag("cap-drop", "CAPABILITY", "drop a capability", (d, value) => d.capDrop.push(value)),
  flag("security-opt", "OPTION", "security option", (d, value, host) =>
    d.securityOpt.push(securityOption(value, host)),
  ),
  toggle(
    "privileged",
    "give every privilege (a privileged container can undo read-only)",
    (d, on) => (d.once.privileged = on),
  ),
  flag("group-add", "GROUP", "add a group", (d, value) => d.groupAdd.push(value)),
  flag("sysctl", "KEY=VALUE", "set a kernel parameter", (d, value) => d.sysctls.set(...parsePair("--sysctl", value))),
  flag("ulimit", "NAME=SOFT[:HARD]", "set a limit", (d, value) => d.ulimits.push(parseUlimit(value))),
  flag("memory m", "SIZE", "limit the memory", (d, value) => (d.once.memoryBytes = parseSize(value))),
  flag("cpus", "NUMBER", "limit the CPUs", (d, value) => (d.once.nanoCpus = parseNanoCpus(value))),
  flag("pids-limit", "NUMBER", "limit the processes, -1 for none", (d, value) => {
    d.once.pidsLimit = parseInteger("--pids-limit", value, -1);
  }),
  flag("shm-size", "SIZE", "size of /dev/shm", (d, value) => (d.once.shmSizeBytes = parseSize(value))),
  toggle("init", "run an init as process 1", (d, on) => (d.once.init = on)),
  toggle("tty t", "give it a terminal", (d, on) => (d.once.tty = on)),
  toggle("interactive i", "keep its standard input open", (d, on) => (d.once.openStdin = on)),
  toggle("detach d", "run in the background", (d, on) => (d.detach = on)),
  toggle("rm", "remove the container when it ends", (d, on) => (d.remove = on)),
  flag("restart", "POLICY", "when to restart it", (d, value) => (d.once.restart = restartPolicy(value))),
  flag("runtime", "NAME", "OCI runtime", (d, value) => (d.once.runtime = value)),
  flag("platform", "OS/ARCH", "platform of the image", (d, value) => (d.once.platform = value)),
  flag("stop-signal", "SIGNAL", "signal that stops it", (d, value) => (d.once.stopSignal = value)),
  flag("stop-timeout", "SECONDS", "how long it may take to stop", (d, value) => {
    d.once.stopTimeoutSeconds = parseInteger("--stop-timeout", value, -1);
  }),
  toggle("read-only", "accepted; Petrify decides it by itself", (d, on) => {
    if (!on)
      throw new PetrifyError("E_USAGE", "--read-only=false contradicts what Petrify does.", {
        hint: "A writable container is what docker run gives.",
      });
    d.notes.push("--read-only is accepted and changes nothing: Petrify makes the root read-only by itself.");
  }),
];

function absolute(name: string, value: string): string {
  if (posix.isAbsolute(value)) return value;
  throw new PetrifyError("E_USAGE", `${name} needs an absolute path, not '${value}'.`);
}

function hostUsers(value: string): "host" {
  if (value === "host") return value;
  throw new PetrifyError("E_USAGE", `--userns=${value} is not supported.`, {
    hint: "It takes host; without it the engine decides.",
  });
}

function containerName(value: string): string {
  // moby daemon/names/names.go.
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(value)) return value;
  throw new PetrifyError("E_USAGE", `'${value}' is not a container name.`, {
    hint: "Use two or more letters, digits, and _ . - after the first.",
  });
}

function extraHost(value: string): string {
  // docker/cli opts/hosts.go: name:ip, and name=ip since 25.0; the address may be IPv6, in brackets or not.
  const match = /^([^:=]+)[:=]\[?([^[\]]+)\]?$/.exec(value);
  const [, name = "", ip = ""] = match ?? [];
  if (match !== null && (ip === "host-gateway" || isIP(ip) !== 0)) return `${name}:${ip}`;
  throw new PetrifyError("E_USAGE", `--add-host needs NAME:IP, not '${value}'.`);
}

function address(name: string, value: string): string {
  if (isIP(value) !== 0) return value;
  throw new PetrifyError("E_USAGE", `${name} needs an IP address, not '${value}'.`);
}

function securityOption(value: string, host: CommandHost): string {
  if (/^systempaths[=:]unconfined$/.test(value))
    throw new PetrifyError("E_USAGE", "--security-opt systempaths=unconfined is not carried into a strategy.", {
      hint: "It makes /proc/sys writable, which is a way out of the container that no read-only root closes.",
    });
  const seccomp = seccompOf(value);
  return seccomp?.kind === "file" ? `seccomp=${posix.resolve(host.cwd, seccomp.value)}` : value;
}

function restartPolicy(value: string): string {
  if (/^(no|always|unless-stopped|on-failure(:\d+)?)$/.test(value)) return value;
  throw new PetrifyError("E_USAGE", `--restart knows no '${value}'.`, {
    hint: "It knows no, always, unless-stopped, on-failure and on-failure:COUNT.",
  });
}
