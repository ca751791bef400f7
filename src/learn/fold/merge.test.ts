import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NO_LOSS, OPERATIONS, type FileType } from "../../model/event.ts";
import type { TreeAnswer } from "../../model/image.ts";
import type { PathRecord, PhaseOutcome, Profile, ProfileHeader, Subject } from "../../model/profile.ts";
import { NO_SETTINGS } from "../../model/workload.ts";
import { mergeProfiles } from "./merge.ts";

const HEADER: ProfileHeader = {
  name: "app",
  image: { reference: "app:1", id: "sha256:0", repoDigests: [] },
  sensor: "bpf",
  engine: { kind: "docker", runtime: "runc" },
  incomplete: [],
  loss: NO_LOSS,
  coverage: { phases: [], listening: [] },
};

function sortedSet<T extends string | number>(values: readonly T[]): fc.Arbitrary<readonly T[]> {
  return fc.subarray([...values]).map((chosen) => chosen.toSorted((a, b) => (a < b ? -1 : 1)));
}

const failures = fc
  .subarray(["EACCES", "EROFS", "ENOENT"])
  .map((errnos) => errnos.toSorted().map((errno) => ({ operation: "open" as const, errno })));
const flag = fc.boolean();

const record: fc.Arbitrary<PathRecord> = fc.record(
  {
    path: fc.constantFrom("/a", "/b", "/b/*", "/c"),
    mount: fc.constantFrom("/", "/b", "/c"),
    mountType: fc.constantFrom("overlay", "tmpfs"),
    type: fc.constantFrom<FileType>("file", "dir", "socket", "other"),
    done: sortedSet([...OPERATIONS].slice(0, 5)),
    failed: failures,
    by: sortedSet(["/bin/sh", "/usr/sbin/app"]),
    uids: sortedSet([0, 5, 33, 100]),
    created: flag,
    createsItself: flag,
    survived: flag,
    readBack: flag,
    renewed: flag,
    regenerated: fc.constant<true>(true),
    executed: flag,
    sizeClassBytes: fc.constantFrom(0, 65_536, 131_072),
    movesTo: sortedSet(["/x", "/y"]),
    owner: fc.record({ uid: fc.constantFrom(0, 33), gid: fc.constantFrom(0, 33), mode: fc.constantFrom(0o644, 0o600) }),
  },
  {
    requiredKeys:
      "path mount mountType type done failed by uids created createsItself survived readBack renewed executed sizeClassBytes movesTo".split(
        " ",
      ) as Exclude<keyof PathRecord, "regenerated">[],
  },
) as fc.Arbitrary<PathRecord>;

const outcome = fc.record(
  {
    phase: fc.constant<"first">("first"),
    test: fc.constantFrom(0, 1),
    exec: fc.constantFrom(0, 2),
    health: fc.constantFrom<"healthy" | "unhealthy" | "none">("healthy", "unhealthy", "none"),
    exitedEarly: fc.constantFrom(0, 137),
  },
  { requiredKeys: ["phase"] },
) as fc.Arbitrary<PhaseOutcome>;

const answer: fc.Arbitrary<TreeAnswer> = fc
  .record({ path: fc.constantFrom("/a", "/b", "/c"), asked: fc.constantFrom("entry", "children", "both") })
  // One image: the answer to one question is always the same.
  .map(({ path, asked }) => ({
    path,
    ...(asked === "children" ? {} : { entry: null }),
    ...(asked === "entry" ? {} : { children: [`of ${path}`] }),
  }));
const settings = sortedSet(["A", "B"]).chain((names) =>
  fc.record({
    list: fc.tuple(
      ...names.map((name) =>
        fc.constantFrom("1", "2").map((value) => ({ kind: "env" as const, name, value, paths: ["/x"], why: "w" })),
      ),
    ),
  }),
);
const subject: fc.Arbitrary<Subject> = fc
  .tuple(
    settings,
    fc.record({
      workload: fc.constantFrom("app:1", "app:2").map((image) => ({ ...NO_SETTINGS, name: "app", image })),
      image: fc.record({ repoTags: sortedSet(["app:1", "app:2"]), volumes: sortedSet(["/data"]) }),
      test: fc.constantFrom<Subject["test"]>({ kind: "none" }, { kind: "healthcheck" }, { kind: "command", exec: "a" }),
      tree: fc
        .uniqueArray(answer, { selector: ({ path }) => path })
        .map((answers) => answers.toSorted((a, b) => (a.path < b.path ? -1 : 1))),
    }),
  )
  .map(([{ list }, rest]) => (list.length === 0 ? rest : { ...rest, settings: list }));

const profile: fc.Arbitrary<Profile> = fc
  .record({
    records: fc.uniqueArray(record, { selector: ({ path }) => path, maxLength: 4 }),
    sensor: fc.constantFrom<ProfileHeader["sensor"]>("bpf", "strace", "diff", "none"),
    incomplete: sortedSet(["io_uring was used", "nothing was tested"]),
    ringFull: fc.constantFrom(0, 1, 7),
    phases: fc.array(outcome, { maxLength: 1 }),
    listening: sortedSet(["80/tcp", "443/tcp"]),
    reference: fc.constantFrom("app:1", "app:2"),
    kind: fc.constantFrom("docker", "podman"),
    subject: fc.option(subject, { nil: undefined }),
  })
  .map((made) => ({
    header: {
      ...HEADER,
      image: { ...HEADER.image, reference: made.reference },
      engine: { ...HEADER.engine, kind: made.kind },
      sensor: made.sensor,
      incomplete: made.incomplete,
      loss: { ...NO_LOSS, ringFull: made.ringFull },
      coverage: { phases: made.phases, listening: made.listening },
    },
    records: made.records.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    ...(made.subject === undefined ? {} : { subject: made.subject }),
  }));

describe("merging is a union", () => {
  test("the order does not matter", () => {
    fc.assert(
      fc.property(profile, profile, (a, b) => {
        expect(mergeProfiles(a, b)).toEqual(mergeProfiles(b, a));
      }),
    );
  });
  test("the grouping does not matter", () => {
    fc.assert(
      fc.property(profile, profile, profile, (a, b, c) => {
        expect(mergeProfiles(mergeProfiles(a, b), c)).toEqual(mergeProfiles(a, mergeProfiles(b, c)));
      }),
    );
  });
  test("merging a profile with itself changes nothing", () => {
    fc.assert(
      fc.property(profile, (a) => {
        expect(mergeProfiles(a, a)).toEqual(a);
      }),
    );
  });
  test("nothing that was seen is lost", () => {
    fc.assert(
      fc.property(profile, profile, (a, b) => {
        const merged = new Map(mergeProfiles(a, b).records.map((one) => [one.path, one]));
        for (const one of [...a.records, ...b.records]) {
          expect(merged.get(one.path)?.done).toEqual(expect.arrayContaining([...one.done]));
          expect(merged.get(one.path)?.failed).toEqual(expect.arrayContaining([...one.failed]));
          expect(merged.get(one.path)?.readBack).toBe(one.readBack || merged.get(one.path)?.readBack);
        }
      }),
    );
  });
});

function phases(outcomes: readonly PhaseOutcome[]): Profile {
  return { header: { ...HEADER, coverage: { phases: outcomes, listening: [] } }, records: [] };
}

test("the worse of two outcomes stays", () => {
  const merged = mergeProfiles(
    phases([{ phase: "restart", test: 0, health: "healthy" }]),
    phases([
      { phase: "first", test: 0 },
      { phase: "restart", test: 3, health: "unhealthy", exitedEarly: 1 },
    ]),
  );
  expect(merged.header.coverage.phases).toEqual([
    { phase: "first", test: 0 },
    { phase: "restart", test: 3, health: "unhealthy", exitedEarly: 1 },
  ]);
});

test.each<[string, ProfileHeader]>([
  ["another image", { ...HEADER, image: { ...HEADER.image, id: "sha256:1" } }],
  ["another workload", { ...HEADER, name: "other" }],
])("%s is another profile", (_, header) => {
  expect(() => mergeProfiles({ header: HEADER, records: [] }, { header, records: [] })).toThrow(
    expect.objectContaining({ code: "E_PROFILE_MISMATCH" }),
  );
});
