import { describe, expect, test } from "vitest";
import { readFiles, valuesOf, webOf } from "./testing.ts";

const settingsOf = (service: string, top = ""): Readonly<Record<string, unknown>> =>
  valuesOf(webOf(`services:\n  web:\n    ${service.replaceAll("\n", "\n    ")}\n${top}`));

describe("settings", () => {
  test.for<[service: string, expected: object]>([
    ["image: nginx:1", { image: { value: "nginx:1" } }],
    ["build: .", {}],
    ["read_only: true", { readOnlyRoot: { value: true } }],
    ["read_only: 'yes'", { readOnlyRoot: { value: true } }],
    ["read_only: no", { readOnlyRoot: { value: false } }],
    ["privileged: on", { privileged: { value: true } }],
    ["user: 1000", { user: { value: "1000" } }],
    ["user: '1000:1000'", { user: { value: "1000:1000" } }],
    ["cap_add: [cap_net_admin, sys_time, ALL]", { capAdd: { value: ["NET_ADMIN", "SYS_TIME", "ALL"] } }],
    ["cap_drop:\n- ALL", { capDrop: { value: ["ALL"] } }],
    ["security_opt: [no-new-privileges]", { noNewPrivileges: { value: true } }],
    ["security_opt: ['no-new-privileges:true']", { noNewPrivileges: { value: true } }],
    ["security_opt: [no-new-privileges=false]", { noNewPrivileges: { value: false } }],
    ["security_opt: ['seccomp:unconfined']", { seccomp: { value: "unconfined" } }],
    ["security_opt: [seccomp=./p.json]", { seccomp: { value: "./p.json" } }],
    [
      "security_opt: [apparmor=unconfined, systempaths=unconfined]",
      {
        appArmor: { value: "unconfined" },
        unmaskedPaths: { value: true },
      },
    ],
    ["security_opt: [label=disable]", { selinux: { value: "disable" } }],
    ["security_opt: ['label:type:spc_t']", { selinux: { value: "type:spc_t" } }],
    ["working_dir: /x", { workingDir: { value: "/x" } }],
    [
      "logging: {options: {max-size: 10m, max-file: 3}}",
      { logOptions: { value: { "max-size": "10m", "max-file": "3" } } },
    ],
    [
      "ulimits: {nproc: 10, nofile: {soft: 1, hard: -1}, x: '${X}'}",
      {
        ulimits: {
          value: [
            { name: "nproc", soft: 10, hard: 10 },
            { name: "nofile", soft: 1, hard: -1 },
          ],
        },
      },
    ],
    [
      "pid: service:db\nnetwork_mode: service:db",
      { pid: { value: "container:db" }, network: { value: "container:db" } },
    ],
    ["environment: {A: 'x${B:-y}', C: '${D}', E: 'a${D:-${F}}'}", { environment: { value: ["A=xy", "C", "E"] } }],
    ["network_mode: host", { network: { value: "host" } }],
    [
      "pid: host\nipc: shareable\nuts: host\nuserns_mode: host",
      {
        pid: { value: "host" },
        ipc: { value: "shareable" },
        uts: { value: "host" },
        userns: { value: "host" },
      },
    ],
    ["mem_limit: 1.5g", { memoryBytes: { value: 1.5 * 2 ** 30 } }],
    ["mem_limit: 1000000", { memoryBytes: { value: 1_000_000 } }],
    ["mem_limit: 0", {}],
    [
      "mem_limit: 1g\ndeploy: {resources: {limits: {memory: 64M, cpus: '0.5', pids: 9}}}",
      {
        memoryBytes: { value: 64 * 2 ** 20 },
        cpus: { value: 0.5 },
        pidsLimit: { value: 9 },
      },
    ],
    ["cpus: 2", { cpus: { value: 2 } }],
    ["cpu_quota: 50000", { cpus: { value: 0.5 } }],
    ["cpu_quota: 50000\ncpu_period: 25000", { cpus: { value: 2 } }],
    ["pids_limit: -1", { pidsLimit: { value: -1 } }],
    ["pids_limit: 0", {}],
    [
      "devices: ['/dev/sda:/dev/x:r', {source: /dev/fuse, target: /dev/fuse}, 'nvidia.com/gpu=all']",
      {
        devices: { value: ["/dev/sda", "/dev/fuse", "nvidia.com/gpu=all"] },
      },
    ],
    ["cgroup_parent: /x", { cgroupParent: { value: "/x" } }],
    ["restart: always", { restart: { value: { policy: "always" } } }],
    ["restart: no", { restart: { value: { policy: "no" } } }],
    ["restart: on-failure:9", { restart: { value: { policy: "on-failure", maxRetries: 9 } } }],
    [
      "restart: always\ndeploy: {restart_policy: {condition: on-failure, max_attempts: 3}}",
      {
        restart: { value: { policy: "on-failure", maxRetries: 3 } },
      },
    ],
    ["deploy: {restart_policy: {delay: 5s}}", { restart: { value: { policy: "always" } } }],
    ["healthcheck: {test: [CMD, x]}", { healthcheck: { value: true } }],
    ["healthcheck: {test: curl -f x}", { healthcheck: { value: true } }],
    ["healthcheck: {test: NONE}", { healthcheck: { value: false } }],
    ["healthcheck: {test: [NONE]}", { healthcheck: { value: false } }],
    ["healthcheck: {disable: true, test: x}", { healthcheck: { value: false } }],
    ["healthcheck: {interval: 1s}", {}],
    ["logging: {driver: none}", { logDriver: { value: "none" } }],
    ['command: sh -c \'a "b" $$c\' \\"d', { command: { value: ["sh", "-c", 'a "b" $c', '"d'] } }],
    ["entrypoint: [a, 'b c']\ncommand: []", { entrypoint: { value: ["a", "b c"] }, command: { value: [] } }],
    ["command: null", {}],
    ["environment: {A: 1, B: null, C: true}", { environment: { value: ["A=1", "B", "C=true"] } }],
    ["environment: [A=1, B, A=2]", { environment: { value: ["A=2", "B"] } }],
    ["device_cgroup_rules: ['b 8:* rwm', '$X']", { deviceRules: { value: ["b 8:* rwm"] } }],
    ["sysctls: {net.core.somaxconn: 1}", { sysctls: { value: ["net.core.somaxconn"] } }],
    ["runtime: runsc", { runtime: { value: "runsc" } }],
    ["x-petrify: {read_only: true}", {}],
  ])("%s", ([service, expected]) => {
    expect(settingsOf(service)).toEqual(expected);
  });

  test("a network that stands for the host's", () => {
    const service = "networks: [inner, outer]";
    expect(settingsOf(service, "networks: {inner: , outer: {external: true, name: host}}")).toEqual({
      network: { value: "host" },
    });
    expect(settingsOf(service, "networks: {outer: {external: {name: host}}}")).toEqual({ network: { value: "host" } });
    expect(settingsOf(service, "networks: {outer: {name: host}}")).toEqual({});
  });

  test.for<[service: string, os: string]>([
    ["platform: windows/amd64", "windows"],
    ["isolation: hyperv", "windows"],
    ["platform: linux/arm64", "linux"],
    ["isolation: default", "linux"],
  ])("%s runs on %s", ([service, os]) => {
    expect(webOf(`services: {web: {${service}}}`).os).toBe(os);
  });
});

describe("ports", () => {
  test.for<[port: string, expected: object[]]>([
    ["80", [{ containerPort: 80 }]],
    ["'8080:80'", [{ hostPort: 8080, containerPort: 80 }]],
    ["'127.0.0.1:8080:80/udp'", [{ hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80 }]],
    ["'127.0.0.1::80'", [{ hostIp: "127.0.0.1", containerPort: 80 }]],
    ["'[::1]:8080:80'", [{ hostIp: "::1", hostPort: 8080, containerPort: 80 }]],
    ["'::1:8080:80'", [{ hostIp: "::1", hostPort: 8080, containerPort: 80 }]],
    ["'3000-3005:4000-4005'", [{ hostPort: 3000, containerPort: 4000 }]],
    [
      "{target: 80, published: '8080', host_ip: 10.0.0.1, mode: host}",
      [{ hostIp: "10.0.0.1", hostPort: 8080, containerPort: 80 }],
    ],
    ["{target: 80}", [{ containerPort: 80 }]],
    ["'${PORT}:80'", []],
    ["'${PORT:-81}:80'", [{ hostPort: 81, containerPort: 80 }]],
  ])("%s", ([port, expected]) => {
    expect(settingsOf(`ports: [${port}]`)["ports"] ?? []).toEqual(expected);
  });
});

describe("mounts", () => {
  const volume = { type: "volume", sizeBytes: null, exec: true, readOnly: false };
  test.for<[volumes: string, expected: object]>([
    ["/d", { ...volume, target: "/d" }],
    ["/d/../e/", { ...volume, target: "/e" }],
    ["data:/d", { ...volume, source: "data", target: "/d" }],
    ["data:/d:ro,z", { ...volume, source: "data", target: "/d", readOnly: true }],
    ["/var/run/docker.sock:/s", { type: "bind", source: "/var/run/docker.sock", target: "/s", readOnly: false }],
    ["./a/../b:/d", { type: "bind", source: "b", target: "/d", readOnly: false }],
    ["'~/x:/d:rw,rshared'", { type: "bind", source: "~/x", target: "/d", readOnly: false, propagation: "rshared" }],
    ["'C:\\x:/d:ro'", { type: "bind", source: "C:\\x", target: "/d", readOnly: true }],
    ["'${DATA}:/d'", { type: "other", target: "/d", readOnly: false }],
    ["'${DATA:-/srv}:/d:ro'", { type: "bind", source: "/srv", target: "/d", readOnly: true }],
    ["'/srv/${DATA}:/d'", { type: "bind", source: "/srv/${DATA}", target: "/d", readOnly: false }],
    [
      "{type: bind, source: /, target: /host, read_only: true, bind: {propagation: shared}}",
      { type: "bind", source: "/", target: "/host", readOnly: true, propagation: "shared" },
    ],
    ["{type: volume, source: data, target: /d}", { ...volume, source: "data", target: "/d" }],
    ["{type: volume, target: /d}", { ...volume, target: "/d" }],
    ["{type: tmpfs, target: /d}", { type: "tmpfs", target: "/d", readOnly: false, exec: false, sizeBytes: null }],
    [
      "{type: tmpfs, target: /d, tmpfs: {size: 64m, mode: 01777}}",
      { type: "tmpfs", target: "/d", readOnly: false, exec: false, sizeBytes: 2 ** 26 },
    ],
    [
      "{type: tmpfs, target: /d, tmpfs: {size: '${SIZE}'}}",
      { type: "tmpfs", target: "/d", readOnly: false, exec: false },
    ],
    ["{type: image, source: 'x:1', target: /d}", { type: "image", source: "x:1", target: "/d", readOnly: false }],
    ["{type: npipe, source: x, target: /d}", { type: "other", target: "/d", readOnly: false }],
    ["quota:/d", { ...volume, source: "quota", target: "/d", sizeBytes: 2 ** 30 }],
    ["memory:/d", { ...volume, source: "memory", target: "/d", sizeBytes: 2 ** 20, exec: false }],
    ["disguised:/d", { type: "bind", source: "/etc", target: "/d", readOnly: false }],
    ["nfs:/d", { type: "volume", source: "nfs", target: "/d", readOnly: false, exec: true }],
    ["foreign:/d", { type: "volume", source: "foreign", target: "/d", readOnly: false }],
    ["external:/d", { type: "volume", source: "external", target: "/d", readOnly: false }],
  ])("%s", ([item, expected]) => {
    const top = `volumes:
  data:
  quota: {driver_opts: {o: size=1g}}
  memory: {driver: local, driver_opts: {type: tmpfs, device: tmpfs, o: "size=1m,noexec"}}
  disguised: {driver_opts: {type: none, o: bind, device: /etc}}
  nfs: {driver_opts: {type: nfs, o: addr=10.0.0.1, device: ":/x"}}
  foreign: {driver: rexray}
  external: {external: true}
`;
    expect(settingsOf(`volumes: [${item}]`, top)["mounts"]).toEqual([expected]);
  });

  const tmpfs = { type: "tmpfs", readOnly: false, exec: false };
  test.for<[tmpfs: string, expected: object[]]>([
    ["/run", [{ ...tmpfs, target: "/run", sizeBytes: null }]],
    [
      "[/run, '/tmp:size=64m,exec,mode=1777']",
      [
        { ...tmpfs, target: "/run", sizeBytes: null },
        { ...tmpfs, target: "/tmp", sizeBytes: 2 ** 26, exec: true },
      ],
    ],
    ["'/run:ro,size=0'", [{ ...tmpfs, target: "/run", readOnly: true, sizeBytes: null }]],
    ["'/run:size=50%'", [{ ...tmpfs, target: "/run" }]],
    ["'/run:size=${SIZE}'", [{ ...tmpfs, target: "/run" }]],
  ])("tmpfs: %s", ([value, expected]) => {
    expect(settingsOf(`tmpfs: ${value}`)["mounts"]).toEqual(expected);
  });

  test("of two at one target the later one; the engine's socket asked for by its own key", () => {
    expect(settingsOf("volumes: [a:/d, './b:/d/:ro']")["mounts"]).toEqual([
      { type: "bind", source: "b", target: "/d", readOnly: true },
    ]);
    expect(settingsOf("use_api_socket: true")["mounts"]).toMatchObject([{ source: "/var/run/docker.sock" }]);
  });

  test("those of other services come along", () => {
    const text = `services:
  web: {volumes_from: ["db:ro", "container:x"], volumes: ["mine:/both"]}
  db: {volumes: ["data:/d", "data:/both"], volumes_from: [third]}
  third: {tmpfs: /t}
`;
    expect(valuesOf(webOf(text))["mounts"]).toMatchObject([
      { target: "/t", readOnly: true },
      { target: "/d", readOnly: true },
      { target: "/both", readOnly: false, source: "mine" },
    ]);
  });
});

test.for<[what: string, services: string]>([
  ["itself", "  web: {image: x, volumes_from: [web]}\n"],
  ["a circle", "  web: {image: x, volumes_from: [db]}\n  db: {image: x, volumes_from: [web]}\n"],
  [
    "a chain that is too long",
    `  web: {image: x, volumes_from: [s30]}\n  s0: {image: x}\n${Array.from({ length: 30 }, (_, index) => `  s${index + 1}: {image: x, volumes_from: [s${index}]}\n`).join("")}`,
  ],
])("volumes_from %s: a problem, and no mount is known", ([, services]) => {
  const { containers, problems } = readFiles({ "compose.yaml": `services:\n${services}` });
  expect(containers.find(({ workload }) => workload === "web")?.unknown).toEqual(["mounts"]);
  expect(problems[0]?.message).toMatch(/^The service '\w+' cannot be read whole: 'volumes_from' goes in a circle/);
});

test("volumes_from twice from each of a chain is looked at once", () => {
  const chain = Array.from(
    { length: 20 },
    (_, index) => `  s${index + 1}: {volumes_from: [s${index}, 's${index}:ro']}\n`,
  );
  const text = `services:\n  s0: {volumes: [/a]}\n${chain.join("")}  web: {image: x}\n`;
  const { containers, problems } = readFiles({ "compose.yaml": text });
  expect(problems).toEqual([]);
  expect(containers.map(({ settings }) => settings.mounts?.length ?? 0)).toEqual([...Array<number>(21).fill(1), 0]);
});

describe("a variable without a value makes a setting unknown", () => {
  test.for<[service: string, unknown: string[]]>([
    ["read_only: ${RO}", ["readOnlyRoot"]],
    ["image: app:${TAG}", ["image"]],
    ["user: ${UID}:${GID:-0}", ["user"]],
    ["mem_limit: ${MEMORY:?needed}", ["memoryBytes"]],
    ["cap_drop: [ALL, '${CAP}']", ["capDrop"]],
    ["security_opt: ['seccomp:${PROFILE}']", ["seccomp"]],
    ["security_opt: ['${OPTION}', 'apparmor:x']", ["noNewPrivileges", "seccomp", "selinux", "unmaskedPaths"]],
    ["environment: {A: '${A}'}", []],
    ["cap_add: ['${CAP}', SYS_ADMIN]", []],
    ["read_only: ${RO:-true}", []],
  ])("%s", ([service, unknown]) => {
    expect(webOf(`services:\n  web:\n    ${service}\n`).unknown ?? []).toEqual(unknown);
  });

  test("what is known of it stays", () => {
    expect(settingsOf("image: app:${TAG}")).toEqual({ image: { value: "app:${TAG}" } });
    expect(settingsOf("cap_add: ['${CAP}', SYS_ADMIN]")).toEqual({ capAdd: { value: ["SYS_ADMIN"] } });
    expect(settingsOf("environment: {A: '${A}'}")).toEqual({ environment: { value: ["A"] } });
  });
});
