import * as fc from "fast-check";
import type { Exemption, ExemptionSubject, Policy } from "../../model/policy.ts";
import type { Strategy } from "../../model/strategy.ts";
import { NO_SETTINGS } from "../../model/workload.ts";
import type { Circumstances } from "../decide.ts";
import type { ContainerRequest, GuardRequest, RequestedMount } from "../request.ts";
import { IMAGE_ID, imageFacts, NOW_MS } from "./samples.ts";

/** Few values of each kind, so that what should meet does meet. */
const path = fc.constantFrom(
  ..."/ /run /run/app /tmp /var /var/tmp /var/run /var/run/x /app /app/data /app/bin /usr /usr/bin /usr/lib/app/data /data".split(
    " ",
  ),
);
const hostPath = fc.constantFrom(..."/ /srv /etc /var/run/docker.sock //etc /srv/../etc /proc/1/root/etc x".split(" "));
const optional = { requiredKeys: [] as never[] };
const text = fc.constantFrom("a", "b", "a-b", "\u202e", "x".repeat(300), "app:1", "app", "docker.io/library/app:1");

const driverOptions = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  { type: "tmpfs", device: "tmpfs", o: "size=1m" },
  { type: "none", device: "/etc", o: "bind" },
  { type: "overlay", device: "overlay", o: "lowerdir=/etc,upperdir=/x" },
);
const mount: fc.Arbitrary<RequestedMount> = fc
  .tuple(
    fc.record({
      type: fc.constantFrom("bind", "volume", "tmpfs", "image", "other"),
      target: path,
      readOnly: fc.boolean(),
    }),
    fc.record(
      { source: hostPath, propagation: fc.constantFrom("rslave", "rshared"), driver: text, driverOptions },
      optional,
    ),
  )
  .map(([base, more]) => ({ ...base, ...more }));

const image = fc
  .record({
    volumes: fc.uniqueArray(path, { maxLength: 2 }),
    env: fc.constantFrom([], ["PATH=/usr/bin:/app/bin"], ["PATH=/tmp:/"]),
    entrypoint: fc.constantFrom([], ["/app/server"], ["sh"]),
    workingDir: fc.constantFrom("", "/app"),
    repoTags: fc.constantFrom([], ["app:1"]),
  })
  .map(imageFacts);

export const anyContainer: fc.Arbitrary<ContainerRequest> = fc
  .tuple(
    fc.record({
      labels: fc.dictionary(text, text, { maxKeys: 2, noNullPrototype: true }),
      imageReference: fc.constantFrom("app:1", "app", IMAGE_ID, "", "?", `app@sha256:${"2".repeat(64)}`),
      env: fc.constantFrom([], ["A=1"], ["PATH=/app/bin"]),
      readOnlyRoot: fc.boolean(),
      privileged: fc.boolean(),
      mounts: fc.array(mount, { maxLength: 3 }),
      volumesFrom: fc.constantFrom([], ["other"]),
      capAdd: fc.subarray(["ALL", "SYS_ADMIN", "NET_RAW", "SYS_PTRACE"]),
      capDrop: fc.subarray(["ALL", "NET_RAW"]),
      devices: fc.constantFrom([], [{ hostPath: "/dev/sda", containerPath: "/dev/sda", permissions: "rwm" }]),
      deviceRules: fc.constantFrom([], ["b 8:* rwm"], ["c 10:200 rwm"]),
      securityOptions: fc.subarray(["seccomp=unconfined", "systempaths=unconfined"]),
      hostNamespaces: fc.subarray(["pid", "network"] as const),
      unknownFields: fc.constantFrom([], ["HostConfig.New"]),
    }),
    fc.record(
      {
        name: text,
        namespace: text,
        image,
        command: fc.constantFrom(["sh"], ["/data/x.py"]),
        readOnlyPaths: fc.constantFrom([], ["/proc/bus"]),
        maskedPaths: fc.constantFrom([], ["/proc", "/sys"]),
        noNewPrivileges: fc.boolean(),
        pidsLimit: fc.constantFrom(-1, 0, 5),
        memoryBytes: fc.constantFrom(0, 5),
        logDriver: fc.constantFrom("", "local"),
        runtime: fc.constantFrom("", "runc"),
      },
      optional,
    ),
  )
  .map(([base, more]) => ({ ...base, ...more }));

export const anyRequest: fc.Arbitrary<GuardRequest> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ action: fc.constant("create" as const), container: anyContainer }) },
  {
    weight: 3,
    arbitrary: fc.record({
      action: fc.constant("start" as const),
      container: anyContainer,
      createdMs: fc.constantFrom(0, NOW_MS),
    }),
  },
  fc.record({ action: fc.constant("exec" as const), container: anyContainer, privileged: fc.boolean() }),
  fc.record({ action: fc.constantFrom("copy" as const, "commit" as const), container: anyContainer }),
  fc.constant({ action: "build" as const }),
  fc.record({ action: fc.constantFrom("engineChange" as const, "unknown" as const), what: text }),
);

const who: fc.Arbitrary<ExemptionSubject> = fc.oneof(
  fc.constantFrom(IMAGE_ID, `sha256:${"3".repeat(64)}`).map((imageId) => ({ by: "imageId" as const, imageId })),
  fc.constantFrom(0, 1000).map((uid) => ({ by: "callerUid" as const, uid })),
  text.map((namespace) => ({ by: "namespace" as const, namespace })),
  fc.tuple(text, text).map(([label, value]) => ({ by: "label" as const, label, value })),
  fc.constantFrom("*", "a", "a-*").map((name) => ({ by: "name" as const, name })),
  fc.constantFrom("*", "docker.io/library/app:*").map((tag) => ({ by: "tag" as const, tag })),
);
export const anyExemption: fc.Arbitrary<Exemption> = fc.record({
  who,
  reason: text,
  untilMs: fc.constantFrom(0, NOW_MS, NOW_MS + 1),
  readOnlyPaths: fc.subarray(["/etc", "/usr"]),
});

const template = fc.uniqueArray(
  fc.record({ path, sizeBytes: fc.constant(2 ** 20), mode: fc.constant(0o1777), exec: fc.boolean() }),
  { maxLength: 4, selector: ({ path: at }) => at },
);

/** Also what no file may say: `decide` holds in any case. */
export const anyPolicy: fc.Arbitrary<Policy> = fc
  .tuple(
    fc.record({
      name: fc.constant("house"),
      mode: fc.constantFrom("audit", "warn", "enforce"),
      scope: fc.constantFrom("unprivileged", "all"),
      privileged: fc.constantFrom("exempt", "read-only", "refuse"),
      trust: fc.constantFrom("hostile", "cooperative"),
      template,
      exemptions: fc.array(anyExemption, { maxLength: 2 }),
      defaults: fc.record(
        {
          noNewPrivileges: fc.boolean(),
          pidsLimit: fc.constant(100),
          memoryBytes: fc.constant(2 ** 30),
          dropCapabilities: fc.subarray(["NET_RAW", "MKNOD", "ALL"]),
          logDriver: fc.constant({ driver: "local", options: {} }),
        },
        { requiredKeys: ["noNewPrivileges", "dropCapabilities"] },
      ),
      refuse: fc.record({
        hostSystemBinds: fc.boolean(),
        engineBinds: fc.boolean(),
        mountsOverCode: fc.boolean(),
        unmaskedPaths: fc.boolean(),
        privilegedExec: fc.boolean(),
        unpinnedImages: fc.boolean(),
        engineChanges: fc.boolean(),
        runtimes: fc.constantFrom([], ["runc"]),
      }),
      production: fc.record({
        build: fc.constantFrom("allow", "warn", "deny"),
        commit: fc.constantFrom("allow", "warn", "deny"),
        copy: fc.constantFrom("allow", "warn", "deny"),
        exec: fc.constantFrom("allow", "warn", "deny"),
      }),
    }),
    fc.record(
      {
        strategies: fc.record({
          folder: fc.constant("strategies"),
          onUnknownDigest: fc.constantFrom("keep", "template", "refuse"),
        }),
        grandfatherUntilMs: fc.constantFrom(0, NOW_MS + 1),
      },
      optional,
    ),
  )
  .map(([base, more]) => ({ ...base, ...more }));

const owner = { sizeBytes: 1, mode: 0o755, uid: 0, gid: 0, why: "x" };
const entry = fc.oneof(
  fc
    .record({
      kind: fc.constantFrom("tmpfs" as const, "seeded" as const, "scratch" as const),
      path: path.filter((at) => at !== "/"),
      exec: fc.boolean(),
    })
    .map((one) => ({ ...owner, ...one })),
  fc
    .tuple(
      path.filter((at) => at !== "/"),
      fc.record({ source: text, options: driverOptions }, optional),
    )
    .map(([at, more]) => ({
      ...owner,
      kind: "volume" as const,
      path: at,
      reason: "given" as const,
      seeded: false,
      exec: true,
      ...more,
    })),
  path.map((at) => ({ kind: "bind" as const, path: at, source: "/srv", readOnly: false, why: "x" })),
);

export const anyStrategy: fc.Arbitrary<Strategy> = fc
  .record({
    name: fc.constantFrom("app", "other"),
    entries: fc.uniqueArray(entry, { maxLength: 3, selector: ({ path: at }) => at }),
    settings: fc.constantFrom([], [{ kind: "env" as const, name: "PATH", value: "/data", paths: ["/x"], why: "x" }]),
    readOnlyPaths: fc.constantFrom(undefined, undefined, undefined, ["/etc"]),
    verifiedOn: fc.constantFrom([], [IMAGE_ID]),
  })
  .map(({ readOnlyPaths, name, ...rest }) => ({
    name,
    fits: { repositories: ["docker.io/library/app"] },
    workload: { ...NO_SETTINGS, name, image: "app:1" },
    profile: { file: "p", sha256: "0".repeat(64) },
    incomplete: [],
    test: { kind: "none" as const },
    ...rest,
    ...(readOnlyPaths === undefined ? {} : { readOnlyPaths }),
  }));

export const anyCircumstances: fc.Arbitrary<Circumstances> = fc.record({
  caller: fc.constantFrom({}, { uid: 0 }, { uid: 1000 }, { uid: 5 }),
  nowMs: fc.constant(NOW_MS),
  strategies: fc.array(anyStrategy, { maxLength: 2 }),
  policySinceMs: fc.constant(NOW_MS - 1),
  enginePaths: fc.constantFrom([], ["/srv/engine"]),
});
