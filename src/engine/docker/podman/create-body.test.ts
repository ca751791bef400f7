import { describe, expect, test } from "vitest";
import { containerSpec, plainWorkload } from "../../../../test/support/workload.ts";
import type { Workload } from "../../../model/workload.ts";
import type { ContainerSpec } from "../../engine.ts";
import { podmanCreateBody } from "./create-body.ts";

const MOUNTS = { mounts: [], volumes: [] };

/** As it is sent: without what is undefined. */
function body(workload: Partial<Workload> = {}, spec: Partial<ContainerSpec> = {}): Record<string, unknown> {
  const whole = containerSpec(plainWorkload("app:1", workload), { name: "", session: "s", ...spec });
  return JSON.parse(JSON.stringify(podmanCreateBody(whole, "sha256:1", MOUNTS))) as Record<string, unknown>;
}

test("a plain workload asks for nothing, so that the engine's and the image's defaults hold", () => {
  expect(body()).toEqual({
    image: "sha256:1",
    raw_image_name: "app:1",
    env: {},
    create_working_dir: true,
    labels: { "petrify.session": "s" },
    terminal: false,
    stdin: false,
    remove: false,
    init: false,
    read_only_filesystem: false,
    read_write_tmpfs: false,
    mounts: [],
    volumes: [],
    portmappings: [],
    hostadd: [],
    dns_server: [],
    privileged: false,
    cap_add: [],
    cap_drop: [],
    groups: [],
    sysctl: {},
    resource_limits: {},
  });
});

describe("each field of a workload becomes Podman's", () => {
  test.each<[Partial<Workload>, Record<string, unknown>]>([
    [
      { entrypoint: ["/x", "y"], command: ["a"] },
      { entrypoint: ["/x", "y"], command: ["a"] },
    ],
    [{ env: ["A=1=2", "B=", "C"] }, { env: { A: "1=2", B: "" }, unsetenv: ["C"] }],
    [
      { user: "1:2", workingDir: "/srv", hostname: "h" },
      { user: "1:2", work_dir: "/srv", hostname: "h" },
    ],
    [{ labels: { a: "b", "petrify.session": "forged" } }, { labels: { a: "b", "petrify.session": "s" } }],
    [
      { tty: true, openStdin: true, init: true, privileged: true },
      { terminal: true, stdin: true, init: true, privileged: true },
    ],
    [
      { stopSignal: "SIGQUIT", stopTimeoutSeconds: 0 },
      { stop_signal: 3, stop_timeout: 0 },
    ],
    [{ stopSignal: "quit" }, { stop_signal: 3 }],
    [{ stopSignal: "9" }, { stop_signal: 9 }],
    [{ stopSignal: "SIGRTMIN+3" }, { stop_signal: 37 }],
    [{ stopSignal: "SIGRTMAX-1" }, { stop_signal: 63 }],
    [{ restart: "always" }, { restart_policy: "always" }],
    [{ restart: "on-failure:3" }, { restart_policy: "on-failure", restart_tries: 3 }],
    [{ network: "host" }, { netns: { nsmode: "host" } }],
    [{ userns: "host" }, { userns: { nsmode: "host" } }],
    [{ network: "container:db" }, { netns: { nsmode: "container", value: "db" } }],
    [{ network: "backend" }, { netns: { nsmode: "bridge" }, Networks: { backend: {} } }],
    [
      { extraHosts: ["a:1.2.3.4"], dns: ["1.1.1.1"] },
      { hostadd: ["a:1.2.3.4"], dns_server: ["1.1.1.1"] },
    ],
    [
      { capAdd: ["CHOWN"], capDrop: ["ALL"], groupAdd: ["1"] },
      { cap_add: ["CHOWN"], cap_drop: ["ALL"], groups: ["1"] },
    ],
    [{ sysctls: { "net.x": "1" } }, { sysctl: { "net.x": "1" } }],
    [{ ulimits: [{ name: "nofile", soft: 1, hard: 2 }] }, { r_limits: [{ type: "nofile", soft: 1, hard: 2 }] }],
    [{ memoryBytes: 5, pidsLimit: 7 }, { resource_limits: { memory: { limit: 5 }, pids: { limit: 7 } } }],
    [{ nanoCpus: 3e8 }, { resource_limits: { cpu: { quota: 30_000, period: 100_000 } } }],
    [{ shmSizeBytes: 9 }, { shm_size: 9 }],
    [{ securityOpt: ["no-new-privileges"] }, { no_new_privileges: true }],
    [{ securityOpt: ["no-new-privileges:false"] }, { no_new_privileges: false }],
    [{ securityOpt: ["seccomp=/p.json"] }, { seccomp_profile_path: "/p.json" }],
    [{ securityOpt: ["label=disable", "label:type:x"] }, { selinux_opts: ["disable", "type:x"] }],
    [{ securityOpt: ["apparmor=own"] }, { apparmor_profile: "own" }],
    [{ securityOpt: ["systempaths=unconfined"] }, { unmask: ["ALL"] }],
  ])("%j", (workload, expected) => {
    expect(body(workload)).toMatchObject(expected);
  });

  test.each<[Partial<Workload>, string]>([
    [{ stopSignal: "SIGNOTHING" }, "E_USAGE"],
    [{ restart: "sometimes" }, "E_USAGE"],
    [{ securityOpt: ["credentialspec=x"] }, "E_ENGINE_UNSUPPORTED"],
    [{ securityOpt: ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'] }, "E_ENGINE_UNSUPPORTED"],
  ])("%j is refused: %s", (workload, code) => {
    expect(() => body(workload)).toThrow(expect.objectContaining({ code }));
  });
});

test("single read-only paths are refused: there is no field for them, and they would stay writable", () => {
  expect(() => body({}, { readOnlyPaths: ["/etc"] })).toThrow(
    expect.objectContaining({ code: "E_ENGINE_UNSUPPORTED" }),
  );
});

test("the run decides on the root, the name, its own removal and whether ports are published", () => {
  const ports = [
    { hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80, protocol: "tcp" },
    { containerPort: 53, protocol: "udp" },
  ] as const;
  expect(body({ ports }, { readOnlyRoot: true, name: "n", autoRemove: true, session: "" })).toMatchObject({
    read_only_filesystem: true,
    read_write_tmpfs: false,
    name: "n",
    remove: true,
    labels: {},
    portmappings: [],
  });
  expect(body({ ports }, { publishPorts: true })["portmappings"]).toEqual([
    { host_ip: "127.0.0.1", host_port: 8080, container_port: 80, protocol: "tcp" },
    { host_ip: "", host_port: 0, container_port: 53, protocol: "udp" },
  ]);
});
