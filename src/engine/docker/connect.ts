import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import os from "node:os";
import { PetrifyError } from "../../model/errors.ts";
import type { Owner } from "../../model/owner.ts";
import type { Engine, EngineInfo } from "../engine.ts";
import { DockerApi } from "./api.ts";
import { DockerEngine, type EngineHooks } from "./docker-engine.ts";
import type { Endpoint } from "./endpoint.ts";
import { type InfoAnswer, infoAnswer, versionAnswer } from "./schemas.ts";
import type { LayerFacts } from "./tree/container-tree.ts";

/** dockerd 20.10, podman 4. */
const OLDEST_API = "1.41";
/** The newest version whose answers were read; Docker 29 still serves 1.44 and newer. */
const NEWEST_API = "1.47";

/** An engine that answers at `endpoint`. Throws E_ENGINE_UNREACHABLE, E_ENGINE_UNSUPPORTED, E_ENGINE_API. */
export async function connectDocker(endpoint: Endpoint, foundBy: string, hooks: EngineHooks = {}): Promise<Engine> {
  const api = new DockerApi(endpoint);
  try {
    const apiVersion = await negotiate(api);
    api.useVersion(apiVersion);
    const [version, info] = await Promise.all([
      api.json({ action: "ask for the version", method: "GET", path: "/version" }, versionAnswer),
      api.json({ action: "ask for the settings", method: "GET", path: "/info" }, infoAnswer),
    ]);
    const isPodman = version.Components?.some(({ Name }) => Name === "Podman Engine") === true;
    const remappedRoot = remappedRootOf(info);
    const local = await isLocal(endpoint, info);
    const engineInfo: EngineInfo = {
      kind: isPodman ? "podman" : "docker",
      host: api.host,
      version: version.Version,
      apiVersion,
      local,
      rootless: isRootless(info),
      ...(remappedRoot !== undefined && { remappedRoot }),
      selinux: isConfined(info) || (isPodman && local && existsSync("/sys/fs/selinux/enforce")),
      cgroupDriver: cgroupDriver(info.CgroupDriver),
      cgroupVersion: info.CgroupVersion === "2" ? "2" : "1",
      storageDriver: isImageStore(info) ? `${info.Driver} (containerd image store)` : info.Driver,
      defaultRuntime: info.DefaultRuntime,
      foundBy,
      ...hooks.info,
    };
    const layers = {
      isLocal: engineInfo.local,
      ownersUnknown: engineInfo.rootless || (isRemapped(info) && remappedRoot === undefined),
      remappedRoot,
      nativeDiff: info.DriverStatus.some(([name, value]) => name === "Native Overlay Diff" && value === "true"),
      ...imageStore(info),
    };
    return new DockerEngine(api, endpoint, engineInfo, layers, hooks);
  } catch (error) {
    api.close();
    throw error;
  }
}

/** Docker lists it among the security options; Podman 4.3 does not, and has a field for it. Exported for its test. */
export function isRootless({ Rootless, SecurityOptions }: Pick<InfoAnswer, "Rootless" | "SecurityOptions">): boolean {
  return Rootless || SecurityOptions.some((option) => option.split(",").includes("name=rootless"));
}

/** dockerd confines containers when its option `selinux-enabled` is on. Podman does where the kernel has it, and does not tell. Exported for its test. */
export function isConfined({ SecurityOptions }: Pick<InfoAnswer, "SecurityOptions">): boolean {
  return SecurityOptions.some((option) => option.split(",").includes("name=selinux"));
}

function isRemapped({ SecurityOptions }: Pick<InfoAnswer, "SecurityOptions">): boolean {
  return SecurityOptions.some((option) => option.split(",").includes("name=userns"));
}

/**
 * With `--userns-remap` dockerd keeps its data in a directory named after the owner that root of its containers has (moby
 * daemon/daemon_unix.go, setupDaemonRoot); it tells it nowhere else. Exported for its test.
 */
export function remappedRootOf(info: Pick<InfoAnswer, "SecurityOptions" | "DockerRootDir">): Owner | undefined {
  const [, uid, gid] = /\/(\d+)\.(\d+)$/.exec(info.DockerRootDir) ?? [];
  return isRemapped(info) && uid !== undefined ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

async function negotiate(api: DockerApi): Promise<string> {
  const response = await api.open({
    action: "answer a ping",
    method: "GET",
    path: "/_ping",
    timeoutMs: 30_000,
  });
  response.resume();
  const offered = response.headers["api-version"];
  if (typeof offered !== "string" || !/^\d+\.\d+$/.test(offered))
    throw new PetrifyError("E_ENGINE_API", `What answers at ${api.host} is not a container engine.`, {
      hint: "Check the address; a Docker API of version 1.41 or newer is needed.",
    });
  if (compareVersions(offered, OLDEST_API) < 0)
    throw new PetrifyError(
      "E_ENGINE_UNSUPPORTED",
      `The engine at ${api.host} speaks API ${offered}, which is too old.`,
      {
        hint: "Docker 20.10 or Podman 4 and newer can be used.",
      },
    );
  return compareVersions(offered, NEWEST_API) > 0 ? NEWEST_API : offered;
}

function compareVersions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split(".").map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split(".").map(Number);
  return leftMajor - rightMajor || leftMinor - rightMinor;
}

/**
 * A socket file proves nothing: it can lead into the virtual machine of Docker Desktop or through an ssh tunnel.
 * The engine shares this kernel when it reports the same release and the same memory to the byte, and these files
 * when its data folder is here too (a container that was given the socket does not see that).
 */
async function isLocal(endpoint: Endpoint, info: InfoAnswer): Promise<boolean> {
  if (endpoint.kind !== "unix") return false;
  if (info.KernelVersion !== os.release() || info.MemTotal !== os.totalmem()) return false;
  const found = await stat(info.DockerRootDir).catch(() => undefined);
  return found?.isDirectory() === true;
}

/** As containerd names its own kind of plugin (moby daemon/info.go, fillDriverInfo). */
function isImageStore({ DriverStatus }: InfoAnswer): boolean {
  return DriverStatus.some(([name, value]) => name === "driver-type" && value === "io.containerd.snapshotter.v1");
}

function imageStore(info: InfoAnswer): Pick<LayerFacts, "store"> {
  if (!isImageStore(info)) return {};
  const { Driver, Containerd } = info;
  const namespace = Containerd?.Namespaces?.Containers || "moby";
  return { store: { snapshotter: Driver, namespace, address: Containerd?.Address || undefined } };
}

function cgroupDriver(text: string): EngineInfo["cgroupDriver"] {
  return text === "cgroupfs" || text === "systemd" ? text : "none";
}
