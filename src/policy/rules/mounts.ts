import { isEngineSocket, isHostSystem, isInVolume } from "../../audit/host-paths.ts";
import { isWithin } from "../../strategy/paths.ts";
import { approvedTargets, codeIn, writableTargets } from "../code.ts";
import { type HostMount, hostMounts, isOpenReadOnly, isShared } from "../host-access.ts";
import { cleanHostPath } from "../paths.ts";
import type { PolicyRule } from "../rule.ts";
import { listed, plain, toAllow, toExempt } from "../wording.ts";

/**
 * Whatever lies there is the host's: configuration that its services read, programs that root runs, specifications of devices
 * (CDI), of networks and hooks that engines follow. Cooperative clients have data of their own in some of them.
 */
const SYSTEM_TO_THE_HOSTILE = "/etc /usr /root /run /opt/cni /dev".split(" ");

/** Writable binds of the host's own directories, and read-only ones where that does not hold. */
export const hostSystemBind: PolicyRule = {
  name: "host-system-bind",
  check({ container, policy, circumstances: { guardPaths = [] } }) {
    if (!policy.refuse.hostSystemBinds) return undefined;
    const own = guardPaths.map(cleanHostPath);
    const isSystem = (path: string): boolean =>
      isHostSystem(path) ||
      own.some((file) => isWithin(file, path) || isWithin(path, file)) ||
      (policy.trust === "hostile" && SYSTEM_TO_THE_HOSTILE.some((directory) => isWithin(path, directory)));
    const mounts = hostMounts(container);
    const open = mounts.filter(({ hostPath }) => isOpenReadOnly(hostPath));
    const found = mounts.filter((mount) => open.includes(mount) || (!mount.readOnly && isSystem(mount.hostPath)));
    if (found.length === 0) return undefined;
    const paths = found.map(sourceText);
    const remedy =
      open.length === 0
        ? "Mount only the directory that it needs, or this one read-only (-v SOURCE:TARGET:ro)"
        : "Mount only the file or directory below it that is needed";
    return {
      refuse: true,
      sentence:
        open.length === 0
          ? `The host's own directories would be writable in the container (${listed(paths)}), and who writes there takes the host over.`
          : `The host could be changed through ${listed(paths)}, also where it is mounted read-only: mounts below it stay writable, and sockets are answered.`,
      remedy: `${remedy}; or ${toAllow(policy, "refuse.hostSystemBinds: false", container)}`,
    };
  },
};

/** As the client wrote it, and where that leads when nobody would guess. */
function sourceText({ mount, hostPath }: HostMount): string {
  const written = mount.type === "bind" ? (mount.source ?? hostPath) : hostPath;
  return mount.leadsTo !== undefined && hostPath === cleanHostPath(mount.leadsTo) && cleanHostPath(written) !== hostPath
    ? `${written}, which is ${hostPath}`
    : written;
}

/** Where engines have their sockets and their state; `/run` stands for `/var/run`, too. */
const ENGINE = (
  "/run/docker.sock /run/docker /run/containerd /run/podman /run/crio /run/k3s /run/buildkit /run/libpod " +
  "/var/lib/docker /var/lib/containerd /var/lib/containers /var/lib/crio"
).split(" ");

/** Binds of an engine's socket or state, or of what holds them, read-only or not: a connection is no write. */
export const engineBind: PolicyRule = {
  name: "engine-bind",
  check({ container, policy, circumstances: { enginePaths = [] } }) {
    if (!policy.refuse.engineBinds) return undefined;
    const engine = [...ENGINE, ...enginePaths.map(cleanHostPath)];
    const found = hostMounts(container).filter(({ hostPath }) => {
      // A link that a container left in its volume leads anywhere by the time of the mount.
      if (policy.trust === "cooperative" && isInVolume(hostPath)) return false;
      return isEngineSocket(hostPath) || engine.some((path) => isWithin(hostPath, path) || isWithin(path, hostPath));
    });
    if (found.length === 0) return undefined;
    return {
      refuse: true,
      sentence: `The container would reach a container engine of the host by its socket or state (${listed(found.map(sourceText))}), and so be root on the host.`,
      remedy: `Leave the mount out, or mount a directory that holds neither; or ${toAllow(policy, "refuse.engineBinds: false", container)}`,
    };
  },
};

/** Writable mounts over programs and libraries: they would take the read-only root back. */
export const mountOverCode: PolicyRule = {
  name: "mount-over-code",
  check({ container, policy, circumstances }) {
    if (!policy.refuse.mountsOverCode) return undefined;
    const approved = approvedTargets(container, circumstances.strategies);
    const codeAt = codeIn(container);
    const found = writableTargets(container).flatMap((target) => {
      const code = codeAt(target);
      return code === undefined || approved.has(target) ? [] : [{ target, code }];
    });
    const [first] = found;
    if (first === undefined) return undefined;
    return {
      refuse: true,
      sentence: `A writable mount would lie over programs (${listed(found.map(({ target }) => target))}; ${plain(first.code)}), and what is planted there is run.`,
      remedy: `Mount it read-only (:ro), or only the directory that holds the data; or ${toAllow(policy, "refuse.mountsOverCode: false", container)}`,
    };
  },
};

export const sharedPropagation: PolicyRule = {
  name: "shared-propagation",
  check({ container, policy }) {
    const found = container.mounts.filter(isShared);
    if (!policy.refuse.hostSystemBinds || found.length === 0) return undefined;
    return {
      refuse: true,
      sentence: `Mounts that the container makes below ${listed(found.map(({ target }) => target))} would appear on the host.`,
      remedy: `Use rslave in place of rshared, or private; or ${toAllow(policy, "refuse.hostSystemBinds: false", container)}`,
    };
  },
};

/** The mounts of another container are not in the request. */
export const volumesFrom: PolicyRule = {
  name: "volumes-from",
  check({ container, policy }) {
    if (container.volumesFrom.length === 0) return undefined;
    const names = listed(container.volumesFrom);
    return {
      refuse: policy.trust === "hostile",
      sentence: `It gets the mounts of other containers (${names}), which are not known here.`,
      remedy: `Name the volumes themselves (-v NAME:PATH), or ${toExempt(policy, container)}.`,
    };
  },
};

/** A driver that is no part of the engine may mount anything. */
export const volumeDriver: PolicyRule = {
  name: "volume-driver",
  check({ container, policy }) {
    const drivers = container.mounts
      .filter(({ type }) => type === "volume")
      .flatMap(({ driver = "" }) => (driver === "" || driver === "local" ? [] : [driver]));
    if (policy.trust !== "hostile" || drivers.length === 0) return undefined;
    return {
      refuse: true,
      sentence: `What the volume drivers ${listed([...new Set(drivers)])} mount is not known here.`,
      remedy: `Use the local driver, or ${toExempt(policy, container)}.`,
    };
  },
};
