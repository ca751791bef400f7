import { foldKey } from "../docker-api/go-json/fold.ts";
import { bodyError } from "../docker-api/go-json/body-error.ts";
import { parseJson } from "../docker-api/go-json/parse.ts";
import type { JsonValue } from "../docker-api/go-json/value.ts";
import { BODY_LIMITS } from "./assess-exec.ts";
import { type Assessment, judge, PASS } from "./assessment.ts";
import type { Lookups } from "./lookups.ts";

/**
 * Settings of a container that exists which say nothing about where it may write. Whatever else a body sets is asked for as unknown;
 * fields that are there and empty, as Go writes them, set nothing.
 */
const HARMLESS: Readonly<Record<"docker" | "libpod", ReadonlySet<string>>> = {
  // moby api/types/container UpdateConfig: Resources without devices, and RestartPolicy.
  docker: folded(
    "CpuShares Memory NanoCpus CgroupParent BlkioWeight BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps " +
      "BlkioDeviceReadIOps BlkioDeviceWriteIOps CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpusetCpus CpusetMems " +
      "KernelMemory KernelMemoryTCP MemoryReservation MemorySwap MemorySwappiness OomKillDisable PidsLimit Ulimits CpuCount " +
      "CpuPercent IOMaximumIOps IOMaximumBandwidth RestartPolicy",
  ),
  // podman pkg/api/handlers UpdateEntities: LinuxResources of the OCI runtime specification without devices and `unified` (files of the cgroup by name), health checks, limits
  // of devices, environment, rlimits.
  libpod: folded(
    "memory cpu pids blockIO hugepageLimits network rdma health_log_destination health_max_log_size health_max_log_count " +
      "health_on_failure no_healthcheck health_cmd health_interval health_retries health_timeout health_start_period " +
      "health_startup_cmd health_startup_interval health_startup_retries health_startup_timeout health_startup_success " +
      "BlkIOWeightDevice DeviceReadBPs DeviceWriteBPs DeviceReadIOPs DeviceWriteIOPs Env UnsetEnv r_limits",
  ),
};

/** Throws E_REQUEST_BODY. */
export async function assessUpdate(
  body: Buffer,
  schema: "docker" | "libpod",
  name: string,
  lookups: Lookups,
): Promise<Assessment> {
  const value = parseJson(body, BODY_LIMITS);
  if (value.kind !== "object") throw bodyError("", "is not an object");
  const asked = [...value.members]
    .filter(([key, member]) => !HARMLESS[schema].has(foldKey(key)) && !isEmpty(member))
    .map(([key]) => key);
  if (asked.length === 0 || (await lookups.container(name)) === undefined) return PASS;
  const fields = asked.map((key) => (/^\w{1,40}$/.test(key) ? key : "a setting")).join(", ");
  return judge({ action: "unknown", what: `changing ${fields} of a container that exists` });
}

function isEmpty(value: JsonValue): boolean {
  switch (value.kind) {
    case "null":
      return true;
    case "bool":
      return !value.value;
    case "number":
      return Number(value.text) === 0;
    case "string":
      return value.value === "";
    case "list":
      return value.items.length === 0;
    case "object":
      break;
  }
  return value.members.size === 0;
}

function folded(names: string): ReadonlySet<string> {
  return new Set(names.split(" ").map(foldKey));
}
