import type { Location } from "../../model/finding.ts";
import { Budget, OVER_BUDGET, OVER_BUDGET_HINT } from "../budget.ts";
import { type AuditedContainer, SETTING_NAMES } from "../container.ts";
import type { AuditText, Input, ReadBeside, ReadContainers } from "../inputs.ts";
import { type Reader, type Service, addProblem } from "./compose/project.ts";
import { type Project, readProjects } from "./compose/read-projects.ts";
import { isCompose } from "./compose/recognise.ts";
import type { Context } from "./compose/setting.ts";
import { readSettings } from "./compose/settings.ts";
import { asSwarmReads } from "./compose/swarm.ts";
import { type Place, entryOf, textOf } from "./compose/tree.ts";
import { withVolumesFrom } from "./compose/volumes-from.ts";

/**
 * Compose files, and stacks of a swarm. A file is read with what Compose takes beside it by itself: its override, `.env`, and
 * what it includes and extends. Services of all profiles are among the result.
 */
export const compose: Input = { kind: "compose", recognise: isCompose, read };

function read(text: AuditText, beside: ReadBeside): ReadContainers {
  const reader: Reader = { beside, problems: [], files: new Map(), included: new Set(), budget: new Budget() };
  const containers = readProjects(reader, text).flatMap((project) => containersOf(reader, project));
  return { containers, problems: reader.problems };
}

interface Reading {
  readonly context: Context;
  readonly container: AuditedContainer;
}

function containersOf(reader: Reader, project: Project): readonly AuditedContainer[] {
  // A service that another tool provides is no container (compose-spec 05-services, provider).
  const services = [...project.services].filter(([, { settings }]) => entryOf(settings, "provider") === undefined);
  const readings = new Map<string, Reading>();
  for (const [name, service] of services) {
    const reading = readService(reader, project, service);
    if (!reader.budget.spend(reading.container.settings)) {
      addProblem(reader, service.at, OVER_BUDGET, OVER_BUDGET_HINT);
      break;
    }
    readings.set(name, reading);
  }
  const sources = new Map(
    [...readings].map(([name, { context, container }]) => [name, { context, mounts: container.settings.mounts ?? [] }]),
  );
  const mountsOf = withVolumesFrom(sources);
  const taken = new Budget();
  const containers: AuditedContainer[] = [];
  for (const [name, { container, context }] of readings) {
    const from = entryOf(context.settings, "volumes_from");
    const mounts = from === undefined ? container.settings.mounts : mountsOf(name);
    if (from === undefined || mounts?.length === 0) containers.push(container);
    else if (mounts === undefined) {
      context.problem(from.at, "'volumes_from' goes in a circle, or through too many services.");
      containers.push({ ...container, unknown: [...(container.unknown ?? []), "mounts"] });
    } else if (taken.spend({ mounts })) containers.push({ ...container, settings: { ...container.settings, mounts } });
    else {
      addProblem(reader, from.at, OVER_BUDGET, OVER_BUDGET_HINT);
      break;
    }
  }
  return containers;
}

function readService(reader: Reader, { kind, volumes, networks }: Project, service: Service): Reading {
  const { name, at, alsoAt, path, complete } = service;
  const own = at.file.name;
  const locate = ({ file, start, end }: Place): Location => ({
    ...file.locate(start, end),
    ...(file.name === own ? {} : { file: file.name }),
  });
  const { settings: tree, ignored } =
    kind === "swarm" ? asSwarmReads(service.settings) : { settings: service.settings, ignored: [] };
  const problem: Context["problem"] = (place, message, hint) => {
    addProblem(reader, place, `The service '${name}' cannot be read whole: ${message}`, hint);
  };
  const context: Context = { settings: tree, locate, problem, volumes, networks };
  const { settings, unknown } = readSettings(context);
  const notKnown = complete
    ? unknown
    : SETTING_NAMES.filter((setting) => settings[setting] === undefined || unknown.includes(setting));
  const container: AuditedContainer = {
    source: { kind, name: own },
    workload: name,
    role: "main",
    os: isWindows(tree) ? "windows" : "linux",
    at: locate(at),
    ...(alsoAt.length > 0 ? { alsoAt: alsoAt.map(locate) } : {}),
    place: { document: 0, path },
    settings:
      ignored.length === 0
        ? settings
        : { ...settings, ignored: ignored.map(([key, entry]) => ({ value: key, at: locate(entry.at) })) },
    ...(notKnown.length > 0 ? { unknown: notKnown } : {}),
    strategy: { standing: "none" },
  };
  return { context, container };
}

/** Containers are isolated by process or by hyperv on Windows alone. */
function isWindows(settings: Context["settings"]): boolean {
  const [platform = "", isolation = ""] = ["platform", "isolation"].map((key) => textOf(entryOf(settings, key)?.value));
  return /^windows\b/i.test(platform) || /^(?:process|hyperv)$/i.test(isolation);
}
