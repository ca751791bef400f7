import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import { type Case, device, hostile, type Outcome, refuse } from "./testing/cases.ts";
import { MOUNT_CASES } from "./testing/mount-cases.ts";
import { bindMount, circumstances, containerRequest, imageFacts, policy, volumeMount } from "./testing/samples.ts";

/** What a rule says of a container made by `docker run app:1` with these settings. */
function outcome(rule: string, [, settings, , rules, now]: Case): Outcome {
  const request = { action: "create", container: containerRequest(settings) } as const;
  const decision = decide(request, policy(rules), circumstances(now));
  if (decision.verdict === "deny") return decision.reasons.some((reason) => reason.rule === rule) ? "deny" : "nothing";
  return decision.notes.some((reason) => reason.rule === rule) ? "note" : "nothing";
}

const TABLES: Readonly<Record<string, readonly Case[]>> = {
  ...MOUNT_CASES,
  "pause-image": [
    ["hostile", { isPause: true, readOnlyRoot: true }, "deny", hostile],
    ["cooperative", { isPause: true, readOnlyRoot: true }, "nothing"],
    ["another container", { readOnlyRoot: true }, "nothing", hostile],
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
    ["another kernel (kexec_load)", { capAdd: ["SYS_BOOT"] }, "deny", { privileged: "refuse" }],
    ["files by handle", { capAdd: ["DAC_READ_SEARCH"] }, "deny", { privileged: "refuse" }],
    ["the host's processes", { capAdd: ["SYS_PTRACE"], hostNamespaces: ["pid"] }, "deny", { privileged: "refuse" }],
    ["its own processes", { capAdd: ["SYS_PTRACE"] }, "nothing", { privileged: "refuse" }],
    ["the network", { capAdd: ["NET_ADMIN"] }, "nothing", { privileged: "refuse" }],
    ["seccomp off alone", { securityOptions: ["seccomp=unconfined"] }, "nothing", { privileged: "refuse" }],
  ],
  "host-processes": [
    ["refused", { hostNamespaces: ["pid"] }, "deny", { privileged: "refuse" }],
    ["told", { hostNamespaces: ["pid"] }, "note"],
    ["the host's network", { hostNamespaces: ["network"] }, "nothing", { privileged: "refuse" }],
  ],
  "joined-processes": [
    ["a hostile client", { joinedNamespaces: [{ namespace: "pid", container: "agent" }] }, "deny", hostile],
    ["a cooperative one", { joinedNamespaces: [{ namespace: "pid", container: "agent" }] }, "nothing"],
    ["the network of another", { joinedNamespaces: [{ namespace: "network", container: "db" }] }, "nothing", hostile],
  ],
  "raw-device": [
    ["a node in a volume", device("/var/lib/docker/volumes/v/_data/disk"), "deny", { privileged: "refuse" }],
    ["a node in shared memory", device("/dev/shm/disk"), "deny", { privileged: "refuse" }],
    ["a disk by a name that nobody knows, hostile", device("/dev/group/volume"), "note", hostile],
    ["a generic name of one, hostile", device("/dev/sg0"), "note", hostile],
    ["a graphics card, hostile", device("/dev/dri/renderD128"), "nothing", hostile],
    ["generic ones by rule, hostile", { deviceRules: ["c 21:* rwm"] }, "note", hostile],
    ["tun by rule, hostile", { deviceRules: ["c 10:200 rwm"] }, "nothing", hostile],
    ["what a driver gives", device("nvidia:0"), "nothing", { privileged: "refuse" }],
    ["a disk, refused", device("/dev/sda"), "deny", { privileged: "refuse" }],
    ["a disk", device("/dev/sda"), "note"],
    ["two slashes", device("//dev/./sda"), "note"],
    ["by another name", device("/dev/disk/by-id/x"), "note"],
    ["through a process", device("/proc/1/root/dev/sda"), "note"],
    ["memory", device("/dev/mem"), "note"],
    ["all of /dev", device("/dev"), "note"],
    ["a disk under another name", device("/srv/node", { rule: "b 8:0 rwm" }), "note"],
    ["a tunnel under another name", device("/srv/node", { rule: "c 10:200 rwm" }), "nothing"],
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
