import { NO_LOSS } from "../../src/model/event.ts";
import type { PathRecord } from "../../src/model/profile.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import type { Report, ReportedWorkload } from "../../src/report/report.ts";
import { bind, deny, env, image, log, scratch, seeded, strategy, tmpfs, volume, workload } from "./strategy-samples.ts";

export function record(path: string, settings: Partial<PathRecord> = {}): PathRecord {
  return {
    path,
    mount: "/",
    mountType: "overlay",
    type: "file",
    done: ["open", "write"],
    failed: [],
    by: ["/usr/sbin/app"],
    uids: [0],
    created: true,
    createsItself: true,
    survived: true,
    readBack: false,
    renewed: false,
    executed: false,
    sizeClassBytes: 65_536,
    movesTo: [],
    ...settings,
  };
}

export function reported(
  sample: Strategy,
  records: readonly PathRecord[],
  settings: Partial<ReportedWorkload> = {},
): ReportedWorkload {
  return {
    strategy: sample,
    profile: {
      header: {
        name: sample.name,
        image: { reference: sample.workload.image, id: `sha256:${"7".repeat(64)}`, repoDigests: [] },
        sensor: "bpf",
        engine: { kind: "docker", runtime: "runc" },
        incomplete: sample.incomplete,
        loss: NO_LOSS,
        coverage: {
          phases: [
            { phase: "first", test: 0 },
            { phase: "restart", test: 0 },
          ],
          listening: ["80/tcp"],
        },
      },
      records,
    },
    table: records.map(({ path, by }, index) => ({
      path,
      events: index + 1,
      bytes: 1000 * index,
      processes: by.map((name) => ({ name, events: index + 1 })),
      first: { phase: "first", stage: index % 3 === 0 ? "start" : "up", afterMs: 10 * index },
    })),
    notes: [],
    ...settings,
  };
}

export function reportOf(...workloads: readonly ReportedWorkload[]): Report {
  return { command: "learn", version: "1.2.3", writtenAtMs: Date.UTC(2026, 0, 2, 3, 4), workloads };
}

/** Every kind of entry, what no entry covers, a failed verdict and new writes; `name` puts its mark on all that a workload names. */
export function everyKind(name: (text: string) => string = (text) => text): ReportedWorkload {
  const why = name("app writes there.");
  const by = [name("/usr/sbin/app"), name("/usr/bin/helper")];
  const entries = [
    tmpfs(name("/run/app"), { why, exec: true }),
    seeded(name("/etc/app"), { why }),
    scratch(name("/var/cache/app"), { why, sizeBytes: 2 ** 30 }),
    volume(name("/var/lib/app"), {
      why,
      seeded: true,
      source: name("data"),
      driver: name("nfs"),
      options: { o: name("rw") },
    }),
    bind(name("/srv"), { why, source: name("/host") }),
    deny(name("/opt/app"), { why, operations: ["mkdir", "open"] }),
    image(name("/state"), { why, fix: [name("RUN ln -s /var/lib/app/state /state")] }),
  ];
  const logs = [log(name("/etc/app/x.log"), { why })];
  const settings = [env("XDG_CACHE_HOME", name("/tmp/.cache"), { paths: [name("/.cache")], why })];
  const below = (path: string, file: string): string => `${name(path)}/${name(file)}`;
  const records = [
    record(below("/run/app", "pid"), { by, survived: false, sizeClassBytes: 0, type: "socket", executed: true }),
    record(below("/etc/app", "conf"), { by, owner: { uid: 33, gid: 33, mode: 0o640 } }),
    record(below("/var/cache/app", "big"), { by, sizeClassBytes: 2 ** 29 }),
    record(below("/var/lib/app", "state"), {
      by,
      readBack: true,
      sizeClassBytes: 2 ** 20,
      movesTo: [name("/var/lib/app/state.old")],
    }),
    record(name("/opt/app"), {
      by,
      done: [],
      failed: [{ operation: "mkdir", errno: "EACCES" }],
      type: "dir",
      sizeClassBytes: 0,
    }),
    record(below("/dev/shm", "sem"), { by, mount: "/dev/shm", mountType: "tmpfs" }),
    record(name("/nowhere"), { by, done: [], failed: [{ operation: "open", errno: "EACCES" }], sizeClassBytes: 0 }),
  ];
  const reference = name("registry.example/app:1");
  return reported(
    strategy(entries, {
      incomplete: [name("events were lost")],
      settings,
      logs,
      workload: workload({ image: reference }),
    }),
    records,
    {
      notes: [name("a port was not published")],
      runs: [
        { newPaths: 6, changedStrategy: true },
        { newPaths: 1, changedStrategy: false },
      ],
      coverage: {
        testRuns: 4,
        usedPorts: ["80/tcp"],
        pages: [name("80/tcp /login")],
        sentSignals: ["TERM"],
        handledSignals: ["HUP", "TERM"],
        listening: ["443/tcp", "80/tcp"],
        logRotation: "not seen",
      },
      verdict: failedVerdict(name),
      checked: {
        newWrites: [
          { path: name("/nowhere"), operations: ["open"], by, learned: { kind: "tmpfs", path: name("/nowhere") } },
        ],
        unused: [name("/srv")],
      },
      atRisk: [
        {
          container: name("web"),
          items: [{ path: name("/data"), files: 3, sizeBytes: 4096, by }],
          passing: [{ what: name("log files"), files: 1, sizeBytes: 10 }],
        },
      ],
    },
  );
}

function failedVerdict(name: (text: string) => string): Verdict {
  return {
    strategy: "app",
    imageId: `sha256:${"8".repeat(64)}`,
    outcome: "failed",
    regressions: [
      {
        kind: "operation",
        message: name("app could not create /x"),
        fix: name("Add a tmpfs."),
        path: name("/x"),
        operation: "open",
        errno: "EROFS",
        process: name("/usr/sbin/app"),
      },
    ],
    denied: [{ kind: "deny", path: name("/opt/app"), operation: "mkdir", errno: "EROFS" }],
    mustChange: [{ path: name("/state"), fix: [name("RUN ln -s /var/lib/app/state /state")] }],
    phases: [
      { phase: "first", test: 1, health: "unhealthy" },
      { phase: "replace", exec: 0, exitedEarly: 3 },
    ],
    caveats: [name("no test was run")],
    minimal: [{ path: name("/run/app"), needed: true, evidence: name("app could not create /run/app/pid") }],
  };
}

/** More paths than a map can show, with names as long as they get. */
export function crowded(count: number): ReportedWorkload {
  const long = "a-rather-long-name-without-any-place-to-break-it".repeat(5);
  const records = Array.from({ length: count }, (_, index) =>
    record(`/var/lib/app/${index % 7}/${index % 3 === 0 ? long : "f"}${String(index).padStart(5, "0")}`, {
      sizeClassBytes: index % 11 === 0 ? 2 ** (16 + (index % 9)) : 65_536,
    }),
  );
  return reported(strategy([tmpfs("/run"), volume("/var/lib/app"), deny("/etc/app")], { name: "crowd" }), records);
}
