import { expect, test } from "vitest";
import { parseDockerRecord } from "./engine-record.ts";

const ID = "a".repeat(64);
const CONTAINER = {
  ID,
  Name: "/web",
  Image: "sha256:1",
  Created: "2026-01-01T00:00:00Z",
  Config: { Image: "web:1", Labels: { a: "b" } },
};
const HOST = { Privileged: false, CapAdd: ["CAP_NET_RAW"], LogConfig: { Type: "json-file" } };
const parse = (container: object, host: object): ReturnType<typeof parseDockerRecord> =>
  parseDockerRecord(ID, JSON.stringify(container), JSON.stringify(host));

test("dockerd's record is read", () => {
  expect(parse(CONTAINER, HOST)).toEqual({
    name: "web",
    labels: { a: "b" },
    imageId: "sha256:1",
    imageReference: "web:1",
    privileged: false,
    capAdd: ["NET_RAW"],
    createdMs: Date.UTC(2026, 0, 1),
    likeBuildStep: false,
  });
});

test.each([{ ID: "b" }, { Name: 1 }, { Created: "x" }, { Config: null }, { Image: undefined }])(
  "%j is no record",
  (change) => expect(parse({ ...CONTAINER, ...change }, HOST)).toBeUndefined(),
);

const STEP = { ...CONTAINER, Config: { Image: "sha256:1" } };
const STEP_HOST = {
  Privileged: false,
  Binds: null,
  LogConfig: { Type: "none" },
  RestartPolicy: { Name: "" },
  Devices: [],
  IpcMode: "private",
};

test("a step of the classic builder is known by having nothing else", () => {
  expect(parse(STEP, STEP_HOST)?.likeBuildStep).toBe(true);
});

test.each([
  { Binds: ["/:/host"] },
  { Mounts: [{}] },
  { VolumesFrom: ["x"] },
  { CapAdd: ["SYS_ADMIN"] },
  { Devices: [{}] },
  { DeviceCgroupRules: ["a *:* rwm"] },
  { Privileged: true },
  { PortBindings: { "80/tcp": [{}] } },
  { RestartPolicy: { Name: "always" } },
  { PidMode: "host" },
  { IpcMode: "host" },
  { LogConfig: { Type: "json-file" } },
])("no build step has %j", (change) => expect(parse(STEP, { ...STEP_HOST, ...change })?.likeBuildStep).toBe(false));

test("no build step starts from a name", () => {
  expect(parse(CONTAINER, STEP_HOST)?.likeBuildStep).toBe(false);
});
