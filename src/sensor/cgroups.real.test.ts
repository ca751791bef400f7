import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { containerId, makeCgroup, PIDS_V1, type TestCgroup, UNIFIED } from "../../test/support/armed-cgroup.ts";
import { isExecution } from "../../test/support/observe.ts";
import { assetPath } from "../assets.ts";
import { NO_LOSS, type WriteEvent } from "../model/event.ts";
import { Collector } from "./collector.ts";
import { openSensor } from "./open-sensor.ts";
import type { Sensor } from "./sensor.ts";

const HIERARCHIES: readonly (readonly [name: string, directory: string])[] = [
  ["v2", UNIFIED],
  ...(PIDS_V1 === undefined ? [] : [["v1", PIDS_V1] as const]),
];
const NAMES: readonly (readonly [name: string, nameOf: (id: string) => string])[] = [
  ["the bare id", (id) => id],
  ["docker's scope", (id) => `docker-${id}.scope`],
  ["podman's own", (id) => `libpod-${id}`],
  ["podman's scope", (id) => `libpod-${id}.scope`],
  ["containerd's scope", (id) => `cri-containerd-${id}.scope`],
  ["CRI-O's scope", (id) => `crio-${id}.scope`],
];

let sensor: Sensor;
const events: WriteEvent[] = [];
const cgroups: TestCgroup[] = [];
beforeAll(async () => {
  sensor = await openSensor({ onEvents: (batch) => void events.push(...batch) });
  return async () => sensor[Symbol.asyncDispose]();
});
afterEach(async () => {
  for (const made of cgroups.splice(0)) await made.remove();
});

function cgroup(hierarchy: string, id: string, nameOf?: (id: string) => string): TestCgroup {
  const made = makeCgroup(hierarchy, id, nameOf);
  cgroups.push(made);
  return made;
}

async function changesOf(id: string, act: () => void): Promise<string[]> {
  await sensor.arm({ id });
  act();
  await sensor.disarm(id);
  return events
    .splice(0)
    .filter((event) => !isExecution(event))
    .map((event) => `${event.container === id ? "" : event.container}${event.operation} ${event.path}`);
}

const TOUCH = ["rmdir", "/none"];
const TOUCHED = ["rmdir /none"];

describe.each(HIERARCHIES)("cgroup %s", (_, hierarchy) => {
  test.each(NAMES)("%s", async (_name, nameOf) => {
    const id = containerId();
    const made = cgroup(hierarchy, id, nameOf);
    expect(await changesOf(id, () => made.run(TOUCH))).toEqual(TOUCHED);
  });

  test("a child cgroup, as crun and programs in a container make them", async () => {
    const id = containerId();
    cgroup(hierarchy, id, (bare) => `libpod-${bare}.scope`);
    const child = makeCgroup(hierarchy, id, (bare) => `libpod-${bare}.scope/container`);
    mkdirSync(join(child.directory, "a/b"), { recursive: true });
    const grandchild = makeCgroup(hierarchy, id, (bare) => `libpod-${bare}.scope/container/a/b`);
    expect(await changesOf(id, () => child.run(TOUCH))).toEqual(TOUCHED);
    expect(await changesOf(id, () => grandchild.run(TOUCH))).toEqual(TOUCHED);
  });

  test("an armed cgroup in an armed cgroup has its own events", async () => {
    const [outer, inner] = [containerId(), containerId()];
    cgroup(hierarchy, outer);
    const made = makeCgroup(hierarchy, inner, (id) => `${outer}/docker/${id}`);
    await sensor.arm({ id: outer });
    expect(await changesOf(inner, () => made.run(TOUCH))).toEqual(TOUCHED);
    await sensor.disarm(outer);
  });

  test("an unarmed container, one whose id only begins the same, and one that was disarmed give nothing", async () => {
    const id = containerId();
    const others = [containerId(), `${id.slice(0, 63)}${id.endsWith("0") ? "1" : "0"}`].map((other) =>
      cgroup(hierarchy, other),
    );
    const made = cgroup(hierarchy, id);
    // Looked at before it is armed: that it is nobody's must not be remembered.
    made.run(TOUCH);
    expect(await changesOf(id, () => made.run(TOUCH))).toEqual(TOUCHED);
    expect(await changesOf(id, () => others.forEach((other) => other.run(TOUCH)))).toEqual([]);
    await sensor.flush();
    made.run(TOUCH);
    await sensor.flush();
    expect(events.splice(0)).toEqual([]);
  });
});

test("raw tracepoints see the same where the kernel refuses the other programs", () => {
  const made = cgroup(UNIFIED, containerId());
  const seen: WriteEvent[] = [];
  const input = { objectPath: assetPath("petrify.x86_64.bpf.o"), ringBytes: 2 ** 20, programs: "_raw" } as const;
  const collector = new Collector(input, (batch) => void seen.push(...batch.events));
  collector.arm(made.id, 0n);
  made.run(["sh", "-c", "rmdir /none; : >/proc/none"]);
  collector.disarm(made.id);
  expect(
    seen
      .filter((event) => !isExecution(event) && event.operation !== "read")
      .map(({ operation, path, result }) => [operation, path, result]),
  ).toEqual([
    ["rmdir", "/none", "ENOENT"],
    ["open", "/proc/none", "ENOENT"],
  ]);
  expect(collector.loss()).toEqual(NO_LOSS);
  collector.close();
});

test("a container that is armed again goes on giving its events, each once", async () => {
  const made = cgroup(UNIFIED, containerId());
  await sensor.arm({ id: made.id });
  await made.hold();
  expect(await changesOf(made.id, () => made.run(TOUCH))).toEqual(TOUCHED);
});
