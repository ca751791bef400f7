import { basename } from "node:path/posix";
import { COMPOSE, readYaml } from "../../../export/splice/source.ts";
import { PetrifyError } from "../../../model/errors.ts";
import type { AuditProblem } from "../../../model/finding.ts";
import type { Budget } from "../../budget.ts";
import type { AuditText, ReadBeside } from "../../inputs.ts";
import { parseDotenv } from "./dotenv.ts";
import type { Variables } from "./interpolate.ts";
import type { ComposeFile, Mapping, Place } from "./tree.ts";
import { composeFile } from "./yaml-tree.ts";

/** The files that Compose takes when none is named, and those that it puts on them (compose-go cli/options.go). */
const DEFAULT_FILE = /^(?:docker-)?compose\.ya?ml$/;
const OVERRIDE_FILES = [
  "compose.override.yml",
  "compose.override.yaml",
  "docker-compose.override.yml",
  "docker-compose.override.yaml",
];
const DEFAULT_FILES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/** What reading a project needs, and what it could not read. */
export interface Reader {
  readonly beside: ReadBeside;
  readonly problems: AuditProblem[];
  /** Files that were read for `extends`, by name. */
  readonly files: Map<string, ComposeFile | undefined>;
  /** Names of files whose services are among the result already. */
  readonly included: Set<string>;
  readonly budget: Budget;
}

/** A service, all files and `extends` put together. */
export interface Service {
  readonly name: string;
  /** Where its key is; that file it belongs to. */
  readonly at: Place;
  /** Where else it is written: an override, or what it extends. */
  readonly alsoAt: readonly Place[];
  /** Keys from the root of that file. */
  readonly path: readonly string[];
  readonly settings: Mapping;
  /** False: what it takes over from elsewhere could not be read. */
  readonly complete: boolean;
}

/** Reads a text. Throws E_COMPOSE_INVALID. */
export function openFile({ name, text }: AuditText, variables: Variables): ComposeFile {
  return composeFile(name, readYaml(text.replace(/^\uFEFF/, ""), COMPOSE), variables);
}

/** What to do about a file that another one names. */
export const WHERE = "It must lie in the current folder, one that was named, or the Git work tree around them.";

/** The same as `openFile` for a file that another one names; undefined when it cannot be read, which is a problem then. */
export function openBeside(
  reader: Reader,
  from: Place,
  path: string,
  variables = from.file.variables,
): ComposeFile | undefined {
  const found = reader.beside(from.file.name, path);
  if (found === undefined) {
    addProblem(reader, from, `The file '${path}' cannot be read.`, `What it says is not known. ${WHERE}`);
    return undefined;
  }
  const { name } = found;
  if (!reader.files.has(name))
    reader.files.set(
      name,
      attempt(reader, name, () => openFile(found, variables)),
    );
  return reader.files.get(name);
}

/** Variables of the files, or of `.env` in the folder of a file when none is named; those that are known already win. */
export function variablesBeside(
  { beside }: Reader,
  from: string,
  paths: readonly string[] = [".env"],
  known: Variables = new Map(),
): Variables {
  return paths.reduce((variables, path) => {
    const found = beside(from, path);
    return found === undefined ? variables : parseDotenv(found.text, variables);
  }, known);
}

/** The file that Compose puts on this one by itself. */
export function overrideBeside({ beside }: Reader, name: string): AuditText | undefined {
  return DEFAULT_FILE.test(basename(name)) ? firstBeside(beside, name, OVERRIDE_FILES) : undefined;
}

/** The file on which Compose puts this one by itself. */
export function baseBeside(beside: ReadBeside, name: string): AuditText | undefined {
  return OVERRIDE_FILES.includes(basename(name)) ? firstBeside(beside, name, DEFAULT_FILES) : undefined;
}

function firstBeside(beside: ReadBeside, from: string, paths: readonly string[]): AuditText | undefined {
  for (const path of paths) {
    const found = beside(from, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function addProblem({ problems }: Reader, { file, start, end }: Place, message: string, hint?: string): void {
  problems.push({
    source: file.name,
    code: COMPOSE.code,
    message,
    ...(hint === undefined ? {} : { hint }),
    at: file.locate(start, end),
  });
}

/** The result; undefined when it throws a PetrifyError, which is a problem of the named file then. */
export function attempt<T>({ problems }: Reader, source: string, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof PetrifyError)) throw error;
    const { code, message, hint } = error;
    // yaml tells the place in words.
    const [, line, column] = /at line (\d+), column (\d+)\.$/.exec(message) ?? [];
    const at = line === undefined ? {} : { at: { line: Number(line), column: Number(column) } };
    problems.push({ source, code, message, ...(hint === undefined ? {} : { hint }), ...at });
    return undefined;
  }
}
