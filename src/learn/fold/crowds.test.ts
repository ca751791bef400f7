import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { create, event, treeOf } from "../../../test/support/write-events.ts";
import type { WriteEvent } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";
import type { PathRecord } from "../../model/profile.ts";
import { ProfileFold, type FoldOptions } from "./fold.ts";

function foldAll(
  events: Iterable<WriteEvent>,
  options: FoldOptions = {},
): { fold: ProfileFold; records: readonly PathRecord[] } {
  const fold = new ProfileFold(options);
  fold.beginPhase("first");
  for (const one of events) fold.add([one]);
  fold.endPhase(undefined);
  return { fold, records: fold.records() };
}

function pathsOf(events: Iterable<WriteEvent>, image?: FileTree): readonly string[] {
  return foldAll(events, image === undefined ? {} : { image }).records.map(({ path }) => path);
}

function names(count: number, prefix: string): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}${n}`);
}

/** Numbers that look random but are the same in each run. */
function* flood(count: number, make: (n: number, random: number) => WriteEvent): Generator<WriteEvent> {
  let random = 1;
  for (let n = 0; n < count; n++) {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    yield make(n, random);
  }
}

/** The number in letters: a name that no rule can tell from a word. */
function word(n: number): string {
  return n.toString(26).replace(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)));
}

function forkedPath(random: number, times: number): string {
  return `/${random.toString(2).repeat(times).split("").join("/")}`;
}

describe("a crowded directory", () => {
  test("forty names stay, one more makes them *", () => {
    expect(pathsOf(names(40, "/srv/f").map((path) => create(path)))).toHaveLength(40);
    expect(pathsOf(names(41, "/srv/f").map((path) => create(path)))).toEqual(["/srv/*"]);
  });

  test("numbered names that a clean-up did not find are one, and leave those that are there apart", () => {
    const missed = names(100, "/srv/log").map((path) => event("unlink", path, { result: "ENOENT" }));
    const kept = [create("/srv/log0"), create("/srv/control")];
    expect(pathsOf([...missed, ...kept])).toEqual(["/srv/control", "/srv/log*", "/srv/log0"]);
  });

  test("an id that a clean-up did not find is one pattern, not a pattern of its digits", () => {
    const ids = ["1A2C4CC0", "0DF6ED4CC1", "D3A7DE09"].map((id) => `/var/spool/postfix/bounce/${id}`);
    expect(pathsOf(ids.map((path) => event("unlink", path, { result: "ENOENT" })))).toEqual([
      "/var/spool/postfix/bounce/*",
    ]);
  });

  test("folders called by digits of the id in them are one, as the id is", () => {
    const queue = ["E1A2C4CC0", "51F0ED4CC"].flatMap((id) => [
      event("mkdir", `/srv/q/${id[0]}`),
      create(`/srv/q/${id[0]}/${id}`),
    ]);
    expect(pathsOf(queue)).toEqual(["/srv/q/*", "/srv/q/*/*"]);
    const cached = "/srv/cache/c/29/b7f54b2df7773722d382f4809d65029c";
    expect(pathsOf([event("mkdir", "/srv/cache/c"), event("mkdir", "/srv/cache/c/29"), create(cached)])).toEqual([
      "/srv/cache/*",
      "/srv/cache/*/*",
      "/srv/cache/*/*/*",
    ]);
  });

  test("so are folders in which an id was only looked for, and those that the image ships keep their names", () => {
    const missed = ["0A2C4CC0F", "B1F0ED4CC"].map((id) =>
      event("unlink", `/srv/q/${id[0]}/${id}`, { result: "ENOENT" }),
    );
    expect(pathsOf(missed)).toEqual(["/srv/q/*/*"]);
    const shipped = treeOf("/srv/q/B/", "/srv/q/E/");
    expect(pathsOf([create("/srv/q/E/E1A2C4CC0"), ...missed], shipped)).toEqual([
      "/srv/q/*/*",
      "/srv/q/B/*",
      "/srv/q/E/*",
    ]);
  });

  test("a number in a folder of its first digit, or an id in a folder of another name, says nothing of the folder", () => {
    const paths = ["/srv/1/12345678", "/srv/b/E1A2C4CC0", "/srv/E1A/E1A2C4CC0"];
    expect(pathsOf(paths.map((path) => create(path)))).toEqual(["/srv/1/*", "/srv/E1A/*", "/srv/b/*"]);
  });

  test("private files with a drawn part are one, even when chance made it look like words", () => {
    const logs = ["9_6_qqdi", "fbtcwqcd", "_102jkr0", "settings"].map((drawn) => `/srv/out---worker-${drawn}.log`);
    const events = logs.flatMap((path) => [
      create(path, { mode: 0o600 }),
      event("write", path, { bytes: 5, sizeBytes: 5 }),
      event("unlink", path),
    ]);
    expect(pathsOf(events)).toEqual(["/srv/out---worker-*.log"]);
    expect(pathsOf([create("/srv/app-settings", { mode: 0o644 })])).toEqual(["/srv/app-settings"]);
  });

  test("so are those of mkstemp, which reads what it makes; an extension in small letters is none", () => {
    const made = ["OV7yj8", "BHCBXL", "abcdef", "Abcdef"].map((drawn) =>
      create(`/srv/upload-${drawn}`, { mode: 0o600, reads: true }),
    );
    expect(pathsOf(made)).toEqual(["/srv/upload-*"]);
    expect(pathsOf([create("/tmp/phpEUVUB8", { mode: 0o600, reads: true })])).toEqual(["/tmp/php*"]);
    expect(pathsOf([create("/srv/data.sqlite", { mode: 0o600, reads: true })])).toEqual(["/srv/data.sqlite"]);
    expect(pathsOf([create("/srv/id-backup", { mode: 0o600 })])).toEqual(["/srv/id-backup"]);
  });

  test("a drawn name right behind a shipped one is known as such, also where it could not be made", () => {
    const image = treeOf("/etc/passwd");
    const refused = ["iIwcst", "x9A0bQ"].map((drawn) => event("open", `/etc/passwd${drawn}`, { result: "EROFS" }));
    expect(pathsOf(refused, image)).toEqual(["/etc/passwd*"]);
    expect(pathsOf([create("/etc/passwdbackup")], image)).toEqual(["/etc/passwdbackup"]);
  });

  test("the few directories beside many files keep their names, and the other way round", () => {
    const few = names(3, "/srv/d").map((path) => event("mkdir", path));
    const many = names(50, "/srv/f").map((path) => create(path));
    expect(pathsOf([...many, ...few])).toEqual(["/srv/*", "/srv/d0", "/srv/d1", "/srv/d2"]);
    const fewFiles = names(2, "/srv/f").map((path) => create(path));
    const manyDirectories = names(50, "/srv/d").map((path) => event("mkdir", path));
    expect(pathsOf([...manyDirectories, ...fewFiles])).toEqual(["/srv/*", "/srv/f0", "/srv/f1"]);
  });

  test("many directories become one, and what they hold alike", () => {
    const events = names(50, "/srv/d").flatMap((path) => [
      event("mkdir", path),
      create(`${path}/index`),
      ...names(3, `${path}/part`).map((part) => create(part)),
    ]);
    expect(pathsOf(events)).toEqual(["/srv/*", "/srv/*/index", "/srv/*/part0", "/srv/*/part1", "/srv/*/part2"]);
  });

  test("different names below many directories become dir/*/*", () => {
    const events = names(50, "/srv/d").flatMap((path, n) => [event("mkdir", path), create(`${path}/only${n}`)]);
    expect(pathsOf(events)).toEqual(["/srv/*", "/srv/*/*"]);
  });

  test("what the image ships keeps its name", () => {
    const image = treeOf("/srv/shipped.conf", "/srv/tmp.aB3dE9xK1z");
    const events = [
      ...names(50, "/srv/f").map((path) => create(path)),
      event("chmod", "/srv/shipped.conf"),
      event("chmod", "/srv/tmp.aB3dE9xK1z"),
    ];
    expect(pathsOf(events, image)).toEqual(["/srv/*", "/srv/shipped.conf", "/srv/tmp.aB3dE9xK1z"]);
  });

  test("chown -R over a large shipped tree is not one record per file", () => {
    const shipped = names(60, "/app/pkg").flatMap((directory) => names(300, `${directory}/file`));
    const image = treeOf(...shipped);
    expect(
      pathsOf(
        shipped.map((path) => event("chown", path)),
        image,
      ),
    ).toHaveLength(60);
    const wide = names(300, "/app/pkg").map((directory) => `${directory}/lib/index.js`);
    const records = foldAll(
      wide.map((path) => event("chown", path)),
      { image: treeOf(...wide) },
    ).records;
    expect(records.map(({ path, created }) => [path, created])).toEqual([["/app/*/lib/index.js", false]]);
  });

  test("flags are merged so that nothing is promised that does not hold for all", () => {
    const shipped = names(201, "/srv/s");
    const { records } = foldAll(
      [
        ...names(41, "/srv/f").map((path) => create(path)),
        ...shipped.map((path) => event("open", path, { wantsCreate: false })),
        event("unlink", "/srv/f3"),
        event("exec", "/srv/f4"),
        event("open", "/srv/f5", { result: "EACCES", wantsCreate: true }),
      ],
      { image: treeOf(...shipped) },
    );
    expect(records).toEqual([
      expect.objectContaining({
        path: "/srv/*",
        created: false,
        createsItself: false,
        survived: true,
        executed: true,
        done: ["exec", "open", "unlink"],
        failed: [{ operation: "open", errno: "EACCES" }],
      }),
    ]);
  });

  test("a crowd of which nothing is left did not survive", () => {
    const events = names(100, "/srv/f").flatMap((path) => [create(path), event("unlink", path)]);
    expect(foldAll(events).records).toMatchObject([{ path: "/srv/*", survived: false, created: true }]);
    const oneLeft = events.filter((one) => !(one.operation === "unlink" && one.path === "/srv/f70"));
    expect(foldAll(oneLeft).records).toMatchObject([{ path: "/srv/*", survived: true }]);
  });

  test("renames into a crowd point to the crowd", () => {
    const events = names(100, "/srv/final").flatMap((path) => [
      create("/srv/in/part.tmp"),
      event("rename", "/srv/in/part.tmp", { path2: path }),
    ]);
    expect(foldAll(events).records.map(({ path, movesTo, survived }) => [path, movesTo, survived])).toEqual([
      ["/srv/*", [], true],
      ["/srv/in/part.tmp", ["/srv/*"], false],
    ]);
  });

  test("a directory renamed out of a crowd takes its own content along, not its neighbours'", () => {
    const events = [
      ...names(60, "/srv/d").flatMap((path) => [event("mkdir", path), create(`${path}/x`)]),
      event("rename", "/srv/d7", { path2: "/srv/final" }),
      event("unlink", "/srv/final/x"),
    ];
    const { records } = foldAll(events);
    expect(records.map(({ path }) => path)).toEqual(["/srv/*", "/srv/*/x"]);
    expect(records[1]).toMatchObject({ survived: true });
  });
});

describe("the order of arrival", () => {
  /** One process each, with its own subtree; the events of one path stay in order. */
  const script: fc.Arbitrary<WriteEvent[]> = fc
    .record({
      directory: fc.nat(3),
      name: fc.nat(12),
      kind: fc.constantFrom("log", "passing", "mkdir", "denied", "atomic"),
    })
    .map(({ directory, name, kind }) => {
      const path = `/srv/d${directory}/${kind}${name}`;
      if (kind === "log") return [create(path), event("write", path, { bytes: 10, sizeBytes: 10 })];
      if (kind === "passing") return [create(path), event("unlink", path)];
      if (kind === "mkdir") return [event("mkdir", path), create(`${path}/x`)];
      if (kind === "denied") return [event("open", path, { result: "EACCES", wantsCreate: true })];
      return [create(`${path}.new`), event("rename", `${path}.new`, { path2: path })];
    });
  const scripts = fc.uniqueArray(script, { selector: ([first]) => first?.path ?? "", maxLength: 60 });
  const limits = { names: { shipped: 8, dirs: 4, others: 5 }, nodes: 20_000, depth: 48 };

  test("of independent processes does not matter", () => {
    fc.assert(
      fc.property(scripts, fc.infiniteStream(fc.nat(1_000)), (all, choices) => {
        const waiting = all.map((events) => [...events]);
        const shuffled: WriteEvent[] = [];
        while (waiting.some((events) => events.length > 0)) {
          const ready = waiting.filter((events) => events.length > 0);
          const next = ready[(choices.next().value ?? 0) % ready.length]?.shift();
          if (next !== undefined) shuffled.push(next);
        }
        expect(foldAll(shuffled, { limits }).records).toEqual(foldAll(all.flat(), { limits }).records);
      }),
      { numRuns: 300 },
    );
  });

  test("of the batches does not matter", () => {
    const events = names(100, "/srv/f").map((path) => create(path));
    const fold = new ProfileFold();
    fold.beginPhase("first");
    fold.add(events);
    fold.endPhase(undefined);
    expect(fold.records()).toEqual(foldAll(events).records);
  });
});

describe("memory is bounded, whatever a container does", () => {
  test.each<[string, number, (n: number, random: number) => WriteEvent]>([
    ["files in one directory", 500_000, (n) => create(`/srv/f${n}`)],
    [
      "files made and removed",
      100_000,
      (n) => (n % 2 === 0 ? create(`/srv/f${n}`) : event("unlink", `/srv/f${n - 1}`)),
    ],
    ["names that no rule knows", 50_000, (n) => create(`/srv/${word(n)}`)],
    [
      "directories in directories",
      50_000,
      (_, random) =>
        create(`/srv/${word(random % 61)}/${word(random % 67)}/${word(random % 71)}/${word(random % 73)}/f`),
    ],
    ["deep paths", 5_000, (n) => event("mkdir", `/srv/${"d/".repeat(n % 1_900)}${word(n)}`)],
    ["deep paths that fork everywhere", 20_000, (_, random) => create(forkedPath(random, 4))],
    ["denied names", 200_000, (n) => event("open", `/srv/${word(n)}`, { result: "EACCES", wantsCreate: true })],
    ["renames to new names", 100_000, (n) => event("rename", `/srv/${word(n)}`, { path2: `/srv/x/${word(n + 1)}` })],
    [
      "executables of random name",
      30_000,
      (n) => create("/srv/x", { process: { pid: n, uid: n, gid: 0, comm: "x", exe: `/srv/${word(n)}` } }),
    ],
    [
      "mounts without number",
      5_000,
      (n) => create(`/srv/${word(n)}/x`, { mount: { target: `/srv/${word(n)}`, fsType: "ext4", readOnly: false } }),
    ],
  ])("%s", { timeout: 120_000 }, (_, count, make) => {
    const { fold, records } = foldAll(flood(count, make));
    expect(fold.held.nodes).toBeLessThanOrEqual(20_000);
    expect(fold.held.contents).toBeLessThanOrEqual(200_000);
    expect(records.length).toBeLessThan(20_000);
    expect(
      Math.max(...records.map(({ by, uids, movesTo }) => by.length + uids.length + movesTo.length)),
    ).toBeLessThanOrEqual(96);
  });

  test("100,000 files are one line, in any number of directories", () => {
    expect(pathsOf(flood(100_000, (n) => create(`/srv/cache/${word(n % 300)}/${word(n)}`)))).toEqual([
      "/srv/cache/*/*",
    ]);
  });

  test(
    "a directory that is renamed to and fro with much in it ends with a reason, not with a stall",
    { timeout: 120_000 },
    () => {
      const content = [event("mkdir", "/srv/a"), ...names(5_000, "/srv/a/f").map((path) => create(path))];
      const { fold } = foldAll([
        ...content,
        ...Array.from({ length: 300 }, (_, n) =>
          event("rename", n % 2 === 0 ? "/srv/a" : "/srv/b", { path2: n % 2 === 0 ? "/srv/b" : "/srv/a" }),
        ),
      ]);
      expect(fold.incomplete()).toEqual(["directories were renamed too often to follow their content"]);
    },
  );

  test("what cannot be kept apart is said", () => {
    const { fold, records } = foldAll(
      flood(20_000, (_, random) => create(forkedPath(random, 2))),
      { limits: { names: { shipped: 200, dirs: 40, others: 40 }, nodes: 50, depth: 48 } },
    );
    expect(records.length).toBeLessThanOrEqual(50);
    expect(fold.incomplete()).toEqual(["more different paths were written than can be kept apart"]);
  });

  test("ordinary runs are complete", () => {
    expect(foldAll(names(1_000, "/srv/f").map((path) => create(path))).fold.incomplete()).toEqual([]);
  });
});

function started(exe: string): WriteEvent {
  return event("exec", "/bin/busybox", { process: { pid: 1, uid: 0, gid: 0, comm: "x", exe } });
}

test("a program that starts others when it is time leaves things unobserved, and that is said", () => {
  expect(foldAll([started("/usr/sbin/crond"), started("/usr/bin/cronjob-report")]).fold.incomplete()).toEqual([
    "it runs crond: jobs that were not due meanwhile were not observed (--exec can run them)",
  ]);
});
