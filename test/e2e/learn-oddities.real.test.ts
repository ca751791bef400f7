import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureImage } from "../../demo/images/build.ts";
import { corpusWorkload } from "../../demo/corpus.ts";
import { plainWorkload } from "../../demo/workloads.ts";
import { startEmbeddedEngine } from "../../src/engine/embedded/start.ts";
import { learnWorkload } from "../../src/learn/learn.ts";
import type { Learned } from "../../src/learn/learned.ts";
import { Session, SILENT } from "../../src/learn/session.ts";
import type { TestPlan } from "../../src/learn/test-plan.ts";
import { writeLearned } from "../../src/learn/write-learned.ts";
import type { PathRecord, Profile } from "../../src/model/profile.ts";
import type { Workload } from "../../src/model/workload.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { verifyStrategy } from "../../src/verify/verify.ts";
import { type PrivateEngine, startPrivateEngine } from "../support/private-engine.ts";
import {
  CRASHES,
  EXITS_AT_ONCE,
  FILLS_ITS_DISK,
  FLOODS,
  KEEPS_STATE,
  MANY_FILES,
  type Oddity,
  ROUNDABOUT_PATHS,
  SHORT_PROCESSES,
} from "./images/oddities.ts";

/** Building the base images and 100,000 files, on a busy machine. */
const TIMEOUT_MS = 300_000;
const PLAN: TestPlan = { readyTimeoutMs: 60_000, timeoutMs: 60_000 };
/** Without a test, learn waits for quiet; these are quiet once they are up. */
const BRIEFLY: TestPlan = { ...PLAN, forMs: 100 };
/** Without a test, learn stops what still runs after a moment; these are to end by themselves. */
const UNTIL_IT_ENDS: TestPlan = { ...PLAN, forMs: TIMEOUT_MS / 2 };

let shared: PrivateEngine;
let session: Session;
let folder: string;
beforeAll(async () => {
  // The clients of the functional tests are TypeScript.
  process.env["PATH"] = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  folder = await mkdtemp(join(tmpdir(), "petrify-oddities-"));
  shared = await startPrivateEngine();
  session = new Session(await startEmbeddedEngine({ cacheDir: shared.cacheDir }), SILENT);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await shared.stop();
  await rm(folder, { recursive: true, force: true });
});

async function learn({ recipe, tmpfs, expected }: Oddity): Promise<Learned> {
  const image = await ensureImage(session.engine, recipe, { onProgress: () => {} });
  const mounts = Object.entries(tmpfs ?? {}).map(
    ([target, options]) => ({ type: "tmpfs", target, options, readOnly: false }) as const,
  );
  const plan = expected.exitCode === undefined ? BRIEFLY : UNTIL_IT_ENDS;
  return learnWorkload(session, { workload: { ...plainWorkload(recipe.name, image), mounts }, plan });
}

test.for([
  ["ignores its stop signal", ["/bin/sleep", "600"], 1],
  ["ends at its stop signal", ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"], 0],
] as const)(
  "that it was killed is said of a container that %s",
  { timeout: TIMEOUT_MS },
  async ([, command, notes]) => {
    const image = await ensureImage(session.engine, KEEPS_STATE.recipe, { onProgress: () => {} });
    const workload = { ...plainWorkload("stops", image), command, stopTimeoutSeconds: 1 };
    const learned = await learnWorkload(session, { workload, plan: BRIEFLY });
    expect(learned.notes.filter((note) => note.includes("was killed"))).toHaveLength(notes);
  },
);

describe("a profile of an image that", () => {
  test.for([
    ["exits at once", EXITS_AT_ONCE],
    ["crashes", CRASHES],
    ["writes 100,000 files", MANY_FILES],
    ["fills its disk", FILLS_ITS_DISK],
    ["takes roundabout paths", ROUNDABOUT_PATHS],
    ["forks 1,000 short processes", SHORT_PROCESSES],
    ["floods", FLOODS],
  ] as const)("%s", { timeout: TIMEOUT_MS }, async ([, oddity]) => {
    const { profile } = await learn(oddity);
    const { coverage, loss, incomplete } = profile.header;
    const { expected } = oddity;
    expect(coverage.phases[0]?.exitedEarly).toBe(expected.exitCode);
    expect(shortcomings(profile, oddity)).toEqual([]);

    const lost = Object.values(loss).some((count) => count > 0);
    expect(lost && expected.mayLose !== true).toBe(false);
    const [exits, losses] = [true, false].map((exit) => incomplete.filter((why) => why.includes("exit code") === exit));
    expect(losses?.length !== 0).toBe(lost);
    expect(exits?.length !== 0).toBe(expected.exitCode !== 0);
  });
});

async function harden(
  learned: Learned,
  workload: Workload,
  plan: TestPlan,
): Promise<{ readonly volumes: readonly string[]; readonly verdict: Verdict }> {
  const { strategy } = await writeLearned(learned, folder);
  const { verdict } = await verifyStrategy(session, {
    strategy,
    baseline: learned.profile,
    plan,
    minimal: false,
    environment: {},
  });
  return { volumes: strategy.entries.filter(({ kind }) => kind === "volume").map(({ path }) => path), verdict };
}

/** What the profile should say and does not, or the other way round. */
function shortcomings({ records }: Profile, { expected }: Oddity): readonly string[] {
  const at = (path: string): PathRecord | undefined => records.find((record) => record.path === path);
  return [
    ...expected.done
      .filter(({ path, operation }) => at(path)?.done.includes(operation) !== true)
      .map(({ path, operation }) => `no ${operation} of ${path}`),
    ...(expected.failed ?? [])
      .filter(
        ({ path, operation, errno }) => !at(path)?.failed.some((f) => f.operation === operation && f.errno === errno),
      )
      .map(({ path, operation, errno }) => `no ${operation} of ${path} that failed with ${errno}`),
    ...(expected.absent ?? []).filter((path) => at(path) !== undefined).map((path) => `${path} is there`),
  ];
}

describe("state", () => {
  test("of a script that reads it back lands in a volume", { timeout: TIMEOUT_MS }, async () => {
    const learned = await learn(KEEPS_STATE);
    const image = learned.profile.header.image.reference;
    const { volumes, verdict } = await harden(learned, plainWorkload(KEEPS_STATE.recipe.name, image), BRIEFLY);
    expect(volumes).toEqual(["/srv/state"]);
    expect(verdict).toMatchObject({ outcome: "passed", regressions: [] });
  });

  test(
    "of mosquitto, which it writes only when it is stopped, lands in a volume",
    { timeout: TIMEOUT_MS },
    async () => {
      const { recipe, test: command = "" } = corpusWorkload("mosquitto");
      const workload = plainWorkload(recipe.name, await ensureImage(session.engine, recipe, { onProgress: () => {} }));
      const plan = { ...PLAN, command };
      const { volumes, verdict } = await harden(await learnWorkload(session, { workload, plan }), workload, plan);
      expect(volumes).toEqual(["/var/lib/mosquitto"]);
      expect(verdict).toMatchObject({ outcome: "passed", regressions: [] });
    },
  );
});
