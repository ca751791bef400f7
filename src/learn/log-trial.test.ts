import { expect, test } from "vitest";
import { learnedRun, written } from "../../test/support/learned-run.ts";
import { PetrifyError } from "../model/errors.ts";
import type { ProfileHeader } from "../model/profile.ts";
import type { LogStream } from "../model/strategy.ts";
import { derivation } from "./derivation.ts";
import type { Learned } from "./learned.ts";
import { tryLogs, untriedLogs } from "./log-trial.ts";

const A = "/srv/a/a.log";
const B = "/srv/b/b.log";
const SIZES: Readonly<Record<string, number>> = { [A]: 100, [B]: 60 };

function run(paths: readonly string[], streams: Partial<Record<LogStream, number>> = {}): Learned {
  const plain = learnedRun("app", []);
  const records = paths.map((path) => ({ ...written(path), readBack: false, survived: false }));
  return {
    ...plain,
    profile: { ...plain.profile, records },
    logged: {
      streams: { stdout: 10, stderr: 0, ...streams },
      files: new Map(paths.map((path) => [path, SIZES[path] ?? 0])),
    },
  };
}

function withHeader(learned: Learned, parts: Partial<ProfileHeader>): Learned {
  const { profile } = learned;
  return { ...learned, profile: { ...profile, header: { ...profile.header, ...parts } } };
}

/** Tries, where a run with links at some paths is what `runs` says; what is not said fails its test. */
async function tried(runs: Readonly<Record<string, Learned>>, before = run([A, B])) {
  const made: string[] = [];
  const learn = async (links: readonly { readonly path: string }[]): Promise<Learned> => {
    const key = links.map(({ path }) => path).join(" ");
    made.push(key);
    const result = runs[key];
    if (result === undefined) throw new PetrifyError("E_TEST_FAILED", "It failed.");
    return result;
  };
  const result = await tryLogs(before, { learn, note: () => {} });
  return { made, notes: result.notes, kept: derivation(result).strategy.logs?.map(({ path }) => path) ?? [] };
}

test("what arrives is kept, in one run", async () => {
  expect(await tried({ [`${A} ${B}`]: run([], { stdout: 168 }) })).toEqual({
    made: [`${A} ${B}`],
    notes: [],
    kept: [A, B],
  });
});

test("what does not arrive is found out, also beside what does", async () => {
  const { made, notes, kept } = await tried({
    [`${A} ${B}`]: run([], { stdout: 110 }),
    [A]: run([], { stdout: 110 }),
    [B]: run([], { stdout: 10 }),
  });
  expect(made).toEqual([`${A} ${B}`, A, B, A]);
  expect(notes).toEqual([
    `${B} was tried as a link to the container's log and not kept: what is written to it does not arrive, as for a program that may not open it`,
  ]);
  expect(kept).toEqual([A]);
});

test.each([
  ["the test fails with it", undefined],
  ["the program puts a file in its place", run([A], { stdout: 110 })],
  ["something else is written with it", run(["/srv/c/a.log"], { stdout: 110 })],
  ["what is written to it does not arrive, as for a program that may not open it", run([], { stderr: 100 })],
])("not kept: %s", async (because, result) => {
  const { notes, kept } = await tried(result === undefined ? {} : { [A]: result }, run([A]));
  expect(kept).toEqual([]);
  expect(notes).toEqual([`${A} was tried as a link to the container's log and not kept: ${because}`]);
});

test("what was empty is not tried: nothing would show that it arrives", async () => {
  const before = run([A, B]);
  const logged = { streams: { stdout: 10, stderr: 0 }, files: new Map([[A, 100]]) };
  expect(await tried({ [A]: run([], { stdout: 110 }) }, { ...before, logged })).toEqual({
    made: [A],
    notes: [
      `${B} was not tried as a link to the container's log: nothing was written to it, so nothing would show whether it arrives`,
    ],
    kept: [A],
  });
});

test.each<[string, (learned: Learned) => Learned]>([
  ["its calls were not all seen", (one) => withHeader(one, { sensor: "diff" })],
  ["something was not observed or not tested", (one) => withHeader(one, { incomplete: ["events were lost"] })],
  ["a terminal has only one stream", (one) => ({ ...one, workload: { ...one.workload, tty: true } })],
])("nothing is tried, and that is told: %s", async (because, change) => {
  expect(await tried({}, change(run([A])))).toEqual({
    made: [],
    notes: [`no log file was tried as a link to the container's log: ${because}`],
    kept: [],
  });
});

test("nothing runs where there is no such file", async () => {
  expect(await tried({}, run(["/srv/a/data"]))).toEqual({ made: [], notes: [], kept: [] });
  expect(untriedLogs(run(["/srv/a/data"]))).toEqual([]);
});

test("what was not tried is told", () => {
  expect(untriedLogs(run([A]))).toEqual([
    `learn with --logs-to-stdout, and the container's log may take what is written to ${A}`,
  ]);
});
