import { mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import type { FoundContainer } from "../../engine/engine.ts";
import { PetrifyError } from "../../model/errors.ts";
import type { PhaseName } from "../../model/profile.ts";
import { NO_SETTINGS } from "../../model/workload.ts";
import { type Learned, lossSince } from "../learned.ts";
import { learnedOf } from "../observe/learn-observed.ts";
import { Observation } from "../observe/observation.ts";
import type { WatchedRun } from "../observe/watched-container.ts";
import { ownMounts } from "../own-mounts.ts";
import type { Session } from "../session.ts";
import type { TestPlan } from "../test-plan.ts";
import { asAsked, type ComposeConfig, configSchema, mountsOf, projectName } from "./config.ts";
import { exerciseProject } from "./exercise-project.ts";
import { isolated } from "./isolate.ts";
import { assertSelfContained } from "./outsiders.ts";
import { type Compose, findCompose } from "./tool.ts";

export interface ComposeOptions {
  readonly file: string;
  /** Empty: all of them. What they depend on is started as well. */
  readonly services: readonly string[];
  readonly plan: TestPlan;
  readonly signal: AbortSignal;
}

const SERVICE_LABEL = "com.docker.compose.service";
const PROJECT_LABEL = "com.docker.compose.project";

/**
 * Learns the services of a Compose project in a copy of it: a project of its own with empty volumes, copied bind mounts and no
 * published ports, armed before it is started, tested, stopped, started and tested again. Everything it made is removed.
 * Throws E_NO_COMPOSE, E_COMPOSE_INVALID, E_IMAGE_NOT_FOUND, E_TEST_FAILED, E_NOT_READY, and what engine and sensor throw.
 */
export async function learnCompose(session: Session, options: ComposeOptions): Promise<readonly Learned[]> {
  const file = await realpath(options.file).catch((cause: unknown) => {
    throw new PetrifyError("E_IO", `The Compose file ${options.file} cannot be read.`, { cause });
  });
  const compose = await findCompose(session.engine.info.host, options.signal);
  const config = await readConfig(compose, file);
  assertSelfContained(config, options.file);
  const project = projectName(config, file);
  const copy = await copyOf(session, compose, { config, project, named: options.services });
  await using observation = await Observation.open(session, { wants: (made) => made.session === session.id });
  const lossBefore = await session.loss();
  session.progress.step("creating the project's copy");
  await copy.run("up", "--no-start", ...options.services);
  const containers = await observation.armed();
  const phases: readonly PhaseName[] = ["first", "restart"];
  const notes: string[] = [];
  for (const phase of phases) {
    session.progress.step(`${phase} run: starting`);
    await copy.run("start");
    notes.push(...(await exerciseProject(session, containers, phase, options.plan)));
    session.progress.step(`${phase} run: stopping`);
    await copy.run("stop");
  }
  session.progress.step("reading the totals");
  const tested = options.plan.command !== undefined;
  const runs = (await observation.finish(tested ? 0 : undefined)).map((run) => asInProject(run, config, project));
  const loss = lossSince(await session.loss(), lossBefore);
  await copy.remove();
  const results = learnedOf(session, { runs, loss, ...(tested ? { test: { kind: "external" } } : {}) });
  const started = new Set(runs.map(({ found }) => found.labels[SERVICE_LABEL]));
  const missing = Object.keys(config.services).filter((name) => !started.has(name));
  if (missing.length > 0) notes.push(`not started, and so not observed: ${missing.join(", ")}`);
  return results.map(({ learned }) => ({ ...learned, notes: [...learned.notes, ...copy.notes, ...new Set(notes)] }));
}

async function readConfig(compose: Compose, file: string): Promise<ComposeConfig> {
  const text = await compose(["-f", file, "config"], dirname(file));
  const parsed = configSchema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PetrifyError(
    "E_COMPOSE_INVALID",
    `${file} has a form that Petrify does not know: ${issue?.path.join(".")}: ${issue?.message}.`,
    { hint: "Start the project yourself and use --container or --during.", cause: parsed.error },
  );
}

interface ProjectCopy {
  readonly notes: readonly string[];
  run(...args: string[]): Promise<void>;
  remove(): Promise<void>;
}

async function copyOf(
  session: Session,
  compose: Compose,
  {
    config,
    project,
    named,
  }: { readonly config: ComposeConfig; readonly project: string; readonly named: readonly string[] },
): Promise<ProjectCopy> {
  const folder = join(tmpdir(), `petrify-${session.id}-compose`);
  await mkdir(folder, { mode: 0o700 });
  session.defer(() => rm(folder, { recursive: true, force: true }));
  const binds = Object.entries(config.services).flatMap(([service, settings]) =>
    mountsOf(settings, config, project)
      .filter(({ type }) => type === "bind")
      .map((mount) => ({ service, mount })),
  );
  const copies = await ownMounts(
    { ...NO_SETTINGS, name: project, image: project, mounts: binds.map(({ mount }) => mount) },
    session,
  );
  const sources = new Map(
    binds.map(({ service, mount }, index) => [`${service}\0${mount.target}`, copies.binds[index]?.source]),
  );
  const builtImages = await findBuiltImages(session, config, project);
  const isolatedProject = isolated(config, {
    labels: { "petrify.session": session.id },
    bindSource: (service, target) => sources.get(`${service}\0${target}`),
    builtImage: (service) => builtImages.get(service) ?? "",
    named,
  });
  const file = join(folder, "docker-compose.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(isolatedProject), { mode: 0o600 });
  const name = `petrify${session.id.slice(-8)}`;
  return {
    notes: copies.notes,
    run: async (...args) => void (await compose(["-f", file, "-p", name, ...args], folder)),
    remove: async () => {
      await session.engine.removeSession(session.id);
      await copies.dispose();
    },
  };
}

/** Services that are built run the image that Compose has made of them. Throws E_IMAGE_NOT_FOUND. */
async function findBuiltImages(
  session: Session,
  config: ComposeConfig,
  project: string,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const [service, { image, build }] of Object.entries(config.services)) {
    if (image !== undefined || build === undefined) continue;
    // Compose 2 writes a dash, Compose 1 an underscore.
    for (const name of [`${project}-${service}`, `${project}_${service}`])
      if (!found.has(service) && (await session.engine.image(name)) !== undefined) found.set(service, name);
    if (!found.has(service))
      throw new PetrifyError("E_IMAGE_NOT_FOUND", `The image of the service ${service} has not been built yet.`, {
        hint: "Build it first, with `docker compose build`.",
      });
  }
  return found;
}

/** The run as that of the user's own project. */
function asInProject(run: WatchedRun, config: ComposeConfig, project: string): WatchedRun {
  const { found } = run;
  const service = config.services[found.labels[SERVICE_LABEL] ?? ""];
  const settings =
    service === undefined ? found.settings : asAsked(found.settings, service, mountsOf(service, config, project));
  const own: FoundContainer = { ...found, settings, labels: { ...found.labels, [PROJECT_LABEL]: project } };
  return { ...run, found: own };
}
