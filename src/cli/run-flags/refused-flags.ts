import { PetrifyError } from "../../model/errors.ts";

const DEVICES = "A strategy says nothing about devices yet.";
const HEALTH = "The image's own health check is used; or give --test.";
const NAMESPACES = "A strategy does not carry shared namespaces.";
const CPU = "Use --cpus, or set it in the exported file.";
const LOGS = "Set the log driver in the exported file.";

/** Flags of `docker run` that Petrify knows and does not take, with the way out. */
const REFUSED: Readonly<Record<string, string>> = {
  device: DEVICES,
  gpus: DEVICES,
  "device-cgroup-rule": DEVICES,
  "health-cmd": HEALTH,
  "health-interval": HEALTH,
  "health-retries": HEALTH,
  "health-start-interval": HEALTH,
  "health-start-period": HEALTH,
  "health-timeout": HEALTH,
  "no-healthcheck": HEALTH,
  pid: NAMESPACES,
  ipc: NAMESPACES,
  uts: NAMESPACES,
  cgroupns: NAMESPACES,
  "cpu-shares": CPU,
  "cpu-quota": CPU,
  "cpu-period": CPU,
  "cpuset-cpus": CPU,
  "cpuset-mems": CPU,
  "log-driver": LOGS,
  "log-opt": LOGS,
  "volumes-from": "Name the volumes themselves with -v.",
  "volume-driver": "Use --mount type=volume,source=NAME,target=PATH,volume-driver=DRIVER.",
  link: "Use --network with a user-defined network.",
  pull: "Pull the image first.",
  "label-file": "Give the labels with --label.",
  "memory-swap": "Use --memory, or set it in the exported file.",
  "use-api-socket": "Access to the engine's socket undoes every read-only root.",
};
const REFUSED_SHORT: Readonly<Record<string, string>> = { c: "cpu-shares" };

/** Says that a flag is refused, and what to do instead. Throws E_USAGE, always. */
export function refuseFlag(name: string, otherwise: string): never {
  const long = name.startsWith("--") ? name.slice(2) : (REFUSED_SHORT[name.slice(1)] ?? "");
  const known = Object.hasOwn(REFUSED, long) ? REFUSED[long] : undefined;
  throw known === undefined
    ? new PetrifyError("E_USAGE", `Petrify has no flag ${name}.`, { hint: otherwise })
    : new PetrifyError("E_USAGE", `docker run's ${name} is not supported.`, { hint: known });
}
