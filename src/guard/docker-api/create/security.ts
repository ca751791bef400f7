import type { HostNamespace } from "../../../policy/request.ts";
import { bodyError } from "../go-json/body-error.ts";
import { shown } from "../go-json/parse.ts";

export interface SecurityOptions {
  /** `name=value`, without `no-new-privileges`. */
  readonly securityOptions: readonly string[];
  readonly noNewPrivileges?: boolean;
}

const NAME = "no-new-privileges";
/** Go's strconv.ParseBool. */
const TRUE: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE: ReadonlySet<string> = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/**
 * `HostConfig.SecurityOpt` as moby daemon/daemon_unix.go (parseSecurityOpt) takes it: the name ends at `=`, or without one at `:`;
 * the last word on new privileges counts. Names that dockerd does not know stay as they are. Throws E_REQUEST_BODY.
 */
export function readSecurityOptions(options: readonly string[]): SecurityOptions {
  let noNewPrivileges: boolean | undefined;
  const others: string[] = [];
  for (const option of options) {
    const { name, value } = securityOption(option);
    if (name !== NAME)
      others.push(option === "disable" ? "label=disable" : value === undefined ? name : `${name}=${value}`);
    else if (value === undefined || TRUE.has(value)) noNewPrivileges = true;
    else if (FALSE.has(value)) noNewPrivileges = false;
    else throw bodyError("HostConfig.SecurityOpt", `must say true or false for ${NAME}, but says ${shown(option)}`);
  }
  return { securityOptions: others, ...(noNewPrivileges === undefined ? {} : { noNewPrivileges }) };
}

/** The same options with `no-new-privileges`, in the spelling that every version of Docker and Podman takes. */
export function withNoNewPrivileges(options: readonly string[]): readonly string[] {
  return [...options.filter((option) => securityOption(option).name !== NAME), NAME];
}

function securityOption(option: string): { readonly name: string; readonly value?: string } {
  const end = option.includes("=") ? option.indexOf("=") : option.indexOf(":");
  return end < 0 ? { name: option } : { name: option.slice(0, end), value: option.slice(end + 1) };
}

/**
 * Capabilities without `CAP_`, upper case, `ALL` for all: as moby oci/caps/utils.go (NormalizeLegacyCapabilities) reads them. Throws
 * E_REQUEST_BODY for what no capability is called.
 */
export function readCapabilities(names: readonly string[], path: string): readonly string[] {
  return names.map((name) => {
    const upper = name.toUpperCase().replace(/^CAP_/, "");
    if (!/^[A-Z][A-Z\d_]*$/.test(upper)) throw bodyError(path, `names no capability with ${shown(name)}`);
    return upper;
  });
}

export interface NamespaceModes {
  readonly PidMode: string;
  readonly NetworkMode: string;
  readonly IpcMode: string;
  readonly UTSMode: string;
  readonly UsernsMode: string;
  readonly CgroupnsMode: string;
}
const NAMESPACES: readonly (readonly [keyof NamespaceModes, HostNamespace])[] = [
  ["PidMode", "pid"],
  ["NetworkMode", "network"],
  ["IpcMode", "ipc"],
  ["UTSMode", "uts"],
  ["UsernsMode", "user"],
  ["CgroupnsMode", "cgroup"],
];

export interface Namespaces {
  readonly hostNamespaces: readonly HostNamespace[];
  readonly joinedNamespaces?: readonly { readonly namespace: HostNamespace; readonly container: string }[];
}

/** What a container shares: with the host, or with another container (`container:NAME`). */
export function readNamespaces(modes: NamespaceModes): Namespaces {
  const joined = NAMESPACES.flatMap(([mode, namespace]) => {
    const container = /^container:(.*)$/s.exec(modes[mode])?.[1];
    return container === undefined ? [] : [{ namespace, container }];
  });
  return {
    hostNamespaces: NAMESPACES.filter(([mode]) => modes[mode] === "host").map(([, namespace]) => namespace),
    ...(joined.length === 0 ? {} : { joinedNamespaces: joined }),
  };
}
