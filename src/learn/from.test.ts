import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { IMAGE_TREE, learnedRun } from "../../test/support/learned-run.ts";
import { openRecording } from "../sensor/recording.ts";
import { deriveStrategy } from "../strategy/derive.ts";
import { learnFrom } from "./from.ts";
import type { Learned } from "./learned.ts";
import { writeProfile } from "./profile-file.ts";
import { writeLearned } from "./write-learned.ts";

const folder = mkdtempSync(join(tmpdir(), "petrify-from-"));
afterAll(() => rmSync(folder, { recursive: true }));

const NOBODY_HAS_IT = async (): Promise<undefined> => undefined;

async function profileOf(run: string, paths: readonly string[]): Promise<string> {
  mkdirSync(join(folder, run));
  return (await writeLearned(learnedRun("app", paths), join(folder, run))).profileFile;
}

function mountsOf(learned: Learned): readonly string[] {
  return deriveStrategy({ ...learned, profileReference: { file: "-", sha256: "" } }).entries.map(({ path }) => path);
}

test("a profile alone gives the strategy again, without secrets", async () => {
  const learned = await learnFrom([await profileOf("alone", ["/srv/a/x"])], NOBODY_HAS_IT);
  expect(mountsOf(learned)).toEqual(["/srv/a"]);
  expect(learned.workload.env).toEqual(["TOKEN"]);
});

test("runs are merged, and what neither asked of the image is asked of the engine", async () => {
  const files = [await profileOf("one", ["/srv/a/x", "/srv/b/x"]), await profileOf("two", ["/srv/c/x"])];
  const united = await learnFrom(files, async () => IMAGE_TREE);
  expect(united.profile.records.map(({ path }) => path)).toEqual(["/srv/a/x", "/srv/b/x", "/srv/c/x"]);
  expect(mountsOf(united)).toEqual(mountsOf(learnedRun("app", ["/srv/a/x", "/srv/b/x", "/srv/c/x"])));
});

test("what is missing is said", async () => {
  const { subject: _subject, ...old } = learnedRun("old", ["/srv/a/x"]).profile;
  const older = join(folder, "old.profile.ndjson.zst");
  await writeProfile(older, old);
  await expect(learnFrom([older], NOBODY_HAS_IT)).rejects.toMatchObject({ code: "E_PROFILE_INVALID" });

  const poor = join(folder, "poor.profile.ndjson.zst");
  const { workload, image, test: how } = learnedRun("app", []);
  await writeProfile(poor, {
    ...learnedRun("app", ["/srv/a/x"]).profile,
    subject: { workload, image, test: how, tree: [] },
  });
  await expect(learnFrom([poor], NOBODY_HAS_IT)).rejects.toMatchObject({
    code: "E_IMAGE_NOT_FOUND",
    message: expect.stringContaining("/srv") as string,
  });

  const events = join(folder, "events.ndjson");
  await (await openRecording(events)).close();
  await expect(learnFrom([events], NOBODY_HAS_IT)).rejects.toMatchObject({ code: "E_RECORDING_INVALID" });

  const other = await profileOf("other", ["/srv/a/x"]);
  const stranger = (await writeLearned(learnedRun("stranger", ["/srv/a/x"]), folder)).profileFile;
  await expect(learnFrom([other, stranger], NOBODY_HAS_IT)).rejects.toMatchObject({ code: "E_PROFILE_MISMATCH" });
});
