import type { ContainerRequest, RequestedMount } from "../../../src/policy/request.ts";
import { HELPER } from "./fields.ts";

type Container = Omit<ContainerRequest, "image">;

/** The settings of the fuzz image. */
const IMAGE_COMMAND = ["sleep", "9"];
const IMAGE_ENV = ["PATH=/bin", "IMAGE=1"];
const IMAGE_DIRECTORY = "/tmp";

/** The container that every case may refer to, with what its engine fills in. */
export interface Helper {
  readonly id: string;
  readonly readOnlyPaths: readonly string[];
  readonly maskedPaths: readonly string[];
}
type Filled = { readonly [K in keyof Container]?: Container[K] | undefined };

/** What dockerd makes of a request beyond what was asked, so that it can be compared with its own account. */
const FILLED_IN: readonly { readonly why: string; readonly fill: (asked: Container, helper: Helper) => Filled }[] = [
  {
    why: 'without an entrypoint and a command, the image\'s command holds (moby daemon/commit.go, merge); [""] takes the entrypoint away',
    fill: ({ entrypoint = [], command = [], imageReference }) => ({
      ...(entrypoint.length === 0 && command.length === 0 && imageReference !== "" ? { command: IMAGE_COMMAND } : {}),
      ...(entrypoint.length === 1 && entrypoint[0] === "" ? { entrypoint: undefined } : {}),
    }),
  },
  {
    why: "the image's variables are added unless they are set",
    fill: ({ env, imageReference }) => {
      if (imageReference === "") return {};
      const names = new Set(env.map((entry) => entry.split("=")[0]));
      return { env: [...env, ...IMAGE_ENV.filter((entry) => !names.has(entry.split("=")[0]))] };
    },
  },
  {
    why: "the image's directory",
    fill: ({ workingDir = IMAGE_DIRECTORY, imageReference }) => (imageReference === "" ? {} : { workingDir }),
  },
  {
    why: "lists that are not given are the runtime's, but for privileged containers (moby daemon/create_unix.go)",
    fill: ({ readOnlyPaths, maskedPaths, privileged }, helper) =>
      privileged
        ? {}
        : {
            readOnlyPaths: readOnlyPaths ?? helper.readOnlyPaths,
            maskedPaths: maskedPaths ?? helper.maskedPaths,
          },
  },
  {
    why: "no limit is no limit (moby postContainersCreate)",
    fill: ({ pidsLimit }) => (pidsLimit === -1 ? { pidsLimit: undefined } : {}),
  },
  { why: "the engine's log driver", fill: ({ logDriver = "json-file" }) => ({ logDriver }) },
  { why: "what no version knows is not told", fill: () => ({ unknownFields: [] }) },
  {
    why: "mounts that other containers have are told where nothing else is mounted",
    fill: ({ mounts, volumesFrom }) => {
      const isTaken = mounts.some(({ target }) => target === "/from");
      const from: RequestedMount = { type: "volume", source: "v_from", target: "/from", readOnly: false };
      return volumesFrom.length === 0 || isTaken ? {} : { mounts: [...mounts, from] };
    },
  },
  {
    why: "binds do not propagate unless asked, but for those that hold the engine's own (moby daemon/volumes_linux.go); volumes are of the local driver, whose options are told where they were given",
    fill: ({ mounts }) => ({ mounts: mounts.map(filledMount) }),
  },
];

function filledMount(mount: RequestedMount): RequestedMount {
  if (mount.type === "bind") return { propagation: mount.source === "/" ? "rslave" : "rprivate", ...mount };
  return mount.type === "volume" ? { driver: "local", ...mount } : mount;
}

/** What the engine should tell of the container that was asked for. */
export function asFilled(asked: Container, helper: Helper): Container {
  let filled: Container = asked;
  for (const { fill } of FILLED_IN) filled = { ...filled, ...(fill(filled, helper) as Container) };
  return comparable(filled, helper);
}

/** The same content in one order; `readOnly` of mounts that `volumes-from` gives is the mode's, which is not read. */
export function comparable(container: Container, helper: Helper): Container {
  const { joinedNamespaces, ...rest } = container;
  const joined = joinedNamespaces?.map(({ namespace, container: other }) => ({
    namespace,
    container: other === HELPER ? helper.id : other,
  }));
  const mounts = container.mounts
    .map((mount) => (mount.source === "v_from" ? { ...mount, readOnly: false } : mount))
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  // Docker's own default of cgroup v1 cannot be told from a wish.
  const hostNamespaces = container.hostNamespaces.filter((namespace) => namespace !== "cgroup");
  // The engine fills its own runtime in, but not where there is no HostConfig.
  const { runtime = "runc" } = container;
  // Where processes or memory are the host's, or all is allowed, dockerd adds label=disable, also beside labels whose name ends at a
  // colon (moby daemon/create.go, generateSecurityOpt).
  const isShared = container.privileged || hostNamespaces.includes("pid") || hostNamespaces.includes("ipc");
  const securityOptions = container.securityOptions.filter((option) => !isShared || option !== "label=disable");
  const all = {
    ...rest,
    securityOptions,
    mounts,
    hostNamespaces,
    runtime,
    ...(joined === undefined ? {} : { joinedNamespaces: joined }),
  };
  return JSON.parse(JSON.stringify(all)) as Container;
}

function key(mount: RequestedMount): string {
  return `${mount.target} ${mount.type}`;
}

/** Two inspections of containers that were made from bodies of the same meaning, without what is new each time. */
export function sameAccount(inspect: unknown): string {
  const { Id, ...rest } = inspect as { readonly Id: string; readonly Name: string };
  for (const field of ["Created", "Name", "GraphDriver", "State", "LogPath"])
    delete (rest as Record<string, unknown>)[field];
  return JSON.stringify(sorted(rest))
    .replaceAll(Id.slice(0, 12), "ID")
    .replaceAll(/[\da-f]{64}/g, "HEX");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sorted);
    const isMounts = items.some((item) => typeof item === "object" && item !== null && "Destination" in item);
    return isMounts ? items.toSorted((a, b) => (destination(a) < destination(b) ? -1 : 1)) : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

function destination(mount: unknown): string {
  return (mount as { readonly Destination: string }).Destination;
}
