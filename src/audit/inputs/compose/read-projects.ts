import type { InputKind } from "../../../model/finding.ts";
import type { AuditText } from "../../inputs.ts";
import type { Variables } from "./interpolate.ts";
import { mergedMaps } from "./merge.ts";
import {
  type Reader,
  type Service,
  addProblem,
  attempt,
  baseBeside,
  openFile,
  WHERE,
  overrideBeside,
  variablesBeside,
} from "./project.ts";
import { includesOf, onTop, servicesOf, topLevel } from "./services.ts";
import { isStack } from "./swarm.ts";
import type { ComposeFile, Mapping } from "./tree.ts";
import { composeFile } from "./yaml-tree.ts";

/** What several files say together; what they include is a project of its own. */
export interface Project {
  readonly kind: InputKind & ("compose" | "swarm");
  readonly services: ReadonlyMap<string, Service>;
  readonly volumes: Mapping | undefined;
  readonly networks: Mapping | undefined;
}

/** The project of a file, and those that it includes; of an override, the project that it belongs to. */
export function readProjects(reader: Reader, text: AuditText): readonly Project[] {
  const base = baseBeside(reader.beside, text.name);
  const first = base ?? text;
  const over = base === undefined ? overrideBeside(reader, text.name) : text;
  const variables = variablesBeside(reader, first.name);
  const texts = over === undefined ? [first] : [first, over];
  return readFiles(reader, texts, variables, new Set());
}

function readFiles(
  reader: Reader,
  texts: readonly AuditText[],
  variables: Variables,
  chain: ReadonlySet<string>,
): readonly Project[] {
  const opened = texts.map((text) => attempt(reader, text.name, () => openFile(text, variables)));
  const [first] = opened;
  if (first === undefined) return [];
  // docker stack reads neither .env nor an override.
  const isSwarm = chain.size === 0 && isStack(first);
  const files = isSwarm
    ? [composeFile(first.name, first.source, new Map())]
    : opened.filter((file) => file !== undefined);
  const services = files.map((file) => servicesOf(reader, file)).reduce(onTop);
  const project: Project = {
    kind: isSwarm ? "swarm" : "compose",
    services: !isSwarm && files.length < texts.length ? incomplete(services) : services,
    volumes: topLevel(files, "volumes"),
    networks: topLevel(files, "networks"),
  };
  const inside = new Set([...chain, ...texts.map(({ name }) => name)]);
  const included = files.flatMap((file) => readIncluded(reader, file, inside));
  return [withIncluded(project, included), ...included];
}

/** What a file that cannot be read would have put on them is not known. */
function incomplete(services: Project["services"]): Project["services"] {
  return new Map([...services].map(([name, service]) => [name, { ...service, complete: false }]));
}

/** Services may use volumes and networks of what is included. */
function withIncluded(project: Project, included: readonly Project[]): Project {
  const all = (key: "volumes" | "networks"): Mapping | undefined =>
    [...included.map((one) => one[key]), project[key]]
      .filter((map) => map !== undefined)
      .reduce<Mapping | undefined>(
        (base, over) => (base === undefined ? over : mergedMaps(base, over, key)),
        undefined,
      );
  return { ...project, volumes: all("volumes"), networks: all("networks") };
}

function readIncluded(reader: Reader, file: ComposeFile, chain: ReadonlySet<string>): readonly Project[] {
  return includesOf(file).flatMap(({ at, paths, envFiles }) => {
    const texts = paths.flatMap((path): readonly AuditText[] => {
      const found = reader.beside(file.name, path);
      if (found === undefined) {
        addProblem(
          reader,
          at,
          `The file '${path}' cannot be read.`,
          `The services of that file were not audited. ${WHERE}`,
        );
        return [];
      }
      if (chain.has(found.name)) {
        addProblem(reader, at, `The file includes '${path}' in a circle.`);
        return [];
      }
      if (reader.included.has(found.name)) return [];
      reader.included.add(found.name);
      return [found];
    });
    const [first] = texts;
    if (first === undefined) return [];
    const variables =
      envFiles === undefined
        ? variablesBeside(reader, first.name, [".env"], file.variables)
        : variablesBeside(reader, file.name, envFiles, file.variables);
    return readFiles(reader, texts, variables, chain);
  });
}
