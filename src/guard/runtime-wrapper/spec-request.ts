import { normalize } from "node:path/posix";
import { DEFAULT_CAPABILITIES } from "../../audit/capabilities.ts";
import type { ImageFacts } from "../../model/image.ts";
import type { ContainerRequest, HostNamespace } from "../../policy/request.ts";
import type { EngineRecord } from "./engine-record.ts";
import { isPrivileged } from "./privileged.ts";
import { requestedMounts } from "./spec-mounts.ts";
import type { OciDeviceRule, OciSpec, SpecNumber } from "./spec.ts";

/** What is known beside the specification. */
export interface SpecFacts {
  /** Capabilities that this host can give, `CAP_` first. */
  readonly hostCapabilities: readonly string[];
  /** Who wrote the specification, as fixed at installation: whose annotations nobody else can write. */
  readonly engine: "docker" | "podman" | "cri";
  readonly record?: EngineRecord;
  /** Where the engine keeps what is this container's own: what is mounted from there it has made itself. */
  readonly ownDirectory?: string;
}

/** The container that a specification describes, in the words of the policy. What stands in no specification is absent or empty. */
export function specRequest(
  spec: OciSpec,
  { hostCapabilities, engine, record, ownDirectory }: SpecFacts,
): ContainerRequest {
  const { process, linux = {}, root } = spec;
  const capabilities = (process?.capabilities?.bounding ?? []).map((name) => name.replace(/^CAP_/, ""));
  const namespace = engine === "cri" ? criNamespace(spec) : undefined;
  const pidsLimit = limitOf(linux.resources?.pids?.limit);
  const memoryBytes = limitOf(linux.resources?.memory?.limit);
  return {
    ...(record !== undefined && { name: record.name, image: imageOf(record) }),
    ...(namespace !== undefined && { namespace }),
    labels: record?.labels ?? {},
    imageReference: record?.imageReference ?? "",
    command: process?.args ?? [],
    env: process?.env ?? [],
    user: `${process?.user?.uid ?? 0}:${process?.user?.gid ?? 0}`,
    workingDir: process?.cwd ?? "/",
    readOnlyRoot: root?.readonly === true,
    privileged: record?.privileged ?? isPrivileged(spec, hostCapabilities),
    mounts: requestedMounts(spec, ownDirectory),
    volumesFrom: [],
    readOnlyPaths: linux.readonlyPaths ?? [],
    maskedPaths: linux.maskedPaths ?? [],
    capAdd: [
      ...new Set([...(record?.capAdd ?? []), ...capabilities.filter((name) => !DEFAULT_CAPABILITIES.has(name))]),
    ],
    capDrop: [...DEFAULT_CAPABILITIES].filter((name) => !capabilities.includes(name)),
    devices: (linux.devices ?? []).map(({ path }) => ({
      hostPath: path,
      containerPath: normalize(path),
      permissions: "rwm",
    })),
    deviceRules: deviceRules(linux.resources?.devices),
    securityOptions: linux.seccomp === undefined ? ["seccomp=unconfined"] : [],
    noNewPrivileges: process?.noNewPrivileges === true,
    ...(pidsLimit !== undefined && { pidsLimit }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    hostNamespaces: hostNamespaces(spec),
    unknownFields: [],
  };
}

/** containerd and CRI-O write these over whatever a pod asks for. */
function criNamespace({ annotations = {} }: OciSpec): string | undefined {
  return annotations["io.kubernetes.cri.sandbox-namespace"] ?? annotations["io.kubernetes.pod.namespace"];
}

/** An engine's record names the image; its tags and digests it does not. */
function imageOf({ imageId }: EngineRecord): ImageFacts {
  const lists = { repoDigests: [], repoTags: [], entrypoint: [], command: [], env: [], volumes: [], exposedPorts: [] };
  return { id: imageId, ...lists, user: "", workingDir: "", hasHealthcheck: false, architecture: "", sizeBytes: 0 };
}

/** Zero and less are no limit. One that no double holds is as good as none. */
function limitOf(limit: SpecNumber | undefined): number | undefined {
  return typeof limit === "number" && limit > 0 ? limit : undefined;
}

/** What reads or writes block devices, or all devices. The character devices of every container are of no interest here. */
function deviceRules(rules: readonly OciDeviceRule[] = []): readonly string[] {
  return rules
    .filter(({ allow, type, access = "rwm" }) => allow && type !== "c" && /[rw]/.test(access))
    .map(
      ({ type = "a", major, minor, access = "rwm" }) =>
        `${type || "a"} ${numberText(major)}:${numberText(minor)} ${access}`,
    );
}
function numberText(number: SpecNumber | undefined): string {
  if (number === undefined || number === -1) return "*";
  return typeof number === "number" ? String(number) : number.rawJSON;
}

/** Those that every container has of its own unless somebody asked for the host's. */
const OWN: readonly HostNamespace[] = ["pid", "network", "ipc", "uts"];

function hostNamespaces({ linux }: OciSpec): readonly HostNamespace[] {
  const own = new Set((linux?.namespaces ?? []).map(({ type }) => type));
  return OWN.filter((name) => !own.has(name));
}
