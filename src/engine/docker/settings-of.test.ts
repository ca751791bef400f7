import { describe, expect, test } from "vitest";
import type { ImageFacts } from "../../model/image.ts";
import { NO_SETTINGS, type Workload } from "../../model/workload.ts";
import { type FoundAnswer, foundAnswer } from "./schemas.ts";
import { settingsOf } from "./settings-of.ts";

const ID = "0123456789ab".padEnd(64, "c");
const IMAGE: ImageFacts = {
  id: `sha256:${"0".repeat(64)}`,
  repoDigests: [],
  repoTags: ["app:1"],
  entrypoint: ["/entry"],
  command: ["serve"],
  env: ["PATH=/bin", "LANG=C"],
  user: "app",
  workingDir: "/srv",
  volumes: ["/data"],
  exposedPorts: ["80/tcp"],
  hasHealthcheck: false,
  stopSignal: "SIGQUIT",
  architecture: "amd64",
  sizeBytes: 0,
};
/** What dockerd 20.10 answers for `docker run app:1`. */
const CONFIG = {
  Image: "app:1",
  Hostname: ID.slice(0, 12),
  User: "app",
  Env: ["PATH=/bin", "LANG=C"],
  Cmd: ["serve"],
  Entrypoint: ["/entry"],
  WorkingDir: "/srv",
  Labels: { "org.opencontainers.image.title": "app" },
  Tty: false,
  OpenStdin: false,
  StopSignal: "SIGQUIT",
};
const HOST = {
  NetworkMode: "default",
  PortBindings: {},
  CapAdd: null,
  CapDrop: null,
  SecurityOpt: null,
  GroupAdd: null,
  ExtraHosts: null,
  Dns: [],
  Memory: 0,
  NanoCpus: 0,
  PidsLimit: null,
  ShmSize: 67_108_864,
  Runtime: "runc",
  RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
};
const PLAIN: Omit<Workload, "name"> = { image: "app:1", ...NO_SETTINGS };

function found(config: object, host: object, mounts: readonly object[] = []): FoundAnswer {
  return foundAnswer.parse({
    Id: ID,
    Name: "/app",
    Image: IMAGE.id,
    State: { Status: "running", Pid: 1, ExitCode: 0, Error: "" },
    Config: { ...CONFIG, ...config },
    HostConfig: { ...HOST, ...host },
    Mounts: mounts,
  });
}
const settings = (config: object, host: object = {}, mounts?: readonly object[]): Omit<Workload, "name"> =>
  settingsOf(found(config, host, mounts), IMAGE, "runc");

const volume = { Type: "volume", Source: "/var/lib/docker/volumes/x", Mode: "z", RW: true, Propagation: "" };
const bind = { Type: "bind", Source: "/host", Mode: "", RW: true, Propagation: "rprivate" };

describe("a container's settings beyond its image", () => {
  test.for<[what: string, config: object, host: object, mounts: object[], expected: Partial<Workload>]>([
    ["of docker run without a flag are none", {}, {}, [], {}],
    ["variables", { Env: ["PATH=/bin", "LANG=de", "A=1"] }, {}, [], { env: ["LANG=de", "A=1"] }],
    ["a command", { Cmd: ["other", "x"] }, {}, [], { command: ["other", "x"] }],
    [
      "an entrypoint, which takes the image's command away",
      { Entrypoint: ["sh"], Cmd: null },
      {},
      [],
      { entrypoint: ["sh"] },
    ],
    ["both", { Entrypoint: ["sh"], Cmd: ["serve"] }, {}, [], { entrypoint: ["sh"], command: ["serve"] }],
    ["no entrypoint any more", { Entrypoint: null, Cmd: ["ls"] }, {}, [], { entrypoint: [""], command: ["ls"] }],
    ["user and folder", { User: "0", WorkingDir: "/" }, {}, [], { user: "0", workingDir: "/" }],
    ["a name of its own", { Hostname: "web" }, {}, [], { hostname: "web" }],
    [
      "the host's network, whose name is not its own",
      { Hostname: "machine" },
      { NetworkMode: "host" },
      [],
      { network: "host" },
    ],
    ["the host's users", {}, { UsernsMode: "host" }, [], { userns: "host" }],
    ["a network of a project is left out", {}, { NetworkMode: "shop_default" }, [], {}],
    ["labels are left out", { Labels: { "traefik.enable": "true" } }, {}, [], {}],
    [
      "ports",
      {},
      {
        PortBindings: {
          "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }],
          "53/udp": [{ HostIp: "", HostPort: "" }],
          "9/sctp": [{ HostIp: "", HostPort: "9" }],
          "81/tcp": null,
        },
      },
      [],
      {
        ports: [
          { hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80, protocol: "tcp" },
          { containerPort: 53, protocol: "udp" },
        ],
      },
    ],
    [
      "mounts, but for the volumes that the image declares",
      {},
      {
        Tmpfs: { "/t": "size=1m" },
        Mounts: [{ Type: "tmpfs", Target: "/u", TmpfsOptions: { SizeBytes: 4096, Mode: 0o700 } }],
      },
      [
        { ...volume, Name: "f".repeat(64), Destination: "/data" },
        { ...volume, Name: "e".repeat(64), Destination: "/own" },
        { ...volume, Name: "shop_db", Destination: "/db", RW: false },
        { ...bind, Destination: "/b" },
        { ...bind, Destination: "/a", Mode: "ro,Z", RW: false, Propagation: "rslave" },
        { Type: "tmpfs", Source: "", Destination: "/u", Mode: "", RW: true, Propagation: "" },
      ],
      {
        mounts: [
          { type: "bind", source: "/host", target: "/a", readOnly: true, options: "Z,rslave" },
          { type: "bind", source: "/host", target: "/b", readOnly: false },
          { type: "volume", source: "shop_db", target: "/db", readOnly: true },
          { type: "volume", target: "/own", readOnly: false },
          { type: "tmpfs", target: "/t", readOnly: false, options: "size=1m" },
          { type: "tmpfs", target: "/u", readOnly: false, options: "size=4096,mode=700" },
        ],
      },
    ],
    [
      "privileges",
      {},
      {
        CapAdd: ["NET_ADMIN"],
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        GroupAdd: ["audio"],
        Privileged: true,
        Sysctls: { "net.core.somaxconn": "1" },
      },
      [],
      {
        capAdd: ["NET_ADMIN"],
        capDrop: ["ALL"],
        securityOpt: ["no-new-privileges"],
        groupAdd: ["audio"],
        privileged: true,
        sysctls: { "net.core.somaxconn": "1" },
      },
    ],
    [
      "limits",
      {},
      { Memory: 1024, NanoCpus: 5e8, PidsLimit: 10, ShmSize: 4096, Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }] },
      [],
      {
        memoryBytes: 1024,
        nanoCpus: 5e8,
        pidsLimit: 10,
        shmSizeBytes: 4096,
        ulimits: [{ name: "nofile", soft: 1, hard: 2 }],
      },
    ],
    [
      "the manner of its life",
      { Tty: true, OpenStdin: true, StopSignal: "SIGINT", StopTimeout: 3 },
      { Init: true, Runtime: "crun", RestartPolicy: { Name: "on-failure", MaximumRetryCount: 4 } },
      [],
      {
        tty: true,
        openStdin: true,
        stopSignal: "SIGINT",
        stopTimeoutSeconds: 3,
        init: true,
        runtime: "crun",
        restart: "on-failure:4",
      },
    ],
    [
      "names and name servers",
      {},
      { ExtraHosts: ["db:10.0.0.1"], Dns: ["10.0.0.2"] },
      [],
      { extraHosts: ["db:10.0.0.1"], dns: ["10.0.0.2"] },
    ],
  ])("%s", ([, config, host, mounts, expected]) => {
    expect(settings(config, host, mounts)).toEqual({ ...PLAIN, ...expected });
  });

  test("without its image, everything is its own", () => {
    const own = settingsOf(found({}, {}), undefined, "runc");
    expect(own).toMatchObject({ env: CONFIG.Env, entrypoint: CONFIG.Entrypoint, command: CONFIG.Cmd, user: "app" });
  });
});
