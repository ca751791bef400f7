import type { AuditedContainer } from "../audit/container.ts";
import type { AuditReport } from "../audit/report.ts";
import { FreeNames } from "../export/kubernetes/names.ts";
import type { Learned } from "../learn/learned.ts";
import type { Session } from "../learn/session.ts";
import type { TestPlan } from "../learn/test-plan.ts";
import { PetrifyError } from "../model/errors.ts";
import { NO_SETTINGS, type Workload } from "../model/workload.ts";
import type { AuditFlags } from "./audit-flags.ts";
import { interruption } from "./cleanup.ts";
import { saveAll } from "./learn-request.ts";
import { withSession } from "./session.ts";
import { testPlan } from "./test-options.ts";

/** Some containers, and how they are learned: a Compose project in a copy of it, another container by its image. */
interface Lesson {
  readonly about: string;
  readonly learn: (session: Session, plan: TestPlan) => Promise<readonly Learned[]>;
}

/**
 * Learns what is writable and has no strategy, into the folder of strategies. What cannot be learned is told, and the rest goes
 * on. Resolves with whether there was anything to learn. Throws what opening an engine throws.
 */
export async function learnMissing({ containers, findings }: AuditReport, flags: AuditFlags): Promise<boolean> {
  const writable = new Set(
    findings
      .filter(({ rule }) => rule === "read-only-root")
      .map(({ source, workload, container }) => JSON.stringify([source.name, workload, container])),
  );
  const missing = containers.filter(
    ({ source, workload, container, strategy }) =>
      strategy.standing === "none" && writable.has(JSON.stringify([source.name, workload, container])),
  );
  const lessons = lessonsOf(missing);
  if (lessons.length === 0) return false;
  const { assertWritable } = await import("../learn/write-learned.ts");
  const { strategies: folder = "." } = flags;
  await assertWritable(folder);
  const plan = testPlan({ probe: true, sensor: "auto", ...(flags.test === undefined ? {} : { test: flags.test }) });
  await withSession({}, async (session) => {
    for (const { about, learn } of lessons) {
      session.progress.note(`learning ${about}`);
      try {
        await saveAll(await learn(session, plan), folder, session);
      } catch (error) {
        if (!(error instanceof PetrifyError) || error.code === "E_INTERRUPTED") throw error;
        const { code, message, hint = "" } = error;
        session.progress.note(`not learned: ${about}: ${message}  [${code}] ${hint}`.trimEnd());
      }
    }
  });
  return true;
}

function lessonsOf(missing: readonly AuditedContainer[]): readonly Lesson[] {
  const [projects, others] = [missing.filter(isOfProject), missing.filter((one) => !isOfProject(one))];
  const byFile = [...Map.groupBy(projects, ({ source }) => source.name)].map(([file, containers]): Lesson => {
    const services = containers.map(({ workload }) => workload);
    return {
      about: `${file}: ${services.join(", ")}`,
      learn: async (session, plan) => {
        const { learnCompose } = await import("../learn/compose/learn-compose.ts");
        const learned = await learnCompose(session, { file, services, plan, signal: interruption });
        // What they depend on was started with them, and has its strategy or was not asked for.
        const images = new Set(containers.map(({ settings }) => settings.image?.value));
        return learned.filter(({ workload }) => images.has(undefined) || images.has(workload.image));
      },
    };
  });
  const byImage = distinctRuns(others.flatMap(workloadOf)).map((workload): Lesson => ({
    about: `${workload.image} (${workload.name})`,
    learn: async (session, plan) => {
      const { learnWorkload } = await import("../learn/learn.ts");
      return [await learnWorkload(session, { workload, plan })];
    },
  }));
  return [...byFile, ...byImage];
}

function isOfProject({ source }: AuditedContainer): boolean {
  return source.kind === "compose" && source.name !== "-";
}

/** What is plain of it: image, program, arguments, user, variables with a value, places that start empty. */
function workloadOf({ workload, container, settings, source }: AuditedContainer): readonly Workload[] {
  const { image, entrypoint, command, user, environment, mounts = [] } = settings;
  if (image === undefined || source.kind === "engine" || source.kind === "image") return [];
  return [
    {
      ...NO_SETTINGS,
      name: fileName(container ?? workload),
      image: image.value,
      ...(entrypoint === undefined ? {} : { entrypoint: entrypoint.value }),
      ...(command === undefined ? {} : { command: command.value }),
      ...(user === undefined ? {} : { user: user.value }),
      env: environment?.value.filter((variable) => variable.includes("=")) ?? [],
      capAdd: settings.capAdd?.value ?? [],
      capDrop: settings.capDrop?.value ?? [],
      mounts: mounts
        .filter(({ type, readOnly }) => (type === "volume" || type === "tmpfs") && !readOnly)
        .map(({ target }) => ({ type: "volume", target, readOnly: false })),
    },
  ];
}

/** A name of a manifest is somebody else's: in a file's name only what cannot lead elsewhere stays. */
function fileName(text: string): string {
  return (
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]+/g, "-")
      .replaceAll(/^[-_]+|[-_]+$/g, "")
      .slice(0, 60) || "workload"
  );
}

/** One of each that is run in the same way; the name is that of its files, which no two may share. */
function distinctRuns(all: readonly Workload[]): readonly Workload[] {
  const byRun = new Map(all.map((workload) => [JSON.stringify({ ...workload, name: "" }), workload]));
  const names = new FreeNames();
  return [...byRun.values()].map((workload) => ({ ...workload, name: names.take(workload.name) }));
}
