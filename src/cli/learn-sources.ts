import { setTimeout as sleep } from "node:timers/promises";
import { PetrifyError } from "../model/errors.ts";
import { parseDuration } from "../model/units.ts";
import { interruption, takeSignals } from "./cleanup.ts";
import { learnImage } from "./learn-image.ts";
import { type LearnRequest, type Result, save, saveAll } from "./learn-request.ts";
import { withSession } from "./session.ts";
import { testPlan } from "./test-options.ts";

/** Where knowledge of a workload comes from. */
export interface Source {
  /** Absent: an image, the source that needs no flag. */
  readonly flag?: "from" | "container" | "all" | "during" | "compose";
  readonly usage: string;
  readonly help: string;
  /** Options that have a meaning with it. */
  readonly takes: readonly string[];
  /** Its result is one workload, whatever is asked for. */
  readonly givesOne: boolean;
  readonly learn: (request: LearnRequest) => Promise<readonly Result[]>;
}

const OUTPUT = ["out", "json", "report"] as const;
const ENGINE = ["host", "context"] as const;

export const SOURCES: readonly Source[] = [
  {
    usage: "[options] IMAGE [-- COMMAND...]",
    help: "",
    takes: [],
    givesOne: true,
    learn: learnImage,
  },
  {
    flag: "container",
    usage: "--container NAME... [--for DURATION]",
    help: "observe containers that exist, and those that replace them, until Ctrl-C; none is started, stopped or changed",
    takes: [...OUTPUT, ...ENGINE, "for"],
    givesOne: false,
    learn: observeContainers,
  },
  {
    flag: "all",
    usage: "--all [--for DURATION]",
    help: "observe every container that runs, or is made or started meanwhile, as --container does",
    takes: [...OUTPUT, ...ENGINE, "for"],
    givesOne: false,
    learn: observeContainers,
  },
  {
    flag: "during",
    usage: "--during -- COMMAND [ARGS...]",
    help: "run a command, and learn every container that is started meanwhile; its exit code counts as the test",
    takes: [...OUTPUT, ...ENGINE],
    givesOne: false,
    learn: learnDuring,
  },
  {
    flag: "compose",
    usage: "--compose FILE [SERVICE...] [--test COMMAND]",
    help: "learn the services of a Compose project in a copy of it: own volumes, no published ports",
    takes: [...OUTPUT, ...ENGINE, "test", "for", "ready-timeout", "test-timeout"],
    givesOne: false,
    learn: learnProject,
  },
  {
    flag: "from",
    usage: "--from RECORDING|PROFILE... [--out FOLDER]",
    help: "derive again from recordings and profiles, without running anything, and merge them",
    takes: [...OUTPUT, ...ENGINE],
    givesOne: true,
    learn: deriveAgain,
  },
];

async function observeContainers({ operands, flags }: LearnRequest): Promise<readonly Result[]> {
  if (flags.all !== true && operands.length === 0)
    throw new PetrifyError("E_USAGE", "--container needs the name of a container.", {
      hint: "petrify learn --container NAME, or --all.",
    });
  if (flags.all === true && operands.length > 0)
    throw new PetrifyError("E_USAGE", "--all takes no names.", {
      hint: `petrify learn --container ${operands.join(" ")}`,
    });
  const forMs = flags.for === undefined ? undefined : parseDuration(flags.for);
  const { observeExisting } = await import("../learn/observe/observe-existing.ts");
  return withSession(flags, async (session) => {
    const stopped = Promise.withResolvers<void>();
    // What has been seen is worth its strategy: the signal ends the observation, not the command.
    using _ = takeSignals(() => {
      session.progress.note("Ending the observation and writing what was seen.");
      stopped.resolve();
    });
    const until = async (): Promise<void> => {
      const over = forMs === undefined ? [] : [sleep(forMs, undefined, { ref: false })];
      await Promise.race([stopped.promise, ...over]);
    };
    const containers = flags.all === true ? "all" : operands;
    const learned = await observeExisting(session, { containers, folder: flags.out, until });
    return saveAll(learned, flags.out, session);
  });
}

async function learnDuring({ operands: command, flags }: LearnRequest): Promise<readonly Result[]> {
  if (command.length === 0)
    throw new PetrifyError("E_USAGE", "--during needs a command.", {
      hint: "petrify learn --during -- sh -c 'docker compose up -d && ./test.sh'",
    });
  const { observeDuring } = await import("../learn/observe/observe-during.ts");
  return withSession(flags, async (session) => {
    let interrupted = false;
    let forward: ((name: NodeJS.Signals) => void) | undefined;
    // The command ends at the signal, in its own way; what was seen until then is written.
    using _ = takeSignals((name) => {
      interrupted = true;
      // A terminal sends its signals to the command, too, and a second one would cut its ending short.
      if (!process.stdin.isTTY) forward?.(name);
    });
    const learned = await observeDuring(session, {
      command,
      wasInterrupted: () => interrupted,
      onStarted: (signal) => (forward = signal),
    });
    return saveAll(learned, flags.out, session);
  });
}

async function learnProject({ operands: [file, ...services], flags }: LearnRequest): Promise<readonly Result[]> {
  if (file === undefined)
    throw new PetrifyError("E_USAGE", "--compose needs a Compose file.", {
      hint: "petrify learn --compose docker-compose.yaml [SERVICE...]",
    });
  const plan = testPlan(flags);
  const { learnCompose } = await import("../learn/compose/learn-compose.ts");
  return withSession(flags, async (session) =>
    saveAll(await learnCompose(session, { file, services, plan, signal: interruption }), flags.out, session),
  );
}

async function deriveAgain({ operands, flags }: LearnRequest): Promise<readonly Result[]> {
  if (operands.length === 0)
    throw new PetrifyError("E_USAGE", "--from needs a recording or a profile.", {
      hint: "petrify learn --from NAME.profile.ndjson.zst",
    });
  const { learnFrom } = await import("../learn/from.ts");
  // An engine is looked for only when the files do not suffice; one that cannot be had does not make them worth less.
  const content = async (imageId: string) =>
    withSession(flags, async (session) => {
      const image = await session.engine.image(imageId);
      return image === undefined ? undefined : session.imageTree(image);
    }).catch(() => undefined);
  return [await save(await learnFrom(operands, content), flags.out)];
}
