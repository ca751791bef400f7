import type { ContainerSpec } from "../../src/engine/engine.ts";
import type { Workload } from "../../src/model/workload.ts";

/** A workload of `docker run IMAGE` without any flag, and what differs from it. */
export function plainWorkload(image: string, differs: Partial<Workload> = {}): Workload {
  return { ...PLAIN, name: "test", image, ...differs };
}
const PLAIN: Omit<Workload, "name" | "image"> = {
  env: [],
  mounts: [],
  ports: [],
  labels: {},
  capAdd: [],
  capDrop: [],
  securityOpt: [],
  groupAdd: [],
  sysctls: {},
  ulimits: [],
  extraHosts: [],
  dns: [],
  init: false,
  privileged: false,
  tty: false,
  openStdin: false,
};

let lastNumber = 0;

/** What a test creates of it: a name nobody else has, nothing mounted, nothing published. */
export function containerSpec(workload: Workload, differs: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    workload,
    name: `petrify-test-${process.pid}-${++lastNumber}`,
    session: "test",
    readOnlyRoot: false,
    tmpfs: {},
    volumes: [],
    binds: [],
    publishPorts: false,
    autoRemove: false,
    ...differs,
  };
}
