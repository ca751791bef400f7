import { READ_ONLY_BY_DEFAULT } from "../audit/kernel-paths.ts";
import type { Change } from "./decision.ts";
import type { ContainerRequest, RequestedMount } from "./request.ts";

type Of<K extends Change["kind"]> = Extract<Change, { readonly kind: K }>;
/** What becomes of a container, by kind of change. */
const MADE: {
  readonly [K in Change["kind"]]: (container: ContainerRequest, change: Of<K>) => Partial<ContainerRequest>;
} = {
  readOnlyRoot: () => ({ readOnlyRoot: true }),
  tmpfs: ({ mounts }, { path, exec }) => ({
    mounts: [...mounts, { type: "tmpfs", target: path, readOnly: false, exec }],
  }),
  volume: ({ mounts }, change) => ({ mounts: [...mounts, volumeMount(change)] }),
  readOnlyPaths: ({ readOnlyPaths = READ_ONLY_BY_DEFAULT }, { paths }) => ({
    readOnlyPaths: [...readOnlyPaths, ...paths],
  }),
  env: ({ env }, { name, value }) => ({ env: [...env, `${name}=${value}`] }),
  noNewPrivileges: () => ({ noNewPrivileges: true }),
  pidsLimit: (_container, { limit }) => ({ pidsLimit: limit }),
  memory: (_container, { bytes }) => ({ memoryBytes: bytes }),
  dropCapabilities: ({ capDrop }, { names }) => ({ capDrop: [...capDrop, ...names] }),
  logDriver: (_container, { driver }) => ({ logDriver: driver }),
};

/** The container with all changes made. */
export function applyChanges(container: ContainerRequest, changes: readonly Change[]): ContainerRequest {
  return changes.reduce((before, change) => {
    // The compiler does not see that a change goes to the entry of its own kind.
    const make = MADE[change.kind] as (container: ContainerRequest, change: Change) => Partial<ContainerRequest>;
    return { ...before, ...make(before, change) };
  }, container);
}

function volumeMount({ path, name, driver, options }: Of<"volume">): RequestedMount {
  return {
    type: "volume",
    target: path,
    readOnly: false,
    ...(name === undefined ? {} : { source: name }),
    ...(driver === undefined ? {} : { driver }),
    ...(options === undefined ? {} : { driverOptions: options }),
  };
}
