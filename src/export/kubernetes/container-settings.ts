import { basename } from "node:path/posix";
import { seccompOf } from "../../model/seccomp.ts";
import type { EnvEntry } from "../../model/strategy.ts";
import type { Workload } from "../../model/workload.ts";
import type { YamlMap } from "../../strategy/yaml-text.ts";
import { compact, filled } from "../compact.ts";
import { dnsLabel, literal, quantity } from "./names.ts";

/** User and group of `docker run --user`, where both are numbers that Kubernetes can check. */
export function numericUser({ user }: Workload): { readonly uid: number; readonly gid?: number } | undefined {
  const match = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(user ?? "");
  if (match === null) return undefined;
  return { uid: Number(match[1]), ...(match[2] === undefined ? {} : { gid: Number(match[2]) }) };
}

/** The settings of a container but its mounts. What Kubernetes does not have is left out: `unsaid` names it. */
export function containerSettings(workload: Workload): YamlMap {
  const { entrypoint, command, workingDir, env, ports, memoryBytes, nanoCpus } = workload;
  const limits = compact({
    memory: memoryBytes === undefined ? undefined : quantity(memoryBytes),
    cpu: nanoCpus === undefined ? undefined : `${Math.max(1, Math.round(nanoCpus / 1_000_000))}m`,
  });
  return compact({
    command: entrypoint?.map(literal),
    args: command?.map(literal),
    workingDir,
    env: filled(env.map((variable) => environment(variable, workload))),
    ports: filled(
      ports.map(({ containerPort, protocol }) => ({ containerPort, ...(protocol === "udp" && { protocol: "UDP" }) })),
    ),
    stdin: workload.openStdin || undefined,
    tty: workload.tty || undefined,
    resources: Object.keys(limits).length === 0 ? undefined : { limits },
  });
}

/** The variables of a strategy's settings, as items of a container's `env`. */
export function settingVariables(settings: readonly EnvEntry[] = []): YamlMap[] {
  return settings.map(({ name, value }) => ({ name, value: literal(value) }));
}

/** The container's securityContext: read-only, with what the run said of rights. */
export function containerSecurity(workload: Workload): YamlMap {
  const user = numericUser(workload);
  const capabilities = compact({
    add: filled(workload.capAdd.map(capability)),
    drop: filled(workload.capDrop.map(capability)),
  });
  return compact({
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: workload.securityOpt.some(isNoNewPrivileges) ? false : undefined,
    privileged: workload.privileged || undefined,
    runAsUser: user?.uid,
    runAsGroup: user?.gid,
    runAsNonRoot: user !== undefined && user.uid !== 0 ? true : undefined,
    capabilities: Object.keys(capabilities).length === 0 ? undefined : capabilities,
    seccompProfile: seccompProfile(workload),
  });
}

/** Name of the Secret that holds the values which the strategy does not. */
export function secretName({ name }: Workload): string {
  return dnsLabel(name);
}

function environment(variable: string, workload: Workload): YamlMap {
  const equals = variable.indexOf("=");
  if (equals >= 0) return { name: variable.slice(0, equals), value: literal(variable.slice(equals + 1)) };
  return { name: variable, valueFrom: { secretKeyRef: { name: secretName(workload), key: variable } } };
}

function capability(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, "");
}

export function isNoNewPrivileges(option: string): boolean {
  return /^no-new-privileges(?:[:=]true)?$/.test(option);
}

/** The profile that the run names, as a file of each node; absent: none, or the engine's own. */
export function localSeccompProfile({
  securityOpt,
}: Workload): { readonly path: string; readonly name: string } | undefined {
  const path = securityOpt.map(seccompOf).findLast((seccomp) => seccomp?.kind === "file")?.value;
  return path === undefined ? undefined : { path, name: basename(path) };
}

function seccompProfile(workload: Workload): YamlMap | undefined {
  const local = localSeccompProfile(workload);
  if (local !== undefined) return { type: "Localhost", localhostProfile: local.name };
  const word = workload.securityOpt.map(seccompOf).findLast((seccomp) => seccomp?.kind === "word")?.value;
  return word === undefined ? undefined : { type: word === "unconfined" ? "Unconfined" : "RuntimeDefault" };
}
