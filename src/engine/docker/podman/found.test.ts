import { describe, expect, test } from "vitest";
import type { ImageFacts } from "../../../model/image.ts";
import { NO_SETTINGS, type Workload } from "../../../model/workload.ts";
import { foundAnswer, libpodFound } from "../schemas.ts";
import { settingsOf } from "../settings-of.ts";
import { asDockerTells, tmpfsOptions } from "./found.ts";
import { sizeInBytes } from "./volume-options.ts";

const ID = "0123456789ab".padEnd(64, "c");
const IMAGE: ImageFacts = {
  id: `sha256:${"0".repeat(64)}`,
  repoDigests: [],
  repoTags: [],
  entrypoint: [],
  command: ["serve"],
  env: ["LANG=C"],
  user: "",
  workingDir: "",
  volumes: [],
  exposedPorts: [],
  hasHealthcheck: false,
  stopSignal: "SIGQUIT",
  architecture: "amd64",
  sizeBytes: 0,
};
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const TEMPLATE = "rw,rprivate,nosuid,nodev,tmpcopyup";
const CAPABILITIES =
  "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_NET_BIND_SERVICE CAP_SETFCAP CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYS_CHROOT".split(
    " ",
  );
/** What Podman 4.3.1 answers for `podman run localhost/app:1`, by both of its APIs. */
const CONFIG = {
  Image: "localhost/app:1",
  Hostname: ID.slice(0, 12),
  User: "",
  Env: ["TERM=xterm", "container=podman", "LANG=C", PATH, `HOSTNAME=${ID.slice(0, 12)}`, "HOME=/var/lib/app"],
  Cmd: ["serve"],
  Entrypoint: [],
  WorkingDir: "/",
  StopSignal: "3",
  StopTimeout: 10,
};
const HOST = {
  NetworkMode: "bridge",
  CapAdd: [],
  CapDrop: ["AUDIT_WRITE", "MKNOD", "NET_RAW"],
  PidsLimit: 2048,
  ShmSize: 65_536_000,
  Runtime: "oci",
  RestartPolicy: { Name: "", MaximumRetryCount: 0 },
  Ulimits: [
    { Name: "RLIMIT_NOFILE", Soft: 1_048_576, Hard: 1_048_576 },
    { Name: "RLIMIT_NPROC", Soft: 1024, Hard: 1024 },
  ],
};
const OWN = { OCIRuntime: "crun", BoundingCaps: CAPABILITIES };
const SERVICE = ["podman", "system", "service"];

interface Told {
  readonly config?: object;
  readonly host?: object;
  readonly own?: object;
  readonly command?: readonly string[];
}

function settings({ config, host, own, command = ["podman", "run", "localhost/app:1"] }: Told): Omit<Workload, "name"> {
  const told = foundAnswer.parse({
    Id: ID,
    Name: "/app",
    Image: IMAGE.id,
    State: { Status: "running", Pid: 1, ExitCode: 0 },
    Config: { ...CONFIG, ...config },
    HostConfig: { ...HOST, ...host },
    Mounts: [],
  });
  const libpod = libpodFound.parse({ ...OWN, ...own, Config: { CreateCommand: command } });
  return settingsOf(asDockerTells(told, libpod, IMAGE), IMAGE, "crun");
}

const capabilities = (...without: string[]): string[] =>
  CAPABILITIES.filter((name) => !without.includes(name.slice(4)));

describe("settings that somebody gave a container of Podman's", () => {
  test.for<[what: string, told: Told, expected: Partial<Workload>]>([
    ["of podman run without a flag are none", {}, {}],
    [
      "variables, also those that are as Podman's",
      {
        config: { Env: [...CONFIG.Env, "A=1"] },
        command: ["podman", "run", "-e", "A=1", "-e", "TERM", "--env=HOME=/var/lib/app", "localhost/app:1"],
      },
      { env: ["TERM=xterm", "HOME=/var/lib/app", "A=1"] },
    ],
    [
      "by an API: a home that may be somebody's stays, and limits that are not Podman's",
      { command: SERVICE },
      {
        env: ["HOME=/var/lib/app"],
        ulimits: [{ name: "nproc", soft: 1024, hard: 1024 }],
      },
    ],
    ["by an API: root's home", { command: SERVICE, config: { Env: ["HOME=/root"] }, host: { Ulimits: [] } }, {}],
    ["another PATH", { config: { Env: ["PATH=/bin"] } }, { env: ["PATH=/bin"] }],
    [
      "limits",
      {
        host: {
          Ulimits: [
            { Name: "RLIMIT_NOFILE", Soft: 64, Hard: 128 },
            { Name: "RLIMIT_NPROC", Soft: 1_048_576, Hard: 1_048_576 },
          ],
          PidsLimit: 50,
          ShmSize: 4096,
        },
        command: ["podman", "create", "--ulimit", "nofile=64:128", "localhost/app:1"],
      },
      { ulimits: [{ name: "nofile", soft: 64, hard: 128 }], pidsLimit: 50, shmSizeBytes: 4096 },
    ],
    [
      "capabilities, by what it has",
      {
        host: { CapAdd: ["NET_ADMIN"], CapDrop: ["AUDIT_WRITE", "NET_RAW", "KILL"] },
        own: { BoundingCaps: [...capabilities("KILL"), "CAP_MKNOD", "CAP_NET_ADMIN"] },
      },
      { capAdd: ["MKNOD", "NET_ADMIN"], capDrop: ["KILL"] },
    ],
    ["no capabilities but one", { own: { BoundingCaps: ["CAP_CHOWN"] } }, { capAdd: ["CHOWN"], capDrop: ["ALL"] }],
    ["no capabilities", { own: { BoundingCaps: null } }, { capDrop: ["ALL"] }],
    [
      "all of them",
      { host: { Privileged: true, CapDrop: ["SYS_RESOURCE"] }, own: { BoundingCaps: [] } },
      { privileged: true },
    ],
    [
      "none of the mounts that a read-only one gets by itself",
      {
        host: { ReadonlyRootfs: true, Tmpfs: { "/run": TEMPLATE, "/tmp": TEMPLATE, "/var/tmp": TEMPLATE } },
      },
      {},
    ],
    [
      "those mounts where they were asked for, or are others",
      {
        host: {
          ReadonlyRootfs: true,
          Tmpfs: { "/run": TEMPLATE, "/tmp": TEMPLATE, "/var/tmp": `size=1m,${TEMPLATE}` },
        },
        command: [
          "podman",
          "run",
          "--read-only",
          "--mount",
          "type=tmpfs,dst=/run",
          "--tmpfs",
          "/tmp",
          "-v",
          "/x:/run",
          "localhost/app:1",
        ],
      },
      {
        mounts: ["/run", "/tmp", "/var/tmp"].map((target) => ({
          type: "tmpfs",
          target,
          readOnly: false,
          options: target === "/var/tmp" ? "size=1m,exec" : "exec",
        })),
      },
    ],
    [
      "the manner of its end",
      { config: { StopSignal: "2", StopTimeout: 3 } },
      { stopSignal: "SIGINT", stopTimeoutSeconds: 3 },
    ],
    ["another runtime", { own: { OCIRuntime: "runc" } }, { runtime: "runc" }],
    ["no name of a pod's", { own: { Pod: "p" }, config: { Hostname: "pod", Env: ["HOSTNAME=pod"] } }, {}],
    [
      "a profile that is not Podman's",
      { host: { SecurityOpt: ["apparmor=containers-default-0.50.1", "seccomp=unconfined"] } },
      { securityOpt: ["seccomp=unconfined"] },
    ],
  ])("%s", ([, told, expected]) => {
    expect(settings(told)).toEqual({ image: "localhost/app:1", ...NO_SETTINGS, ...expected });
  });

  test.for([
    ["rw,rprivate,nosuid,nodev,tmpcopyup", "exec"],
    ["noexec,nosuid,nodev,size=1m,mode=0750,rprivate", "size=1m,mode=0750"],
    ["noexec,nosuid,dev", "dev"],
  ] as const)("a tmpfs with %s is Docker's with '%s'", ([podmans, dockers]) => {
    expect(tmpfsOptions(podmans)).toBe(dockers);
  });

  test("a tmpfs that is a volume has its size in bytes", () => {
    expect(sizeInBytes("noexec,nr_blocks=256,uid=33")).toBe("noexec,size=1048576,uid=33");
  });
});
