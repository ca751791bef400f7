import { expect, test } from "vitest";
import { learnedRun, written } from "../../test/support/learned-run.ts";
import { PetrifyError } from "../model/errors.ts";
import type { Workload } from "../model/workload.ts";
import { derivation } from "./derivation.ts";
import type { Learned } from "./learned.ts";
import { trySettings } from "./settings-trial.ts";

const COMPILED = "/srv/a/__pycache__/x.pyc";
const NODE = "/srv/b/node-compile-cache/x";
const BOTH = [COMPILED, NODE];

function learned(paths: readonly string[]): Learned {
  const run = learnedRun("app", []);
  const records = paths.map((path) => ({ ...written(path), readBack: false, createsItself: false }));
  return { ...run, profile: { ...run.profile, records } };
}

/** Tries, where a run under some variables writes what `runs` says; what is not said fails its test. */
async function tried(runs: Readonly<Record<string, readonly string[]>>, before = BOTH) {
  const made: string[] = [];
  const learn = async ({ env }: Workload): Promise<Learned> => {
    const set = env.filter((one) => !one.startsWith("TOKEN")).map((one) => one.slice(0, one.indexOf("=")));
    made.push(set.join(" "));
    const paths = runs[set.join(" ")];
    if (paths === undefined) throw new PetrifyError("E_TEST_FAILED", "It failed.");
    return learned(paths);
  };
  const result = await trySettings(learned(before), { imageEnv: [], learn, note: () => {} });
  const { entries, settings = [] } = derivation(result).strategy;
  return {
    made,
    notes: result.notes,
    kept: [...entries.map(({ kind, path }) => `${kind} ${path}`), ...settings.map(({ name }) => name)],
  };
}

const PYTHON = "PYTHONDONTWRITEBYTECODE";
const NODE_OFF = "NODE_DISABLE_COMPILE_CACHE";
const TOGETHER = `${PYTHON} ${NODE_OFF}`;

test("what works together takes one run", async () => {
  expect(await tried({ [TOGETHER]: [] })).toEqual({ made: [TOGETHER], notes: [], kept: [NODE_OFF, PYTHON] });
});

test("nothing runs when no setting could save anything", async () => {
  expect(await tried({}, ["/srv/c/x"])).toMatchObject({ made: [], kept: ["volume /srv/c"] });
});

test("one that changes nothing is dropped, and the rest proved without it", async () => {
  const { made, notes, kept } = await tried({ [TOGETHER]: [NODE], [PYTHON]: [NODE] });
  expect(made).toEqual([TOGETHER, PYTHON]);
  expect(notes).toEqual([`${NODE_OFF}=1 was tried and not kept: the same is written with it`]);
  expect(kept).toEqual(["volume /srv/b", PYTHON]);
});

test("when the test fails, each is tried alone", async () => {
  const { made, notes, kept } = await tried({ [PYTHON]: [NODE] });
  expect(made).toEqual([TOGETHER, PYTHON, NODE_OFF, PYTHON]);
  expect(notes).toEqual([`${NODE_OFF}=1 was tried and not kept: the test fails with it`]);
  expect(kept).toEqual(["volume /srv/b", PYTHON]);
});

test("when only both together fail, neither is kept", async () => {
  const { notes, kept } = await tried({ [PYTHON]: [NODE], [NODE_OFF]: [COMPILED] });
  expect(notes).toHaveLength(2);
  expect(kept).toEqual(["deny /srv/a/__pycache__/*", "volume /srv/b"]);
});

test("what makes something else be written is not kept", async () => {
  const { notes, kept } = await tried({ [PYTHON]: ["/srv/c/other"] }, [COMPILED]);
  expect(notes).toEqual([`${PYTHON}=1 was tried and not kept: something else is written with it`]);
  expect(kept).toEqual(["deny /srv/a/__pycache__/*"]);
});

test("a run that was not seen completely proves nothing", async () => {
  const before = learned([COMPILED]);
  const result = await trySettings(before, {
    imageEnv: [],
    note: () => {},
    learn: async () => {
      const run = learned([]);
      return {
        ...run,
        profile: { ...run.profile, header: { ...run.profile.header, incomplete: ["events were lost"] } },
      };
    },
  });
  expect(result.settings).toBeUndefined();
  expect(result.profile).toBe(before.profile);
});
