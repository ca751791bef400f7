import type { PublishedPort, Workload } from "../model/workload.ts";
import type { ExportedRun } from "./logging.ts";

const list = (flag: string, values: readonly string[]): string[][] => values.map((value) => [flag, value]);
const pairs = (flag: string, values: Readonly<Record<string, string>>): string[][] =>
  Object.entries(values).map(([key, value]) => [flag, `${key}=${value}`]);
const one = (flag: string, value: string | number | undefined): string[][] =>
  value === undefined ? [] : [[flag, String(value)]];
const when = (flag: string, on: boolean): string[][] => (on ? [[flag]] : []);

/** The settings of a workload as flags of `docker run`, each with its value; without mounts, image and command. */
export function dockerFlags(workload: ExportedRun): string[][] {
  return [
    ...one("--platform", workload.platform),
    ...one("--runtime", workload.runtime),
    ...when("--init", workload.init),
    ...when("--interactive", workload.openStdin),
    ...when("--tty", workload.tty),
    ...one("--restart", workload.restart),
    ...one("--user", workload.user),
    ...one("--workdir", workload.workingDir),
    ...one("--entrypoint", workload.entrypoint?.[0]),
    ...list("--env", workload.env),
    ...pairs("--label", workload.labels),
    ...one("--network", workload.network),
    ...one("--userns", workload.userns),
    ...one("--hostname", workload.hostname),
    ...list("--publish", workload.ports.map(publishText)),
    ...list("--add-host", workload.extraHosts),
    ...list("--dns", workload.dns),
    ...when("--privileged", workload.privileged),
    ...list("--cap-drop", workload.capDrop),
    ...list("--cap-add", workload.capAdd),
    ...list("--security-opt", workload.securityOpt),
    ...list("--group-add", workload.groupAdd),
    ...pairs("--sysctl", workload.sysctls),
    ...list(
      "--ulimit",
      workload.ulimits.map(({ name, soft, hard }) => `${name}=${soft}:${hard}`),
    ),
    ...one("--memory", workload.memoryBytes),
    ...one("--cpus", workload.nanoCpus === undefined ? undefined : cpusText(workload.nanoCpus)),
    ...one("--pids-limit", workload.pidsLimit),
    ...one("--shm-size", workload.shmSizeBytes),
    ...one("--log-driver", workload.logging?.driver),
    ...pairs("--log-opt", workload.logging?.options ?? {}),
    ...one("--stop-signal", workload.stopSignal),
    ...one("--stop-timeout", workload.stopTimeoutSeconds),
  ];
}

/** The command of `docker run`: `--entrypoint` takes one word, so the others of an entrypoint go before the command. */
export function dockerCommand({ entrypoint = [], command = [] }: Workload): readonly string[] {
  return [...entrypoint.slice(1), ...command];
}

/** `[::1]:8080:80/udp`, as `-p` and Compose's short syntax take it. */
export function publishText({ hostIp, hostPort, containerPort, protocol }: PublishedPort): string {
  const ip = hostIp === undefined ? "" : `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:`;
  const host = hostPort === undefined ? (ip === "" ? "" : ":") : `${hostPort}:`;
  return `${ip}${host}${containerPort}${protocol === "tcp" ? "" : `/${protocol}`}`;
}

/** CPUs as a decimal number without the error of floating point: 300000000 is `0.3`. */
export function cpusText(nanoCpus: number): string {
  const digits = String(nanoCpus).padStart(10, "0");
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, "");
}
