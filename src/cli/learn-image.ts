import type { Learned } from "../learn/learned.ts";
import type { RepeatOptions } from "../learn/repeat.ts";
import { PetrifyError } from "../model/errors.ts";
import { type LearnFlags, type LearnRequest, type Result, save } from "./learn-request.ts";
import { withSession } from "./session.ts";
import { testPlan } from "./test-options.ts";

const MOST_RUNS = 100;
/** Where --until-stable does not say more. */
const RUNS_UNTIL_STABLE = 10;
const UNCHANGED_RUNS = 2;

/** `petrify learn IMAGE`: in containers of its own, once or several times. */
export async function learnImage({ command, operands, flags }: LearnRequest): Promise<readonly Result[]> {
  const [image, ...args] = operands;
  if (image === undefined)
    throw new PetrifyError("E_USAGE", "The image is missing.", {
      hint: "petrify learn IMAGE; or --container, --all, --during, --compose or --from, as `petrify learn --help` says.",
    });
  const { learnWorkload } = await import("../learn/learn.ts");
  const { recordRun } = await import("../learn/run-recording.ts");
  const { learnRepeatedly } = await import("../learn/repeat.ts");
  const { trySettings } = await import("../learn/settings-trial.ts");
  const { tryLogs, untriedLogs } = await import("../learn/log-trial.ts");
  const { withSettings } = await import("../strategy/settings.ts");
  const { workload, notes } = command.runRequest(image, args);
  const plan = testPlan(flags);
  const repeat = repetition(flags);
  return withSession(flags, async (session) => {
    for (const note of notes) session.progress.note(note);
    const recording = flags.record === undefined ? undefined : await recordRun(flags.record);
    try {
      const learn = (): Promise<Learned> =>
        learnWorkload(session, {
          workload,
          plan,
          countLog: flags.logsToStdout === true,
          ...(recording === undefined ? {} : { recording }),
        });
      const all =
        repeat === undefined
          ? await learn()
          : await learnRepeatedly(learn, {
              ...repeat,
              onRun: (number, { newPaths, changedStrategy }) =>
                session.progress.note(
                  `run ${number}: ${newPaths} new paths, ${changedStrategy ? "the strategy changed" : "nothing new for the strategy"}`,
                ),
            });
      await recording?.close(all.profile.header.loss);
      const set = flags.env
        ? await trySettings(all, {
            imageEnv: (await session.engine.image(image))?.env ?? [],
            learn: (tried) => learnWorkload(session, { workload: tried, plan }),
            note: (text) => session.progress.note(text),
          })
        : all;
      const underSettings = withSettings(workload, set.settings ?? []);
      const learned = flags.logsToStdout
        ? await tryLogs(set, {
            learn: (links) => learnWorkload(session, { workload: underSettings, plan, links, countLog: true }),
            note: (text) => session.progress.note(text),
          })
        : { ...set, notes: [...set.notes, ...untriedLogs(set)] };
      return [await save(learned, flags.out, session)];
    } catch (error) {
      // Without its end line the recording says that it broke off; the first error is the one that counts.
      await recording?.abort();
      throw error;
    }
  });
}

/** Undefined for the one run that there is without the options. Throws E_USAGE. */
function repetition(flags: LearnFlags): Pick<RepeatOptions, "runs" | "untilUnchanged"> | undefined {
  const { runs, untilStable, record } = flags;
  if (runs === undefined && untilStable === undefined) return undefined;
  if (record !== undefined)
    throw new PetrifyError("E_USAGE", "--record holds one run: it does not go with --runs and --until-stable.", {
      hint: "Record run by run, and merge the recordings: petrify learn --from RECORDING...",
    });
  const most = runs === undefined ? RUNS_UNTIL_STABLE : parseCount(runs, "--runs");
  if (untilStable === undefined) return { runs: most };
  const untilUnchanged = untilStable === true ? UNCHANGED_RUNS : parseCount(untilStable, "--until-stable");
  // The first run always changes it.
  if (most <= untilUnchanged)
    throw new PetrifyError(
      "E_USAGE",
      `In ${most} runs no ${untilUnchanged} in a row can change nothing: the first always does.`,
      {
        hint: `Give --runs a number above that of --until-stable, for example ${untilUnchanged * 2}.`,
      },
    );
  return { runs: most, untilUnchanged };
}

function parseCount(text: string, option: string): number {
  const count = Number(text);
  if (!/^\d{1,3}$/.test(text) || count < 1 || count > MOST_RUNS)
    throw new PetrifyError("E_USAGE", `${option} takes a number from 1 to ${MOST_RUNS}.`);
  return count;
}
