import { describe, expect, test } from "vitest";
import { profileOf, strategyOf, tmpfsEntry } from "../../../test/support/judged.ts";
import { plainWorkload } from "../../../test/support/workload.ts";
import { NO_LOSS, type Errno, type Operation } from "../../model/event.ts";
import type { PathRecord, PhaseOutcome, ProfileHeader } from "../../model/profile.ts";
import type { DenyEntry, Strategy, StrategyEntry, VolumeEntry } from "../../model/strategy.ts";
import type { AvcDenial } from "./avc.ts";
import { judge, type Judgement } from "./judge.ts";

const FIRST: PhaseOutcome = { phase: "first", test: 0 };
const REPLACED: PhaseOutcome = { phase: "replace", test: 0 };

function record(path: string, more: Partial<PathRecord> = {}): PathRecord {
  return {
    path,
    mount: "/",
    mountType: "overlay",
    type: "file",
    done: [],
    failed: [],
    by: ["/usr/sbin/nginx"],
    uids: [33],
    created: true,
    createsItself: true,
    survived: true,
    readBack: false,
    renewed: false,
    executed: false,
    sizeClassBytes: 65_536,
    movesTo: [],
    ...more,
  };
}

function failing(path: string, operation: Operation, errno: Errno, more: Partial<PathRecord> = {}): PathRecord {
  return record(path, { failed: [{ operation, errno }], created: false, survived: false, ...more });
}

function volume(path: string): VolumeEntry {
  return { kind: "volume", path, why: "x", reason: "readBack", seeded: true, uid: 0, gid: 0, mode: 0o755, exec: true };
}

function forgotten(kind: "seeded" | "scratch", path: string): StrategyEntry {
  return { ...tmpfsEntry(path), kind };
}

function deny(path: string, ...operations: readonly Operation[]): DenyEntry {
  return { kind: "deny", path, why: "x", operations };
}

interface Case {
  readonly baseline?: readonly PathRecord[];
  readonly run?: readonly PathRecord[];
  readonly entries?: readonly StrategyEntry[];
  readonly before?: readonly PhaseOutcome[];
  readonly phases?: readonly PhaseOutcome[];
  readonly header?: Partial<ProfileHeader>;
  readonly strategy?: Partial<Strategy>;
  readonly selinux?: readonly AvcDenial[];
}

function denial(differs: Partial<AvcDenial> = {}): AvcDenial {
  const types = { sourceType: "container_t", targetType: "user_home_t" };
  return { timeMs: 0, permissions: ["write"], comm: "nginx", name: "data", ...types, ...differs };
}

function judged(given: Case): Judgement {
  return judge({
    baseline: profileOf(given.baseline ?? [], given.header, given.before ?? [FIRST]),
    run: {
      records: given.run ?? [],
      phases: given.phases ?? [FIRST],
      ...(given.selinux === undefined ? {} : { selinux: given.selinux }),
    },
    strategy: strategyOf(given.entries ?? [], given.strategy),
  });
}

describe("operations that newly fail", () => {
  const body = "/var/lib/nginx/body";
  const made = record(body, { done: ["mkdir"], type: "dir" });

  test("one sentence says who, what and why, another what to do", () => {
    expect(judged({ baseline: [made], run: [failing(body, "mkdir", "EROFS")] }).regressions).toEqual([
      {
        kind: "operation",
        message: "nginx could not create /var/lib/nginx/body (mkdir: EROFS)",
        fix: "Add a tmpfs or a volume on /var/lib/nginx/body, or deny the write if it does no harm.",
        operation: "mkdir",
        path: body,
        errno: "EROFS",
        process: "/usr/sbin/nginx",
      },
    ]);
  });

  test("what a root that was read-only already refused is meant to work now", () => {
    const refused = failing(body, "mkdir", "EROFS", { type: "dir" });
    expect(judged({ baseline: [refused], run: [refused] }).regressions).toHaveLength(1);
    expect(judged({ baseline: [refused], run: [] }).regressions).toEqual([]);
    expect(judged({ baseline: [refused], run: [refused], entries: [deny(body, "mkdir")] }).regressions).toEqual([]);
    // The user's own read-only mount refuses as it did.
    const mounted = { ...refused, mount: "/var/lib/nginx" };
    expect(judged({ baseline: [mounted], run: [mounted] }).regressions).toEqual([]);
  });

  const file = record("/srv/data/x", {
    done: ["open", "write", "chmod", "rename", "unlink", "exec"],
    movesTo: ["/srv/final/x"],
  });
  test.each<[string, Operation, Errno, readonly StrategyEntry[], RegExp]>([
    ["nothing covers it", "open", "EROFS", [], /Add a tmpfs or a volume on \/srv\/data,/],
    [
      "a read-only bind",
      "open",
      "EROFS",
      [{ kind: "bind", path: "/srv", why: "x", source: "/host", readOnly: true }],
      /bind on \/srv is read-only/,
    ],
    [
      "owner of the tmpfs",
      "open",
      "EACCES",
      [tmpfsEntry("/srv/data")],
      /tmpfs on \/srv\/data an owner and a mode that let uid 33 write: it has uid 0, gid 0, mode 0755/,
    ],
    ["owner of the volume", "chmod", "EPERM", [volume("/srv")], /Give the volume on \/srv an owner/],
    [
      "a volume of a directory that the image lacks",
      "open",
      "EACCES",
      [{ ...volume("/srv"), uid: 33, gid: 33 }],
      /belongs to root where the image has no directory: make \/srv in the image, owned by 33:33/,
    ],
    ["no mount, no right", "open", "EACCES", [], /capabilities/],
    [
      "scratch on a directory that the image lacks",
      "open",
      "EACCES",
      [{ ...tmpfsEntry("/srv"), kind: "scratch", uid: 33, gid: 33 }],
      /make \/srv in the image, owned by 33:33/,
    ],
    [
      "owner of a seeded mount",
      "chmod",
      "EPERM",
      [forgotten("seeded", "/srv")],
      /Give the seeded mount on \/srv an owner/,
    ],
    ["noexec, seeded", "exec", "EACCES", [forgotten("seeded", "/srv")], /Allow exec on the seeded mount on \/srv\./],
    [
      "seeded and full",
      "write",
      "ENOSPC",
      [forgotten("seeded", "/srv")],
      /Give the seeded mount on \/srv more than 64MiB/,
    ],
    ["noexec", "exec", "EACCES", [tmpfsEntry("/srv")], /Allow exec on the tmpfs on \/srv\./],
    ["noexec, library", "mapexec", "EPERM", [tmpfsEntry("/srv")], /Allow exec/],
    ["too small", "write", "ENOSPC", [tmpfsEntry("/srv")], /Give the tmpfs on \/srv more than 64MiB/],
    ["volume full", "write", "EDQUOT", [volume("/srv")], /volume on \/srv/],
    [
      "two mounts",
      "rename",
      "EXDEV",
      [tmpfsEntry("/srv/data")],
      /Put \/srv\/data .*tmpfs on \/srv\/data.* and \/srv\/final on one mount/,
    ],
    [
      "a mount point",
      "rename",
      "EBUSY",
      [tmpfsEntry("/srv/data/x")],
      /\/srv\/data\/x is a mount point.*mount \/srv\/data instead/,
    ],
    [
      "hidden by a tmpfs",
      "open",
      "ENOENT",
      [tmpfsEntry("/srv")],
      /The mount on \/srv hides what the image ships: make it seeded/,
    ],
    ["hidden by a volume", "open", "ENOENT", [volume("/srv")], /hides what the image ships: make it a seeded volume/],
    ["directory missing", "open", "ENOENT", [], /directory was not there/],
    ["file system cannot", "xattr", "EOPNOTSUPP", [tmpfsEntry("/srv")], /make it scratch, or a volume/],
    ["O_DIRECT", "open", "EINVAL", [tmpfsEntry("/srv")], /make it scratch, or a volume/],
  ])("%s", (_, operation, errno, entries, fix) => {
    const { regressions } = judged({ baseline: [file], run: [failing(file.path, operation, errno)], entries });
    expect(regressions).toMatchObject([{ kind: "operation", operation, errno, path: file.path }]);
    expect(regressions[0]?.fix).toMatch(fix);
  });

  test("two mounts with nothing above both that can be mounted are the image's affair, and why is said", () => {
    const [from, to] = [
      { ...file, path: "/in/a", movesTo: ["/out/a"] },
      { ...file, path: "/out/a" },
    ];
    const entries = [tmpfsEntry("/in"), tmpfsEntry("/out")];
    const { regressions } = judged({ baseline: [from, to], run: [failing("/in/a", "link", "EXDEV")], entries });
    expect(regressions[0]?.fix).toBe(
      "/in (on the tmpfs on /in) and /out must be on one mount, and / is never one, because it is the root itself: the image has to keep both in one directory below it, or the application has to be told of another place.",
    );
  });

  test.each<[string, Operation, Errno, StrategyEntry[], RegExp]>([
    ["of the user's", "open", "EPERM", [], /capabilities of the run\. Or the seccomp profile of the run \(\/p\.json\)/],
    ["beside an owner", "chmod", "EPERM", [volume("/srv")], /an owner.* Or the seccomp profile/],
    ["not for another errno", "open", "EACCES", [], /capabilities of the run\.$/],
    ["not for noexec", "mapexec", "EPERM", [tmpfsEntry("/srv")], /^Allow exec on the tmpfs on \/srv\.$/],
  ])("a seccomp profile may be the cause: %s", (_, operation, errno, entries, fix) => {
    const workload = plainWorkload("app", { securityOpt: ["no-new-privileges", "seccomp=/p.json"] });
    const run = [failing(file.path, operation, errno)];
    const { regressions } = judged({ baseline: [file], run, entries, strategy: { workload } });
    expect(regressions.map((one) => one.fix)).toEqual([expect.stringMatching(fix)]);
  });

  const bound: StrategyEntry = { kind: "bind", path: "/srv/data", why: "x", source: "/home/me/www", readOnly: false };
  const told = /^SELinux denied it, not owner and mode: container_t may not write what is labelled user_home_t\./;
  test.each<[string, AvcDenial[] | undefined, StrategyEntry[], Errno, RegExp]>([
    ["on a bind, by the directory", [denial()], [bound], "EACCES", /Relabel it: .*-v \/home\/me\/www:\/srv\/data:Z/],
    ["by the folder of the host", [denial({ name: "www" })], [bound], "EACCES", told],
    ["by the file", [denial({ name: "x" })], [bound], "EACCES", told],
    ["by its path", [denial({ path: "/srv/data/x" })], [bound], "EACCES", told],
    ["elsewhere", [denial()], [volume("/srv")], "EACCES", /labelled container_file_t, or let a policy allow it/],
    ["of another container", [denial({ targetType: "container_file_t" })], [bound], "EACCES", /share it with z\.$/],
    ["of another program", [denial({ comm: "sh" })], [bound], "EACCES", /^Let uid 33 write .* Or SELinux, under which/],
    [
      "of another path",
      [denial({ path: "/srv/x" })],
      [bound],
      "EACCES",
      /^Let uid 33 write .* Or SELinux, under which/,
    ],
    ["not in the log", [], [bound], "EACCES", /Or SELinux, under which this engine runs, denies it/],
    ["not in the log, and no bind", [], [volume("/srv")], "EACCES", /^Give the volume on \/srv an owner[^.]*\.$/],
    ["no SELinux", undefined, [bound], "EACCES", /^Let uid 33 write the host's [^.]*\.$/],
    ["another errno", [denial()], [tmpfsEntry("/srv")], "EPERM", /^Give the tmpfs/],
  ])("SELinux may be the cause: %s", (_, selinux, entries, errno, fix) => {
    const { regressions } = judged({
      baseline: [file],
      run: [failing(file.path, "open", errno)],
      entries,
      ...(selinux === undefined ? {} : { selinux }),
    });
    expect(regressions.map((one) => one.fix)).toEqual([expect.stringMatching(fix)]);
  });

  test.each<[string, PathRecord, string]>([
    ["a file in the root", failing("/core", "open", "EROFS"), "The root itself stays read-only"],
    ["a pattern", failing("/srv/*/cache/x-*", "open", "EROFS"), "on /srv,"],
    ["many directories", failing("/srv/app/*", "mkdir", "EROFS", { type: "dir" }), "on /srv/app,"],
  ])("the narrowest directory of %s", (_, failed, fix) => {
    expect(judged({ run: [failed] }).regressions[0]?.fix).toContain(fix);
  });

  test("one that the baseline never tried is new as well", () => {
    expect(judged({ run: [failing("/srv/fallback", "open", "EROFS")] }).regressions).toHaveLength(1);
  });

  test("a directory is opened for writing by who makes a file without a name", () => {
    const { regressions } = judged({ run: [failing("/srv", "open", "EROFS", { type: "dir" })] });
    expect(regressions[0]?.message).toBe("nginx could not create a file in /srv (open: EROFS)");
  });

  test("a process is named by its program, several by their number", () => {
    const by = ["/bin/sh", "/usr/sbin/nginx", "/usr/bin/touch"];
    expect(judged({ run: [failing("/srv/x", "open", "EROFS", { by })] }).regressions[0]?.message).toMatch(
      /^sh and 2 others could not create/,
    );
  });

  test("text of the container cannot break the sentence or reach the terminal", () => {
    const { regressions } = judged({
      run: [failing("/srv/\u001b[2Jx\n\u202e", "open", "EROFS", { by: ["/bin/\u0007"] })],
    });
    expect(regressions[0]?.message).toBe("\\u{7} could not create /srv/\\e[2Jx\\n\\u{202e} (open: EROFS)");
    expect(regressions[0]?.fix).not.toMatch(/\p{Cc}/u);
  });
});

const refusedBy = (...operations: readonly Operation[]): PathRecord => ({
  ...failing("/etc/xAb12cd", "open", "EROFS"),
  failed: operations.map((operation) => ({ operation, errno: "EROFS" as const })),
});

describe("failures that are no regression", () => {
  test("a clean-up of what was denied to be; a removal of what is there is one", () => {
    const entries: readonly StrategyEntry[] = [{ kind: "deny", path: "/etc/x*", why: "No.", operations: ["open"] }];
    expect(judged({ run: [refusedBy("open", "unlink")], entries }).regressions).toEqual([]);
    expect(judged({ run: [refusedBy("unlink")], entries }).regressions).toMatchObject([{ operation: "unlink" }]);
  });

  test.each<[string, readonly PathRecord[], PathRecord]>([
    ["it failed in the same way", [failing("/x/a", "open", "EACCES")], failing("/x/a", "open", "EACCES")],
    [
      "a read-only mount answers before the owner does",
      [failing("/x/a", "open", "EACCES")],
      failing("/x/a", "open", "EROFS"),
    ],
    [
      "a read-only mount answers before the name is looked for",
      [failing("/x/a", "unlink", "ENOENT")],
      failing("/x/a", "unlink", "EROFS"),
    ],
    [
      "two mounts answer before the name is looked for",
      [failing("/x/a", "rename", "ENOENT")],
      failing("/x/a", "rename", "EXDEV"),
    ],
    ["a directory that was not empty", [failing("/x/a", "rmdir", "ENOTEMPTY")], failing("/x/a", "rmdir", "EROFS")],
    ["mkdir of what exists", [], failing("/x/a", "mkdir", "EEXIST")],
    [
      "removing what was not made this time",
      [record("/x/a", { done: ["unlink"] })],
      failing("/x/a", "unlink", "ENOENT"),
    ],
    ["an errno that no mount causes", [record("/x/a", { done: ["open"] })], failing("/x/a", "open", "ETXTBSY")],
    ["EINVAL of another call", [], failing("/x/a", "chmod", "EINVAL")],
    ["EBUSY of a file that is in use", [], failing("/x/a", "open", "EBUSY")],
    ["not allowed to write before either", [failing("/x/a", "access", "EACCES")], failing("/x/a", "access", "EROFS")],
    ["never asked before", [], failing("/x/a", "access", "EROFS")],
    ["a pattern there, a name here", [failing("/x/*", "open", "EACCES")], failing("/x/a", "open", "EROFS")],
    ["a name there, a pattern here", [failing("/x/a", "open", "EACCES")], failing("/x/*", "open", "EROFS")],
  ])("%s", (_, baseline, failed) => {
    expect(judged({ baseline, run: [failed] })).toMatchObject({ regressions: [], denied: [] });
  });

  test.each<[string, readonly PathRecord[], PathRecord]>([
    ["the same errno of another operation", [failing("/x/a", "open", "EACCES")], failing("/x/a", "mkdir", "EACCES")],
    ["the same failure elsewhere", [failing("/x/b", "open", "EROFS")], failing("/x/a", "open", "EROFS")],
    [
      "it failed once and worked then",
      [failing("/x/a", "unlink", "ENOENT", { done: ["unlink"] })],
      failing("/x/a", "unlink", "EROFS"),
    ],
    ["a pattern under which it worked", [record("/x/*.pid", { done: ["open"] })], failing("/x/a.pid", "open", "EROFS")],
  ])("but it is one: %s", (_, baseline, failed) => {
    expect(judged({ baseline, run: [failed] }).regressions).toHaveLength(1);
  });

  test.each<[string, readonly PathRecord[], boolean]>([
    [
      "its directory was made and the call repeated",
      [record("/x/B", { type: "dir", done: ["mkdir"] }), failing("/x/B/*", "open", "ENOENT", { done: ["open"] })],
      false,
    ],
    [
      "the directory it goes to was made and the call repeated",
      [
        record("/x/B", { type: "dir", done: ["mkdir"] }),
        failing("/x/active/*", "rename", "ENOENT", { done: ["rename"], movesTo: ["/x/B/*"] }),
      ],
      false,
    ],
    [
      "its directory was made and the call not repeated",
      [record("/x/B", { type: "dir", done: ["mkdir"] }), failing("/x/B/*", "open", "ENOENT")],
      true,
    ],
    ["nobody made its directory", [failing("/x/B/*", "open", "ENOENT", { done: ["open"] })], true],
  ])("a missing directory: %s", (_, run, isRegression) => {
    expect(judged({ run }).regressions.length > 0).toBe(isRegression);
  });

  test("what should have been in a directory that could not be made is not told again", () => {
    const { regressions } = judged({
      run: [
        failing("/x/d/sub/f", "open", "ENOENT"),
        failing("/x/d", "mkdir", "EROFS"),
        failing("/x/dd", "open", "ENOENT"),
      ],
    });
    expect(regressions.map((one) => one.path)).toEqual(["/x/d", "/x/dd"]);
  });
});

describe("a rename that does not cross mounts", () => {
  const moved = record("/tmp/php*", { done: ["open", "rename"], movesTo: ["/srv/uploads/*.jpg"] });
  const refused = failing("/tmp/php*", "rename", "EXDEV");
  const written = (parts: Partial<PathRecord>): readonly PathRecord[] => [
    refused,
    record("/srv/uploads/a.jpg", { done: ["open", "write"], ...parts }),
  ];
  test("does no harm when the program copies instead, but is said", () => {
    const { regressions, caveats } = judged({ baseline: [moved], run: written({}) });
    expect(regressions).toEqual([]);
    expect(caveats.join()).toMatch(
      /nginx could not rename \/tmp\/php\* across two mounts \(EXDEV\) and copied it instead/,
    );
  });
  test("nor does a link that becomes a file of its own", () => {
    const made = failing("/srv/b", "link", "EXDEV", { done: ["open", "write"] });
    expect(judged({ baseline: [record("/srv/b", { done: ["link"] })], run: [made] }).regressions).toEqual([]);
  });
  test("a copy that is moved on is one too", () => {
    const parts = { done: ["open", "rename"] as const, movesTo: ["/srv/uploads/final"] };
    expect(judged({ baseline: [moved], run: written(parts) }).regressions).toEqual([]);
  });
  test.each<[string, Partial<PathRecord>]>([
    ["nothing is there", { path: "/srv/other" }],
    ["another program wrote it", { by: ["/bin/cp"] }],
    ["another file was moved there", { done: ["open", "rename"] }],
    ["it was only looked at", { done: ["access", "read"] }],
  ])("but is a regression when %s", (_, parts) => {
    expect(judged({ baseline: [moved], run: written(parts) }).regressions).toMatchObject([{ errno: "EXDEV" }]);
  });
});

describe("access(W_OK) that is now answered no", () => {
  const MANY = Array.from({ length: 32 }, (_, n) => `/usr/lib/x/${n}`);
  const asked = record("/x", { type: "dir", done: ["access"] });
  test("is a regression when the program wrote there", () => {
    expect(
      judged({ baseline: [asked, record("/x/f", { done: ["open"] })], run: [failing("/x", "access", "EROFS")] })
        .regressions,
    ).toMatchObject([
      { operation: "access", path: "/x", message: "nginx could not get leave to write to /x (access: EROFS)" },
    ]);
  });
  test.each<[string, readonly PathRecord[], readonly StrategyEntry[]]>([
    ["it never wrote there", [asked], []],
    [
      "it asks of whatever it looks at",
      [asked, record("/x/f", { done: ["open"] }), ...MANY.map((path) => record(path, { done: ["access"] }))],
      [],
    ],
    ["another program did", [asked, record("/x/f", { done: ["open"], by: ["/bin/sh"] })], []],
    ["what it wrote is denied", [asked, record("/x/f", { done: ["open"] })], [deny("/x/f", "open")]],
  ])("is a caveat when %s", (_, baseline, entries) => {
    const { regressions, caveats } = judged({ baseline, run: [failing("/x", "access", "EROFS")], entries });
    expect(regressions).toEqual([]);
    expect(caveats.join()).toMatch(/nginx asked whether it may write to \/x, and is now told no/);
  });
});

describe("denied on purpose", () => {
  test.each<[string, DenyEntry, PathRecord, readonly PathRecord[]]>([
    ["the path itself", deny("/app/x.pyc", "open"), failing("/app/x.pyc", "open", "EROFS"), []],
    ["a pattern", deny("/app/*", "open"), failing("/app/x.pyc", "open", "EROFS"), []],
    [
      "below a directory that is not made",
      deny("/app/__pycache__", "mkdir"),
      failing("/app/__pycache__/x", "open", "ENOENT"),
      [],
    ],
    [
      "asking for leave",
      deny("/app/x", "open"),
      failing("/app/x", "access", "EROFS"),
      [record("/app/x", { done: ["access", "open"] })],
    ],
    [
      "renaming to it",
      deny("/app/x", "rename", "open"),
      failing("/tmp/x", "rename", "EXDEV"),
      [record("/tmp/x", { done: ["rename"], movesTo: ["/app/x"] })],
    ],
  ])("%s", (_, entry, failed, baseline) => {
    const result = judged({ baseline, run: [failed], entries: [entry] });
    expect(result.regressions).toEqual([]);
    expect(result.denied).toEqual([{ kind: entry.kind, path: failed.path, ...failed.failed[0] }]);
  });

  test.each<[string, DenyEntry, PathRecord]>([
    ["another operation", deny("/app/x", "chmod"), failing("/app/x", "open", "EROFS")],
    ["another path", deny("/app/x", "open"), failing("/app/xy", "open", "EROFS")],
    ["below a file", deny("/app", "open"), failing("/app/x", "open", "EROFS")],
    ["a full disk is nobody's purpose", deny("/app/x", "open"), failing("/app/x", "open", "ENOSPC")],
  ])("but not %s", (_, entry, failed) => {
    expect(judged({ run: [failed], entries: [entry] })).toMatchObject({
      denied: [],
      regressions: [{ path: failed.path }],
    });
  });
});

describe("phases", () => {
  const ended = [{ ...FIRST, exitedEarly: 100 }];
  const locked = failing("/var/lib/dpkg/lock", "open", "EROFS");
  test.each<[string, Case, RegExp]>([
    ["an operation failed", { run: [locked] }, /^Fix the failed operations first; the container's log/],
    [
      "only denied ones",
      { run: [locked], entries: [deny(locked.path, "open")] },
      /^Nothing failed but what the strategy denies/,
    ],
    ["none failed", {}, /^No operation failed newly: the container's log/],
    [
      "it did not fill the directory that it had made itself",
      {
        baseline: [record("/srv/app", { type: "dir", done: ["mkdir"] }), record("/srv/app/x", { done: ["open"] })],
        run: [record("/srv/app", { type: "dir", done: ["access"] })],
        entries: [volume("/srv/app")],
      },
      /^Nothing was written on \/srv\/app, which the application made itself in the baseline: .* or mount the directory above; the container's log/,
    ],
    [
      "it did fill it",
      {
        baseline: [record("/srv/app", { type: "dir", done: ["mkdir"] })],
        run: [record("/srv/app/x", { done: ["open"] })],
        entries: [volume("/srv/app")],
      },
      /^No operation failed newly/,
    ],
  ])("what to do about the end when %s", (_, given, fix) => {
    const { regressions } = judged({ before: [FIRST], phases: ended, ...given });
    expect(regressions.find(({ kind }) => kind === "exit")?.fix).toMatch(fix);
  });

  test.each<[string, readonly PhaseOutcome[], readonly PhaseOutcome[], readonly string[]]>([
    ["all as before", [FIRST], [FIRST], []],
    ["the test fails", [FIRST], [{ phase: "first", test: 1 }], ["test"]],
    [
      "the test fails in the replaced container, which the baseline did not have",
      [FIRST],
      [FIRST, { phase: "replace", test: 3 }],
      ["test"],
    ],
    [
      "the test fails in the replaced container as it did after the baseline's restart",
      [FIRST, { phase: "restart", test: 1 }],
      [FIRST, { phase: "replace", test: 1 }],
      [],
    ],
    ["the test had failed before", [{ phase: "first", test: 1 }], [{ phase: "first", test: 1 }], []],
    ["the command inside fails", [{ ...FIRST, exec: 0 }], [{ ...FIRST, exec: 2 }], ["exec"]],
    ["no longer healthy", [{ ...FIRST, health: "healthy" }], [{ ...FIRST, health: "unhealthy" }], ["health"]],
    ["health is gone", [{ ...FIRST, health: "healthy" }], [FIRST], ["health"]],
    ["never healthy", [{ ...FIRST, health: "unhealthy" }], [{ ...FIRST, health: "unhealthy" }], []],
    ["ends early", [FIRST], [{ ...FIRST, exitedEarly: 0 }], ["exit"]],
    ["ends with another code", [{ ...FIRST, exitedEarly: 0 }], [{ ...FIRST, exitedEarly: 1 }], ["exit"]],
    ["ends as it always does", [{ ...FIRST, exitedEarly: 1 }], [{ ...FIRST, exitedEarly: 1 }], []],
    [
      "all at once",
      [{ ...FIRST, exec: 0, health: "healthy" }],
      [{ phase: "first", test: 1, exec: 1, exitedEarly: 2 }],
      ["test", "exec", "health", "exit"],
    ],
  ])("%s", (_, before, phases, kinds) => {
    expect(judged({ before, phases }).regressions.map((one) => one.kind)).toEqual(kinds);
  });
});

describe("data that is lost", () => {
  const data = record("/var/lib/redis/dump.rdb", { done: ["open", "rename"], readBack: true });
  const phases = [FIRST, REPLACED];

  test.each<[string, readonly StrategyEntry[], RegExp]>([
    ["on a tmpfs", [tmpfsEntry("/var/lib/redis")], /Make the mount on \/var\/lib\/redis a volume\./],
    ["on a seeded mount", [forgotten("seeded", "/var/lib/redis")], /Make the mount on \/var\/lib\/redis a volume\./],
    ["on scratch", [forgotten("scratch", "/var/lib/redis")], /Make the mount on \/var\/lib\/redis a volume\./],
    ["on no mount", [], /Add a volume on \/var\/lib\/redis\./],
    ["on a volume nothing of which was read", [volume("/var/lib/redis")], /let the test read/],
  ])("%s", (_, entries, fix) => {
    const { regressions } = judged({ baseline: [data], run: [record(data.path)], entries, phases });
    expect(regressions).toMatchObject([{ kind: "lost", path: data.path, process: "/usr/sbin/nginx" }]);
    expect(regressions[0]?.message).toBe(
      "nginx did not find its /var/lib/redis/dump.rdb again after the container was replaced",
    );
    expect(regressions[0]?.fix).toMatch(fix);
  });

  test.each<[string, Case]>([
    ["read back", { run: [data], entries: [tmpfsEntry("/var/lib/redis")] }],
    ["read back under a pattern", { run: [record("/var/lib/redis/*", { readBack: true })] }],
    [
      "another file on the same volume was read back",
      { run: [record("/var/lib/redis/x", { readBack: true })], entries: [volume("/var/lib/redis")] },
    ],
    ["denied on purpose", { entries: [deny("/var/lib/redis/dump.rdb", "open")] }],
  ])("not when %s", (_, given) => {
    expect(judged({ baseline: [data], phases, ...given }).regressions).toEqual([]);
  });

  test("where names vary, the host's name may be the reason", () => {
    const baseline = [record("/var/lib/mq/rabbit@*/db", { done: ["open"], readBack: true })];
    const { regressions } = judged({ baseline, phases, entries: [volume("/var/lib/mq")] });
    expect(regressions[0]?.fix).toMatch(/, or give --hostname if names there follow the host's\.$/);
  });

  test("not what was written and never read back", () => {
    expect(judged({ baseline: [record("/srv/out", { done: ["open"] })], phases }).regressions).toEqual([]);
  });

  test("many files of one place are one regression", () => {
    const baseline = ["a", "b", "c"].map((name) => record(`/srv/db/${name}`, { done: ["open"], readBack: true }));
    const { regressions } = judged({ baseline, phases, entries: [tmpfsEntry("/srv")] });
    expect(regressions.map((one) => one.message)).toEqual([
      "nginx did not find its /srv/db/a and 2 more below /srv again after the container was replaced",
    ]);
  });

  test("not when the first run failed: it may never have been stored", () => {
    const failed = [
      { ...FIRST, exec: 1 },
      { ...REPLACED, exec: 1 },
    ];
    const { regressions, caveats } = judged({ baseline: [data], phases: failed, entries: [volume("/var/lib/redis")] });
    expect(regressions.map(({ kind }) => kind)).toEqual(["exec", "exec"]);
    expect(caveats).toContain("the first run failed, so it is not known whether data persists");
  });

  test("without a replaced container nobody knows", () => {
    const { regressions, caveats } = judged({ baseline: [data], phases: [FIRST] });
    expect(regressions).toEqual([]);
    expect(caveats).toEqual(["no container was replaced, so it is not known whether data persists"]);
  });
});

describe("caveats", () => {
  test.each<[string, Case, readonly string[]]>([
    ["none", {}, []],
    [
      "an incomplete baseline",
      { header: { incomplete: ["io_uring was used"] } },
      ["the baseline is not complete: io_uring was used"],
    ],
    [
      "said twice",
      { header: { incomplete: ["x"] }, strategy: { incomplete: ["x"] } },
      ["the baseline is not complete: x"],
    ],
    [
      "losses without a reason",
      { header: { loss: { ...NO_LOSS, ringFull: 1 } } },
      ["the baseline is not complete: events were lost"],
    ],
    ["no sensor", { header: { sensor: "diff" } }, ["the baseline was made without seeing each operation"]],
    ["nothing was run", { phases: [] }, ["nothing was run"]],
    [
      "only the probe",
      { before: [{ phase: "first", probe: "answered" }], phases: [{ phase: "first", probe: "answered" }] },
      ["only the pages of its ports were asked for, by GET"],
    ],
    [
      "nothing was tested",
      { before: [{ phase: "first" }], phases: [{ phase: "first" }] },
      ["nothing was tested: that it starts proves little"],
    ],
    [
      "only its health",
      { before: [{ phase: "first" }], phases: [{ phase: "first", health: "healthy" }] },
      ["only the image's health check was tested"],
    ],
    ["a test that was left out", { phases: [{ phase: "first", exec: 0 }] }, ["The test was not run in the first run"]],
    [
      "a test that had failed",
      { before: [{ phase: "first", test: 4 }] },
      ["The test failed with 4 in the baseline already, so it proves nothing"],
    ],
  ])("%s", (_, given, expected) => {
    expect(judged(given).caveats).toEqual(expected);
  });
});

test("operations come first, each once and in order, whatever order the records have", () => {
  const run = [failing("/b", "open", "EROFS"), failing("/a", "open", "EROFS"), failing("/c", "mkdir", "EROFS")];
  const phases: readonly PhaseOutcome[] = [{ phase: "first", test: 1 }];
  const first = judged({ run, phases });
  expect(first.regressions.map((one) => one.path ?? one.kind)).toEqual(["/a", "/b", "/c", "test"]);
  expect(judged({ run: run.toReversed(), phases })).toEqual(first);
});
