import { describe, expect, test } from "vitest";
import { deriveStrategy, type DeriveInput } from "./derive.ts";
import { formatStrategy, parseStrategy } from "./file.ts";
import { logCandidates } from "./log-candidates.ts";
import { logLinks } from "./log-links.ts";
import { changed, file, inputOf, linesOf, passing, readBack, type World } from "./testing/world.ts";

const DIRECTORY = "/var/log/app/ 0750 7:4";
const ACCESS = file("/var/log/app/access.log");
const ERROR = file("/var/log/app/error.log");

function foundIn(world: World): readonly string[] {
  return logCandidates(inputOf({ tree: [DIRECTORY], ...world })).map(({ path, stream }) => `${path} ${stream}`);
}

test("what is only appended to may be a link, errors to stderr", () => {
  expect(foundIn({ records: [ERROR, ACCESS] })).toEqual([
    "/var/log/app/access.log stdout",
    "/var/log/app/error.log stderr",
  ]);
});

function tried(world: World): DeriveInput {
  const input = inputOf(world);
  return { ...input, logs: logCandidates(input) };
}

const NOT_LINKED: Readonly<Record<string, World>> = {
  "a file that is read back": { records: [readBack("/var/log/app/x.log", { done: ["open", "write"] })] },
  "a file that is removed": { records: [passing("/var/log/app/x.log")] },
  "a file that is cut": { records: [file("/var/log/app/x.log", { done: ["open", "truncate", "write"] })] },
  "a file that is rotated": {
    records: [file("/var/log/app/x.log", { done: ["open", "rename", "write"], movesTo: ["/var/log/app/x.log.1"] })],
  },
  "a file that something is renamed to": {
    records: [ACCESS, file("/var/log/app/new", { done: ["open", "rename", "write"], movesTo: [ACCESS.path] })],
  },
  "a file of which an operation failed": {
    records: [file("/var/log/app/x.log", { failed: [{ operation: "open", errno: "EACCES" }] })],
  },
  "records with a format of their own": { records: [file("/var/log/app/wtmp")] },
  "names that vary": { records: [file("/var/log/app/*.log")] },
  "a file with content of the image's": {
    tree: [DIRECTORY, "/var/log/app/x.log 0644 0:0 5"],
    records: [changed("/var/log/app/x.log")],
  },
  "a name that a Dockerfile would read otherwise": { records: [file("/var/log/app/a\nRUN x\n.log")] },
  "a name that is not UTF-8": { records: [file("/var/log/app/\uFFFD.log")] },
  "a directory that the image lacks": { records: [file("/var/log/other/x.log")] },
  "a log among data": { tree: ["/srv/app/"], records: [readBack("/srv/app/data"), file("/srv/app/x.log")] },
  "a mount of the user's": {
    records: [ACCESS],
    workload: { mounts: [{ type: "tmpfs", target: "/var/log/app", readOnly: false }] },
  },
  "a run with a terminal": { records: [ACCESS], workload: { tty: true } },
  "a run that was not seen completely": { records: [ACCESS], incomplete: ["events were lost"] },
};
test.each(Object.entries(NOT_LINKED))("no link: %s", (_name, world) => expect(foundIn(world)).toEqual([]));

test("no link by a sensor that does not see every call", () => {
  const input = inputOf({ tree: [DIRECTORY], records: [ACCESS] });
  const header = { ...input.profile.header, sensor: "diff" as const };
  expect(logCandidates({ ...input, profile: { ...input.profile, header } })).toEqual([]);
});

describe("a strategy with logs", () => {
  const WORLD: World = { tree: [DIRECTORY, "/var/log/app/access.log 0640 7:4 0"], records: [ACCESS, ERROR] };

  test("has a mount that starts with the links", () => {
    const strategy = deriveStrategy(tried(WORLD));
    expect(linesOf(strategy)).toEqual([
      "seeded /var/log/app 64MiB 0750 7:4 | daemon writes access.log and error.log: log files; it starts with links for access.log and error.log.",
    ]);
    expect(logLinks(strategy)).toEqual([
      { path: "/var/log/app/access.log", target: "/dev/stdout", mount: "/var/log/app" },
      { path: "/var/log/app/error.log", target: "/dev/stderr", mount: "/var/log/app" },
    ]);
  });

  test("says why in a sentence, however many logs there are", () => {
    const records = Array.from("abcdefghijklmnopqrstuvwxyz", (letter) =>
      file(`/var/log/app/${letter.repeat(200)}.log`),
    );
    const strategy = deriveStrategy(tried({ ...WORLD, records }));
    expect(strategy.logs).toHaveLength(26);
    expect(parseStrategy(formatStrategy(strategy), "x.yaml")).toEqual(strategy);
  });

  test("forgets one that a later run shows to be more than a log", () => {
    const { logs = [] } = tried(WORLD);
    const later = inputOf({ ...WORLD, records: [readBack(ACCESS.path), ERROR] });
    expect(deriveStrategy({ ...later, logs }).logs?.map(({ path }) => path)).toEqual([ERROR.path]);
  });

  test("puts no link into what somebody mounts in place of its mount, or inside", () => {
    const strategy = deriveStrategy(tried(WORLD));
    for (const other of ["/var/log/app", ACCESS.path])
      expect(logLinks(strategy, [other]).map(({ path }) => path)).not.toContain(ACCESS.path);
    expect(logLinks(strategy, ["/var/log", "/srv"])).toHaveLength(2);
  });
});
