import type { ContainerSpec } from "../../src/engine/engine.ts";
import { NO_SETTINGS, type Workload } from "../../src/model/workload.ts";

/** A workload of `docker run IMAGE` without any flag, and what differs from it. */
export function plainWorkload(image: string, differs: Partial<Workload> = {}): Workload {
  return { ...NO_SETTINGS, name: "test", image, ...differs };
}

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
