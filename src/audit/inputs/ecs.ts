import { PetrifyError } from "../../model/errors.ts";
import { YAMLParseError } from "yaml";
import type { AuditedContainer } from "../container.ts";
import type { AuditText, Input, ReadContainers } from "../inputs.ts";
import { locatorOf } from "../locator.ts";
import { type TaskContainer, settingsOf } from "./ecs/settings.ts";
import { type Fields, mapsIn } from "./ecs/tree.ts";
import { numbered } from "./run/numbered.ts";

/**
 * Task definitions of Amazon ECS: as they are registered or described, in templates of CloudFormation, in what Terraform shows as
 * JSON, and as the list of containers that Terraform takes.
 */
export const ecs: Input = { kind: "ecs", recognise, read };

const TASK = /["']?(?:containerDefinitions|ContainerDefinitions|container_definitions)["']?\s*:/;
/** A list of containers alone: each has these. */
const BARE = /^\uFEFF?\s*\[\s*\{/;
const BARE_KEY = /"(?:essential|portMappings|mountPoints|readonlyRootFilesystem|logConfiguration)"\s*:/;
const NEEDED = /["']?[iI]mage["']?\s*:|\\"image\\"/;

function recognise({ text }: AuditText): boolean {
  if (/[cC]ontainer_?[dD]efinitions/.test(text)) return TASK.test(text) && NEEDED.test(text);
  return BARE.test(text) && BARE_KEY.test(text) && NEEDED.test(text);
}

function read({ name, text: whole }: AuditText): ReadContainers {
  const text = whole.replace(/^\uFEFF/, "");
  const locate = locatorOf(text);
  try {
    const containers =
      BARE.test(text) && !TASK.test(text) ? bareContainers(text, locate) : taskContainers(text, locate);
    return { containers: numbered(containers.map(([workload, one]) => auditedOf(name, workload, one))), problems: [] };
  } catch (error) {
    if (!(error instanceof PetrifyError)) throw error;
    const { code, message, hint, cause } = error;
    const at = cause instanceof YAMLParseError ? { at: locate(cause.pos[0]) } : {};
    return {
      containers: [],
      problems: [{ source: name, code, message, ...(hint === undefined ? {} : { hint }), ...at }],
    };
  }
}

type Named = readonly [workload: string, container: TaskContainer];

function taskContainers(text: string, locate: ReturnType<typeof locatorOf>): readonly Named[] {
  const found: Named[] = [];
  for (const task of mapsIn(text, locate)) {
    const key = ["containerDefinitions", "container_definitions"].find((each) => task.has(each));
    if (key === undefined) continue;
    const family = task.text("family")?.value;
    const isFargate = runsOnFargate(task);
    const containers = task.maps(key).filter((container) => container.has("image"));
    for (const container of containers) found.push([workloadOf(family, container), { container, task, isFargate }]);
  }
  return found;
}

function bareContainers(text: string, locate: ReturnType<typeof locatorOf>): readonly Named[] {
  return [...mapsIn(text, locate)].flatMap((container): readonly Named[] =>
    container.has("image") ? [[workloadOf(undefined, container), { container, isFargate: false }]] : [],
  );
}

function workloadOf(family: string | undefined, container: Fields): string {
  const name = container.text("name")?.value ?? "container";
  return family === undefined ? name : `${family}/${name}`;
}

function runsOnFargate(task: Fields): boolean {
  const kinds = new Set(
    ["requiresCompatibilities", "requires_compatibilities"].flatMap((key) => task.texts(key)?.value ?? []),
  );
  return kinds.has("FARGATE") && !kinds.has("EC2");
}

function auditedOf(name: string, workload: string, one: TaskContainer): AuditedContainer {
  const { settings, unknown } = settingsOf(one);
  const family = (one.task?.map("runtimePlatform") ?? one.task?.map("runtime_platform"))?.text(
    "operatingSystemFamily",
  )?.value;
  // Fargate refuses privileged containers, and mounts no path of its host.
  const { privileged, ...rest } = settings;
  return {
    source: { kind: "ecs", name },
    workload,
    role: "main",
    os: family?.startsWith("WINDOWS") === true ? "windows" : "linux",
    at: one.container.at,
    settings: one.isFargate || privileged === undefined ? rest : settings,
    ...(unknown.length > 0 ? { unknown } : {}),
    strategy: { standing: "none" },
  };
}
