import { describe, expect, test } from "vitest";
import { learnedRun } from "../../test/support/learned-run.ts";
import { derivation } from "./derivation.ts";
import { learnRepeatedly } from "./repeat.ts";

/** Each run writes what its place in the list says; the last one is repeated. */
function runsOf(...paths: readonly (readonly string[])[]) {
  let made = 0;
  return {
    learn: async () => learnedRun("app", paths[Math.min(made++, paths.length - 1)] ?? []),
    made: () => made,
  };
}

describe("until stable", () => {
  test("it ends when so many runs in a row changed nothing, and tells what each added", async () => {
    const { learn, made } = runsOf(["/srv/a/x"], ["/srv/a/x", "/srv/b/y"], ["/srv/b/y"]);
    const learned = await learnRepeatedly(learn, { runs: 10, untilUnchanged: 2 });
    expect(made()).toBe(4);
    expect(learned.runs).toEqual([
      { newPaths: 1, changedStrategy: true },
      { newPaths: 1, changedStrategy: true },
      { newPaths: 0, changedStrategy: false },
      { newPaths: 0, changedStrategy: false },
    ]);
    expect(derivation(learned).strategy.entries.map(({ path }) => path)).toEqual(["/srv/a", "/srv/b"]);
    expect(learned.profile.header.incomplete).toEqual([]);
  });

  test("a new name where everything may be written already is no news", async () => {
    const { learn, made } = runsOf(["/srv/a/x"], ["/srv/a/y"], ["/srv/a/z"]);
    const learned = await learnRepeatedly(learn, { runs: 10, untilUnchanged: 2 });
    expect(made()).toBe(3);
    expect(learned.runs?.map(({ newPaths }) => newPaths)).toEqual([1, 1, 1]);
  });

  test("what never settles is never called complete", async () => {
    let count = 0;
    const places = ["/srv/a/x", "/srv/b/x", "/srv/c/x"];
    const learn = async () => learnedRun("app", [places[count++] ?? ""]);
    const learned = await learnRepeatedly(learn, { runs: 3, untilUnchanged: 1 });
    expect(learned.profile.header.incomplete).toEqual([
      "its strategy was not stable after 3 runs: too few in a row added nothing",
    ]);
  });
});

test("a number of runs is made in full, however soon nothing is new", async () => {
  const { learn, made } = runsOf(["/srv/a/x"]);
  const learned = await learnRepeatedly(learn, { runs: 4 });
  expect(made()).toBe(4);
  expect(learned.profile.header.incomplete).toEqual([]);
});

test("a run that fails fails the whole", async () => {
  let count = 0;
  const learn = async () => {
    if (++count === 2) throw new Error("died");
    return learnedRun("app", []);
  };
  await expect(learnRepeatedly(learn, { runs: 3 })).rejects.toThrow("died");
});
