import type { BindMount, ContainerHandle, ContainerLink, ContainerSpec, VolumeMount } from "../engine/engine.ts";
import type { LossCounters, WriteEvent } from "../model/event.ts";
import type { FileTree, ImageFacts } from "../model/image.ts";
import type { Coverage, PathRecord, PhaseName } from "../model/profile.ts";
import type { Workload } from "../model/workload.ts";
import { quoteForTerminal } from "../model/quote.ts";
import type { SensorKind } from "../sensor/sensor.ts";
import { exercise, type Exercised } from "./exercise.ts";
import type { FoldTableRow } from "./fold/fold.ts";
import { incompleteReasons, lossSince } from "./learned.ts";
import { countLogged, type Logged } from "./logged.ts";
import { ownMounts } from "./own-mounts.ts";
import { Recorder, type RunRecording } from "./recorder.ts";
import type { Session } from "./session.ts";
import type { TestPlan } from "./test-plan.ts";
import { lookedUp } from "./tree-slice.ts";

export interface ExperimentOptions {
  readonly workload: Workload;
  readonly image: ImageFacts;
  readonly plan: TestPlan;
  readonly readOnlyRoot: boolean;
  readonly readOnlyPaths?: readonly string[];
  /** On top of the user's own mounts; the same target wins over them. */
  readonly tmpfs: Readonly<Record<string, string>>;
  readonly volumes: readonly VolumeMount[];
  readonly binds: readonly BindMount[];
  /** Symlinks that each container starts with. */
  readonly links?: readonly ContainerLink[];
  /** Tells how much the last container logged. */
  readonly countLog?: boolean;
  /** `restart` starts the first container again, `replace` makes a new one on the same volumes. */
  readonly phases: readonly PhaseName[];
  readonly recording?: RunRecording;
  /** Stops each container as soon as it is up, without a test. */
  readonly startOnly?: true;
  /** Looks at a container when it is up and has not been tested yet, and again when it has. */
  readonly look?: (container: ContainerHandle, phase: PhaseName, when: "up" | "tested") => Promise<void>;
  /** Looks at the last container when all phases are over: it has ended, and is still there. */
  readonly atEnd?: (container: ContainerHandle, seen: SeenAtEnd) => Promise<void>;
  /** Ends the experiment after a phase when it returns true: what follows would prove nothing more. */
  readonly stopAfter?: (exercised: Exercised, records: () => readonly PathRecord[]) => boolean;
}

/** What was folded of all phases. */
export interface SeenAtEnd {
  readonly records: readonly PathRecord[];
  /** Paths of records that the first run made and no later one touched but to read them. */
  readonly madeOnce: ReadonlySet<string>;
  readonly tree: FileTree;
}

export interface Experiment {
  readonly records: readonly PathRecord[];
  readonly table: readonly FoldTableRow[];
  /** Folds, and records, what another run showed beside it. */
  readonly addRefused: (events: readonly WriteEvent[]) => Pick<Experiment, "records" | "table">;
  readonly coverage: Coverage;
  /** The image's content, before the run. */
  readonly tree: FileTree;
  readonly loss: LossCounters;
  readonly sensor: SensorKind;
  /** Sorted: why the recording is not complete. */
  readonly incomplete: readonly string[];
  readonly notes: readonly string[];
  readonly exercised: readonly Exercised[];
  /** The last lines the container printed. */
  readonly logs: string;
  /** With `countLog`. */
  readonly logged?: Logged;
}

const LOG_LINES = 20;

/**
 * Runs a workload in containers of its own, watched from the first instruction on, and folds what it wrote.
 * Everything it made is removed at the end, the volumes named in `options.volumes` too. Throws what engine and sensor throw.
 */
export async function experiment(session: Session, options: ExperimentOptions): Promise<Experiment> {
  const { engine, progress } = session;
  const mounts = await ownMounts(options.workload, session);
  const tree = await session.imageTree(options.image);
  const recorder = new Recorder(session, tree, options.recording);
  const exercised: Exercised[] = [];
  const containers: ContainerHandle[] = [];
  let container: ContainerHandle | undefined;
  const lossBefore = await session.loss();
  let logs = "";
  let logged: Logged | undefined;
  try {
    for (const volume of options.volumes) await makeVolume(session, volume);
    let isBrokenOff = false;
    for (const phase of options.phases) {
      if (container === undefined || phase === "replace") {
        progress.step(`${phase} run: creating the container`);
        container = await session.createObserved(containerSpec(session, options, mounts, phase));
        containers.push(container);
      }
      const current = container;
      await recorder.begin(current, phase);
      const outcome = await exercise(current, phase, {
        session: session.id,
        engine,
        image: options.image,
        workload: options.workload,
        plan: options.plan,
        activity: () => session.delivered,
        writes: () => recorder.writes,
        started: async () => {
          await recorder.endStart();
          await options.look?.(current, phase, "up");
        },
        exec: (...given) => session.exec(...given),
        beforeStop: async () => {
          await session.flush();
          await options.look?.(current, phase, "tested");
        },
        progress: (step) => progress.step(`${phase} run: ${step}`),
        testOutput: (line) => progress.testOutput(line),
        running: (test) => session.running(test),
        ...(options.startOnly === true ? { startOnly: true } : {}),
      });
      exercised.push(outcome);
      progress.step(`${phase} run: reading the totals`);
      await recorder.end(outcome.outcome, listeningOf([outcome]), async (paths) =>
        lookedUp(await engine.tree(current), paths),
      );
      logs = await container.logs(LOG_LINES).catch(() => logs);
      if (options.countLog === true)
        logged = await countLogged(container, await engine.tree(container), recorder.records());
      isBrokenOff = options.stopAfter?.(outcome, () => recorder.records()) === true;
      if (isBrokenOff) break;
    }
    if (container !== undefined && !isBrokenOff)
      await options.atEnd?.(container, { records: recorder.records(), madeOnce: recorder.madeOnce(), tree });
  } finally {
    progress.step("removing the containers");
    for (const made of containers) await made.remove();
    for (const volume of options.volumes) if (volume.name !== undefined) await engine.removeVolume(volume.name);
    await mounts.dispose();
  }
  recorder.close();
  const loss = lossSince(await session.loss(), lossBefore);
  const named = containers[0] === undefined ? undefined : recorder.readBackAt(hostNameOf(containers[0]));
  const outcomes = exercised.map((one) => one.outcome);
  const folded = (): Pick<Experiment, "records" | "table"> => ({
    records: recorder.records(),
    table: recorder.table(),
  });
  return {
    ...folded(),
    addRefused: (events) => {
      recorder.addRefused(events);
      return folded();
    },
    coverage: { phases: outcomes, listening: listeningOf(exercised) },
    tree,
    loss,
    sensor: (await session.openSensor()).kind,
    incomplete: [...new Set([...recorder.incomplete(), ...incompleteReasons(loss, outcomes)])].toSorted(),
    notes: [
      ...mounts.notes,
      ...new Set([...exercised.flatMap((one) => one.notes), ...recorder.notes()]),
      ...(named === undefined ? [] : [namedAfterHost(named)]),
    ],
    exercised,
    logs,
    ...(logged === undefined ? {} : { logged }),
  };
}

/** What an engine calls the host when nobody says: the start of the container's id. */
function hostNameOf({ id }: ContainerHandle): string {
  return id.slice(0, 12);
}

function namedAfterHost(path: string): string {
  return `${quoteForTerminal(path)} is read again after a restart and is named after the container's host name, which is another one in each new container: give --hostname, or its data is not found again`;
}

/** Made before the container, so that it carries the session's label: an engine that makes one by itself gives it none. */
async function makeVolume(session: Session, { name, driver, driverOptions }: VolumeMount): Promise<void> {
  if (name === undefined) return;
  await session.createVolume(name, {
    ...(driver === undefined ? {} : { driver }),
    ...(driverOptions === undefined ? {} : { driverOptions }),
  });
}

function containerSpec(
  session: Session,
  options: ExperimentOptions,
  mounts: {
    readonly binds: readonly BindMount[];
    readonly volumes: readonly VolumeMount[];
    readonly tmpfs: Readonly<Record<string, string>>;
  },
  phase: PhaseName,
): ContainerSpec {
  const given = new Set([
    ...Object.keys(options.tmpfs),
    ...options.volumes.map((v) => v.target),
    ...options.binds.map((b) => b.target),
  ]);
  const free = <T extends { readonly target: string }>(list: readonly T[]): readonly T[] =>
    list.filter((mount) => !given.has(mount.target));
  return {
    workload: asExperiment(options.workload),
    name: `petrify-${options.workload.name}-${phase}-${session.id.slice(-6)}-${++containerNumber}`,
    session: session.id,
    readOnlyRoot: options.readOnlyRoot,
    ...(options.readOnlyPaths === undefined ? {} : { readOnlyPaths: options.readOnlyPaths }),
    tmpfs: { ...mounts.tmpfs, ...options.tmpfs },
    volumes: [...free(mounts.volumes), ...options.volumes],
    binds: [...free(mounts.binds), ...options.binds],
    ...(options.links === undefined ? {} : { links: options.links }),
    publishPorts: false,
    autoRemove: false,
    imageId: options.image.id,
  };
}
let containerNumber = 0;

/**
 * A restart policy would hide that the workload died, and labels are orders to others: proxies send traffic to containers
 * with their labels, updaters replace them.
 */
function asExperiment({ restart: _restart, ...workload }: Workload): Workload {
  return { ...workload, mounts: [], labels: {} };
}

function listeningOf(exercised: readonly Exercised[]): readonly string[] {
  const ports = exercised.flatMap((one) => one.listening.map((port) => `${port.port}/${port.protocol}`));
  return [...new Set(ports)].toSorted();
}
