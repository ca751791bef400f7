import { describe, expect, test } from "vitest";
import { tmpfs, volume, strategy } from "../../test/support/strategy-samples.ts";
import type { Policy } from "../model/policy.ts";
import { type Circumstances, decide } from "./decide.ts";
import type { ContainerRequest } from "./request.ts";
import { bindMount, circumstances, containerRequest, imageFacts, policy, volumeMount } from "./testing/samples.ts";

type Outcome = "deny" | "note" | "nothing";
type Case = readonly [
  what: string,
  container: Partial<ContainerRequest>,
  expected: Outcome,
  policy?: Partial<Policy>,
  now?: Partial<Circumstances>,
];

const refuse = (settings: Partial<Policy["refuse"]>): Partial<Policy> => ({
  refuse: { ...policy().refuse, ...settings },
});
const hostile = { trust: "hostile" } as const;
const local = (o: string, type = "none", device = "/etc") =>
  volumeMount("/data", { source: "v", driverOptions: { type, o, device } });
const started = (...entrypoint: readonly string[]) => imageFacts({ entrypoint, command: [] });
const device = (hostPath: string) => ({ devices: [{ hostPath, containerPath: "/dev/x", permissions: "rwm" }] });

/** What a rule says of a container made by `docker run app:1` with these settings. */
function outcome(rule: string, [, settings, , rules, now]: Case): Outcome {
  const request = { action: "create", container: containerRequest(settings) } as const;
  const decision = decide(request, policy(rules), circumstances(now));
  if (decision.verdict === "deny") return decision.reasons.some((reason) => reason.rule === rule) ? "deny" : "nothing";
  return decision.notes.some((reason) => reason.rule === rule) ? "note" : "nothing";
}

const TABLES: Readonly<Record<string, readonly Case[]>> = {
  "host-system-bind": [
    ["the host's root", { mounts: [bindMount("/")] }, "deny"],
    ["its configuration", { mounts: [bindMount("/etc")] }, "deny"],
    ["two slashes", { mounts: [bindMount("//etc")] }, "deny"],
    ["a dot", { mounts: [bindMount("/./etc/")] }, "deny"],
    ["up and down", { mounts: [bindMount("/srv/../etc")] }, "deny"],
    ["above the root", { mounts: [bindMount("/../etc")] }, "deny"],
    ["through a process", { mounts: [bindMount("/proc/1/root/etc")] }, "deny"],
    ["through a thread, twice", { mounts: [bindMount("/proc/self/task/1/root/proc/1/root")] }, "deny"],
    ["the working directory of a process", { mounts: [bindMount("/proc/1/cwd/x")] }, "deny"],
    ["a descriptor of a process", { mounts: [bindMount("/proc/1/fd/3")] }, "deny"],
    ["a source that says nothing", { mounts: [bindMount("etc")] }, "deny"],
    ["the host's kernel", { mounts: [bindMount("/proc/sys/kernel")] }, "deny"],
    ["a volume that is a bind", { mounts: [local("bind")] }, "deny"],
    ["the same with a space", { mounts: [local("rw, rbind")] }, "deny"],
    ["the same, said to be a tmpfs", { mounts: [local("bind", "tmpfs")] }, "deny"],
    ["the same, said to be a server's", { mounts: [local("bind", "nfs")] }, "deny"],
    ["a volume that moves a mount here", { mounts: [local("move", "none", "/srv")] }, "nothing"],
    [
      "an overlay of the host's directories",
      { mounts: [local("lowerdir=/etc,upperdir=/srv/a", "overlay", "o")] },
      "deny",
    ],
    ["a disk as a volume", { mounts: [local("", "ext4", "/dev/sda1")] }, "deny"],
    ["read-only", { mounts: [bindMount("/etc", "/x", { readOnly: true })] }, "nothing"],
    ["data", { mounts: [bindMount("/srv/data")] }, "nothing"],
    ["a volume", { mounts: [volumeMount("/data", { source: "etc" })] }, "nothing"],
    ["a volume on a server", { mounts: [local("addr=10.0.0.1", "nfs", ":/export")] }, "nothing"],
    ["a volume that is a tmpfs", { mounts: [local("size=1m", "tmpfs", "tmpfs")] }, "nothing"],
    ["not refused", { mounts: [bindMount("/etc")] }, "nothing", refuse({ hostSystemBinds: false })],
  ],
  "engine-bind": [
    ["the socket", { mounts: [bindMount("/var/run/docker.sock")] }, "deny"],
    ["read-only", { mounts: [bindMount("/run/docker.sock", "/s", { readOnly: true })] }, "deny"],
    ["two slashes", { mounts: [bindMount("/var//run/./docker.sock")] }, "deny"],
    ["the directory of sockets", { mounts: [bindMount("/var/run/", "/s", { readOnly: true })] }, "deny"],
    ["what holds that", { mounts: [bindMount("/", "/s", { readOnly: true })] }, "deny"],
    ["what holds the state", { mounts: [bindMount("/var", "/s", { readOnly: true })] }, "deny"],
    ["the state", { mounts: [bindMount("/var/lib/docker/containers", "/s", { readOnly: true })] }, "deny"],
    ["all volumes", { mounts: [bindMount("/var/lib/docker/volumes", "/s", { readOnly: true })] }, "deny"],
    ["as a volume", { mounts: [local("bind", "none", "/run/docker.sock")] }, "deny"],
    ["through a process", { mounts: [bindMount("/proc/1/root/run/docker.sock", "/s", { readOnly: true })] }, "deny"],
    ["Podman's of a user", { mounts: [bindMount("/run/user/1000/podman/podman.sock")] }, "deny"],
    ["another socket of the engine", { mounts: [bindMount("/srv/e/x")] }, "deny", {}, { enginePaths: ["/srv/e/x"] }],
    ["what holds that one", { mounts: [bindMount("/srv")] }, "deny", {}, { enginePaths: ["/srv/e/x"] }],
    ["one volume", { mounts: [bindMount("/var/lib/docker/volumes/x/_data")] }, "nothing"],
    ["beside it", { mounts: [bindMount("/srv/f")] }, "nothing", {}, { enginePaths: ["/srv/e/x"] }],
    ["another application's socket", { mounts: [bindMount("/run/postgresql")] }, "nothing"],
    ["not refused", { mounts: [bindMount("/run/docker.sock")] }, "nothing", refuse({ engineBinds: false })],
  ],
  "mount-over-code": [
    ["a volume over /usr/bin", { mounts: [volumeMount("/usr/bin")] }, "deny"],
    ["above it", { mounts: [volumeMount("/usr")] }, "deny"],
    ["the root", { mounts: [volumeMount("/")] }, "deny"],
    ["one program", { mounts: [bindMount("/srv/x", "/usr/local/bin/x")] }, "deny"],
    [
      "a tmpfs over libraries",
      { mounts: [{ type: "tmpfs", target: "/usr/lib/x86_64-linux-gnu", readOnly: false }] },
      "deny",
    ],
    ["not cleaned", { mounts: [volumeMount("/srv/..//usr/./bin/")] }, "deny"],
    ["a kind that nobody knows", { mounts: [{ type: "other", target: "/lib", readOnly: false }] }, "deny"],
    ["a VOLUME of the image", { image: imageFacts({ volumes: ["/usr/bin"] }) }, "deny"],
    [
      "a directory of the image's PATH",
      { image: imageFacts({ env: ["PATH=/opt/tool"] }), mounts: [volumeMount("/opt/tool")] },
      "deny",
    ],
    [
      "above a directory of the client's PATH",
      { env: ["PATH=/opt/tool/bin"], mounts: [volumeMount("/opt/tool")] },
      "deny",
    ],
    [
      "in a directory of programs",
      { env: ["PATH=/opt/tool/bin"], mounts: [bindMount("/srv/x", "/opt/tool/bin/x")] },
      "deny",
    ],
    ["the directory of the program", { image: started("/app/server"), mounts: [volumeMount("/app")] }, "deny"],
    ["the program itself", { image: started("/app/server"), mounts: [bindMount("/srv/x", "/app/server")] }, "deny"],
    ["the client's own program", { entrypoint: ["/app/server"], mounts: [volumeMount("/app")] }, "deny"],
    [
      "a script in the working directory",
      { command: ["node", "server.js"], workingDir: "/app", mounts: [volumeMount("/app")] },
      "deny",
    ],
    ["pages below /usr", { mounts: [volumeMount("/usr/share/nginx/html")] }, "nothing"],
    [
      "data beside the program",
      { image: started("/opt/app/bin/server"), mounts: [volumeMount("/opt/app/data")] },
      "nothing",
    ],
    [
      "data below the program's folder",
      { image: started("/app/server"), mounts: [volumeMount("/app/data")] },
      "nothing",
    ],
    ["a name that only begins alike", { mounts: [volumeMount("/usr/binary"), volumeMount("/libs")] }, "nothing"],
    ["data below a folder of PATH", { env: ["PATH=/opt/tool"], mounts: [volumeMount("/opt/tool/data")] }, "nothing"],
    [
      "an argument that is a file",
      { command: ["redis-server", "/data/redis.conf"], mounts: [volumeMount("/data")] },
      "nothing",
    ],
    ["a PATH that says nothing", { env: ["PATH=/:x:"], mounts: [volumeMount("/data")] }, "nothing"],
    ["read-only", { mounts: [volumeMount("/usr/bin", { readOnly: true })] }, "nothing"],
    [
      "a VOLUME under a read-only mount",
      { image: imageFacts({ volumes: ["/usr/bin"] }), mounts: [volumeMount("/usr/bin", { readOnly: true })] },
      "nothing",
    ],
    [
      "what a strategy for the image has there",
      { mounts: [volumeMount("/usr/lib/app/data")] },
      "nothing",
      {},
      { strategies: [strategy([volume("/usr/lib/app/data")])] },
    ],
    [
      "beside that",
      { mounts: [volumeMount("/usr/lib/app")] },
      "deny",
      {},
      { strategies: [strategy([volume("/usr/lib/app/data")])] },
    ],
    [
      "what a strategy for another image has there",
      { imageReference: "b:1", mounts: [volumeMount("/usr/lib/a")] },
      "deny",
      {},
      { strategies: [strategy([tmpfs("/usr/lib/a")], { verifiedOn: [] })] },
    ],
    ["not refused", { mounts: [volumeMount("/usr/bin")] }, "nothing", refuse({ mountsOverCode: false })],
  ],
  "shared-propagation": [
    ["rshared", { mounts: [bindMount("/srv", "/x", { propagation: "rshared" })] }, "deny"],
    ["shared, read-only", { mounts: [bindMount("/srv", "/x", { propagation: "shared", readOnly: true })] }, "deny"],
    ["as a volume", { mounts: [local("bind,rshared", "none", "/srv")] }, "deny"],
    ["rslave", { mounts: [bindMount("/srv", "/x", { propagation: "rslave" })] }, "nothing"],
    ["nothing said", { mounts: [bindMount("/srv")] }, "nothing"],
  ],
  "volumes-from": [
    ["a cooperative client", { volumesFrom: ["db"] }, "note"],
    ["a hostile one", { volumesFrom: ["db"] }, "deny", hostile],
    ["none", {}, "nothing", hostile],
  ],
  "volume-driver": [
    ["another driver, hostile", { mounts: [volumeMount("/x", { driver: "rexray" })] }, "deny", hostile],
    ["the engine's own, hostile", { mounts: [volumeMount("/x", { driver: "local" })] }, "nothing", hostile],
    ["another driver, cooperative", { mounts: [volumeMount("/x", { driver: "rexray" })] }, "nothing"],
  ],
  privileged: [
    ["refused", { privileged: true }, "deny", { privileged: "refuse" }],
    ["made read-only", { privileged: true }, "note", { privileged: "read-only" }],
    ["not privileged", {}, "nothing", { privileged: "refuse" }],
  ],
  "undoing-capability": [
    ["SYS_ADMIN, refused", { capAdd: ["SYS_ADMIN"] }, "deny", { privileged: "refuse" }],
    ["SYS_ADMIN", { capAdd: ["SYS_ADMIN"] }, "note"],
    ["ALL", { capAdd: ["ALL"] }, "deny", { privileged: "refuse" }],
    ["modules", { capAdd: ["SYS_MODULE"] }, "deny", { privileged: "refuse" }],
    ["raw memory", { capAdd: ["SYS_RAWIO"] }, "deny", { privileged: "refuse" }],
    ["files by handle", { capAdd: ["DAC_READ_SEARCH"] }, "deny", { privileged: "refuse" }],
    ["the host's processes", { capAdd: ["SYS_PTRACE"], hostNamespaces: ["pid"] }, "deny", { privileged: "refuse" }],
    ["its own processes", { capAdd: ["SYS_PTRACE"] }, "nothing", { privileged: "refuse" }],
    ["the network", { capAdd: ["NET_ADMIN"] }, "nothing", { privileged: "refuse" }],
    ["seccomp off alone", { securityOptions: ["seccomp=unconfined"] }, "nothing", { privileged: "refuse" }],
  ],
  "raw-device": [
    ["a disk, refused", device("/dev/sda"), "deny", { privileged: "refuse" }],
    ["a disk", device("/dev/sda"), "note"],
    ["two slashes", device("//dev/./sda"), "note"],
    ["by another name", device("/dev/disk/by-id/x"), "note"],
    ["through a process", device("/proc/1/root/dev/sda"), "note"],
    ["memory", device("/dev/mem"), "note"],
    ["all of /dev", device("/dev"), "note"],
    ["a terminal", device("/dev/ttyUSB0"), "nothing"],
    ["every device by rule", { deviceRules: ["a *:* rwm"] }, "deny", { privileged: "refuse" }],
    ["a alone", { deviceRules: ["a"] }, "deny", { privileged: "refuse" }],
    ["disks by rule", { deviceRules: ["b 8:* r"] }, "note"],
    ["memory by rule", { deviceRules: ["c 1:1 rwm"] }, "note"],
    ["every character device by rule", { deviceRules: ["c *:* rwm"] }, "note"],
    ["what cannot be read", { deviceRules: ["x"] }, "note"],
    ["tun by rule", { deviceRules: ["c 10:200 rwm"] }, "nothing"],
    ["null by rule", { deviceRules: ["c 1:3 rwm"] }, "nothing"],
  ],
  "unmasked-paths": [
    ["systempaths", { securityOptions: ["systempaths=unconfined"] }, "deny"],
    ["with a colon", { securityOptions: ["systempaths:unconfined"] }, "deny"],
    ["Podman's", { securityOptions: ["unmask=ALL"] }, "deny"],
    ["nothing masked", { maskedPaths: [] }, "deny"],
    ["nothing locked", { readOnlyPaths: [] }, "deny"],
    ["one missing", { readOnlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sysrq-trigger"] }, "deny"],
    [
      "the whole lists",
      {
        maskedPaths: [
          "/proc/acpi",
          "/proc/asound",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/sys/firmware",
        ],
        readOnlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
      },
      "nothing",
    ],
    ["more than that", { maskedPaths: ["/proc", "/sys"], readOnlyPaths: ["/proc/"] }, "nothing"],
    ["privileged", { privileged: true, maskedPaths: [], readOnlyPaths: [] }, "nothing", { privileged: "read-only" }],
    ["nothing said", {}, "nothing"],
    ["not refused", { maskedPaths: [] }, "nothing", refuse({ unmaskedPaths: false })],
  ],
  "unpinned-image": [
    ["a tag", {}, "deny", refuse({ unpinnedImages: true })],
    ["a digest", { imageReference: `app:1@sha256:${"a".repeat(64)}` }, "nothing", refuse({ unpinnedImages: true })],
    ["an id", { imageReference: "1".repeat(64) }, "nothing", refuse({ unpinnedImages: true })],
    ["a shortened id", { imageReference: "1".repeat(12) }, "nothing", refuse({ unpinnedImages: true })],
    [
      "a name that looks like one",
      { imageReference: "1".repeat(12), image: imageFacts({ repoTags: [`${"1".repeat(12)}:latest`] }) },
      "deny",
      refuse({ unpinnedImages: true }),
    ],
    ["another image's", { imageReference: "2".repeat(12) }, "deny", refuse({ unpinnedImages: true })],
    ["not refused", {}, "nothing"],
  ],
  runtime: [
    ["one that is not listed", { runtime: "kata" }, "deny"],
    ["the engine's default by name", { runtime: "runc" }, "deny"],
    ["one that is listed", { runtime: "runsc" }, "nothing", refuse({ runtimes: ["runsc"] })],
    ["none", {}, "nothing"],
    ["empty", { runtime: "" }, "nothing"],
  ],
  "unknown-fields": [
    ["cooperative", { unknownFields: ["HostConfig.New"] }, "note"],
    ["hostile", { unknownFields: ["HostConfig.New"] }, "deny", hostile],
    ["none", {}, "nothing", hostile],
  ],
};

describe.each(Object.entries(TABLES))("%s", (rule, cases) => {
  test.each(cases.map((one) => ({ what: one[0], one })))("$what", ({ one }) => {
    expect(outcome(rule, one)).toBe(one[2]);
  });

  const denied = cases.find(([, , expected]) => expected === "deny");
  test("is told with what allows it", () => {
    const [, settings = {}, , rules, now] = denied ?? [""];
    const container = containerRequest(settings);
    const decision = decide({ action: "create", container }, policy(rules), circumstances(now));
    const reasons = decision.verdict === "deny" ? decision.reasons : [];
    for (const { sentence, remedy } of reasons) {
      expect(sentence).toMatch(/^\S.*\.$/);
      expect(remedy).toContain("policy house");
      expect(remedy).toContain("imageId");
      expect(remedy).toMatch(/\.$/);
    }
    expect(reasons).not.toEqual([]);
  });
});

test("a refusal names everything at once", () => {
  const container = containerRequest({
    mounts: [bindMount("/run/docker.sock"), volumeMount("/usr")],
    securityOptions: ["systempaths=unconfined"],
    runtime: "x",
  });
  const decision = decide({ action: "create", container }, policy(), circumstances());
  expect(decision.verdict === "deny" && decision.reasons.map(({ rule }) => rule)).toEqual([
    "engine-bind",
    "mount-over-code",
    "unmasked-paths",
    "runtime",
  ]);
});
