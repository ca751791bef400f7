import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ecs } from "./ecs.ts";
import { readWith, textAt, valuesOf } from "./testing.ts";

interface Task {
  readonly [key: string]: unknown;
}

function webOf(container: Task, task: Task = {}) {
  const definition = {
    family: "shop",
    ...task,
    containerDefinitions: [{ name: "web", image: "nginx:1", ...container }],
  };
  const { containers, problems } = readWith(ecs, { "task.json": JSON.stringify(definition, undefined, 2) });
  expect(problems).toEqual([]);
  expect(containers).toHaveLength(1);
  return containers[0] as (typeof containers)[number];
}

describe("settings of a container definition", () => {
  test.each<[what: string, container: Task, task: Task, settings: Task]>([
    [
      "root, privileges, user",
      { readonlyRootFilesystem: true, privileged: true, user: "0" },
      {},
      { readOnlyRoot: true, privileged: true, user: "0" },
    ],
    ["no privileges on Fargate", { privileged: true }, { requiresCompatibilities: ["FARGATE"] }, {}],
    [
      "capabilities and devices",
      { linuxParameters: { capabilities: { add: ["SYS_ADMIN"], drop: ["ALL"] }, devices: [{ hostPath: "/dev/sda" }] } },
      {},
      { capAdd: ["SYS_ADMIN"], capDrop: ["ALL"], devices: ["/dev/sda"] },
    ],
    [
      "tmpfs",
      { linuxParameters: { tmpfs: [{ containerPath: "/t", size: 64, mountOptions: ["exec"] }] } },
      {},
      { mounts: [{ type: "tmpfs", target: "/t", readOnly: false, sizeBytes: 2 ** 26, exec: true }] },
    ],
    [
      "volumes",
      {
        mountPoints: [
          { sourceVolume: "h", containerPath: "/h" },
          { sourceVolume: "e", containerPath: "/e", readOnly: true },
          { sourceVolume: "t", containerPath: "/t" },
          { sourceVolume: "d", containerPath: "/d" },
        ],
      },
      {
        volumes: [
          { name: "h", host: { sourcePath: "/etc" } },
          { name: "e", efsVolumeConfiguration: { fileSystemId: "fs-1" } },
          { name: "t", host: {} },
          { name: "d", dockerVolumeConfiguration: { scope: "shared" } },
        ],
      },
      {
        mounts: [
          { type: "bind", source: "/etc", target: "/h", readOnly: false },
          { type: "volume", source: "fs-1", target: "/e", readOnly: true },
          { type: "volume", sizeBytes: null, exec: true, target: "/t", readOnly: false },
          { type: "volume", source: "d", target: "/d", readOnly: false },
        ],
      },
    ],
    [
      "security options",
      { dockerSecurityOptions: ["no-new-privileges", "apparmor:unconfined", "label:disable"] },
      {},
      { noNewPrivileges: true, appArmor: "unconfined", selinux: "disable" },
    ],
    [
      "ports",
      {
        portMappings: [
          { containerPort: 80, hostPort: 8080 },
          { containerPort: 81, hostPort: 0 },
        ],
      },
      {},
      { ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }] },
    ],
    [
      "namespaces",
      {},
      { networkMode: "host", pidMode: "task", ipcMode: "host" },
      { network: "host", pid: "shared", ipc: "host" },
    ],
    ["an interface of its own", {}, { networkMode: "awsvpc" }, {}],
    ["limits of the container and of the task", { cpu: 256 }, { memory: "512" }, { cpus: 0.25, memoryBytes: 2 ** 29 }],
    [
      "health, logs, sysctls, ulimits",
      {
        healthCheck: { command: ["NONE"] },
        logConfiguration: { logDriver: "json-file", options: { "max-size": "1m" } },
        systemControls: [{ namespace: "net.core.somaxconn", value: "1" }],
        ulimits: [{ name: "nproc", softLimit: 1, hardLimit: -1 }],
      },
      {},
      {
        healthcheck: false,
        logDriver: "json-file",
        logOptions: { "max-size": "1m" },
        sysctls: ["net.core.somaxconn"],
        ulimits: [{ name: "nproc", soft: 1, hard: -1 }],
      },
    ],
    [
      "commands and variables",
      {
        entryPoint: ["sh"],
        command: ["-c", "x"],
        workingDirectory: "/app",
        environment: [{ name: "A", value: "1" }],
        secrets: [{ name: "P", valueFrom: "arn" }],
      },
      {},
      { entrypoint: ["sh"], command: ["-c", "x"], workingDir: "/app", environment: ["A=1"] },
    ],
  ])("%s", (_what, container, task, settings) => {
    expect(valuesOf(webOf(container, task))).toEqual({ image: "nginx:1", ...settings });
  });

  test("Windows", () => {
    expect(webOf({}, { runtimePlatform: { operatingSystemFamily: "WINDOWS_SERVER_2022_CORE" } }).os).toBe("windows");
  });
});

test.each<[what: string, name: string, text: string, expected: object]>([
  [
    "as it is described",
    "a.json",
    '{"taskDefinition": {"family": "f", "containerDefinitions": [{"name": "c", "image": "x"}]}, "tags": []}',
    { workload: "f/c" },
  ],
  [
    "CloudFormation in YAML",
    "a.yaml",
    'Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      Family: !Sub "${S}-x"\n      ContainerDefinitions:\n        - Name: c\n          Image: !Ref I\n          ReadonlyRootFilesystem: true\n          Environment: !If [a, [], []]\n',
    { workload: "c", unknown: ["image", "environment"], settings: { readOnlyRoot: { value: true } } },
  ],
  [
    "CloudFormation in JSON",
    "a.json",
    '{"Resources": {"T": {"Properties": {"ContainerDefinitions": [{"Name": "c", "Image": {"Ref": "I"}, "Privileged": {"Fn::If": []}}]}}}}',
    { workload: "c", unknown: ["image", "privileged"] },
  ],
  ["Terraform's list", "a.json", '[{"name": "c", "image": "x", "essential": true}]', { workload: "c" }],
  [
    "Terraform's plan",
    "a.json",
    '{"values": {"family": "f", "container_definitions": "[{\\"name\\":\\"c\\",\\"image\\":\\"x\\",\\"user\\":\\"0\\"}]", "network_mode": "host"}}',
    {
      workload: "f/c",
      settings: { user: { value: "0", at: { line: 1, column: 87, endColumn: 95 } }, network: { value: "host" } },
    },
  ],
])("%s is read", (_what, name, text, expected) => {
  expect(ecs.recognise({ name, text })).toBe(true);
  expect(readWith(ecs, { [name]: text })).toMatchObject({ containers: [expected], problems: [] });
});

test("what is broken is a problem with its place, and other JSON is none of this", () => {
  const { problems } = readWith(ecs, { "a.json": '{"containerDefinitions": [{"image": "x",,}' });
  expect(problems).toMatchObject([{ code: "E_TASK_DEFINITION", at: { line: 1 } }]);
  expect(ecs.recognise({ name: "a.json", text: '{"image": "x", "essential": true}' })).toBe(false);
  expect(ecs.recognise({ name: "a.json", text: '[{"image": "x"}]' })).toBe(false);
});

const KEYS: readonly (readonly [setting: string, key: string, value: unknown])[] = [
  ["readOnlyRoot", "readonlyRootFilesystem", false],
  ["user", "user", '0:0 " \\ é'],
  ["privileged", "privileged", true],
  ["environment", "environment", [{ name: "A", value: "b" }]],
  ["healthcheck", "healthCheck", { command: ["x"] }],
  ["logDriver", "logConfiguration", { logDriver: "none" }],
];

test("the place of each setting is where its key stands, in JSON inside of JSON too", () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...KEYS]),
      fc.constantFrom(undefined, 1, 2, "\t"),
      fc.boolean(),
      (keys, space, isInside) => {
        const list = [{ name: "c", image: "x", ...Object.fromEntries(keys.map(([, key, value]) => [key, value])) }];
        const task = isInside
          ? { container_definitions: JSON.stringify(list, undefined, space) }
          : { containerDefinitions: list };
        const text = JSON.stringify({ family: "f", ...task }, undefined, space);
        const settings = readWith(ecs, { "a.json": text }).containers[0]?.settings ?? {};
        for (const [setting, key, value] of keys) {
          const own = settings[setting as "user"];
          const name = setting === "logDriver" ? "logDriver" : key;
          expect(textAt(text, own?.at)).toBe(isInside ? `\\"${name}\\"` : `"${name}"`);
          const expected = typeof value === "object" ? own?.value : value;
          expect(own?.value).toBe(expected);
        }
      },
    ),
    { numRuns: 300 },
  );
});
