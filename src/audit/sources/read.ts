import { inspect } from "node:util";
import type { AuditNote, AuditProblem } from "../../model/finding.ts";
import { distinct } from "../distinct.ts";
import { filesOf } from "../files-of.ts";
import type { AuditText, Input, ReadContainers } from "../inputs.ts";
import { INPUTS, readText } from "../recognise.ts";
import { besideReader } from "./files.ts";
import type { Gathered } from "./gather.ts";

export interface ReadSources extends ReadContainers {
  readonly texts: ReadonlyMap<string, string>;
  /** Names of those texts that only another one named: they are shown, and never changed. */
  readonly beside: ReadonlySet<string>;
  /** Templates and unreadable command lines that a folder holds: they are no failure, and their containers are not among those that were audited. */
  readonly notes: readonly AuditNote[];
}

interface Options {
  /** What was named and is of no form that is known is no problem. */
  readonly skipUnknown?: boolean;
  /** In which folders what a text names is read; absent: in none. */
  readonly roots?: readonly string[];
  readonly inputs?: readonly Input[];
}

/** Reads the containers of every text; none that is broken stops the others. Never throws. */
export function readSources(
  { texts, problems }: Gathered,
  { skipUnknown = false, roots = [], inputs = INPUTS }: Options = {},
): ReadSources {
  const reads: ReadContainers[] = [];
  const notes: AuditNote[] = [];
  const tell = (problem: AuditProblem): void => void reads.push({ containers: [], problems: [problem] });
  problems.forEach(tell);
  const known = new Map<string, string>();
  const besides = new Map<string, AuditText | undefined>();
  const readBeside = besideReader(roots, besides);
  // Of what was read beside a text, what settings are written in: not `.env`, whose lines nobody is to see.
  const remember = (containers: ReadContainers["containers"]): void => {
    for (const name of containers.flatMap((container) => [...filesOf(container)])) {
      const beside = besides.get(name);
      if (beside !== undefined) known.set(name, beside.text);
    }
  };
  for (const { text, named, broken } of texts) {
    try {
      const read = readText(text, readBeside, inputs);
      if (read === undefined) {
        if (named && !skipUnknown) tell(broken ?? unknownForm(text.name));
        continue;
      }
      known.set(text.name, text.text);
      if (broken !== undefined) {
        tell(broken);
        continue;
      }
      const [unrendered, problemsOf] = named ? [[], read.problems] : parted(read.problems);
      notes.push(
        ...unrendered.map(({ source, message, hint = "" }) => ({ source, message: `${message} ${hint}`.trim() })),
      );
      reads.push({ containers: read.containers, problems: problemsOf });
      if (besides.size > 0) remember(read.containers);
    } catch (error) {
      tell(bug(text.name, error));
    }
  }
  const given = new Set(texts.map(({ text }) => text.name));
  const beside = new Set([...known.keys()].filter((name) => !given.has(name)));
  return { ...distinct(reads), texts: known, beside, notes };
}

function parted(problems: readonly AuditProblem[]): readonly [readonly AuditProblem[], readonly AuditProblem[]] {
  return [problems.filter(isHarmless), problems.filter((problem) => !isHarmless(problem))];
}

function unknownForm(source: string): AuditProblem {
  return {
    source,
    code: "E_AUDIT_UNKNOWN_FORM",
    message: "It describes no containers in a form that is known.",
    hint: "docs/reference/audit.md lists the forms; `petrify audit FOLDER` leaves out what is none of them.",
  };
}

function bug(source: string, error: unknown): AuditProblem {
  const reason = error instanceof Error ? error.message : inspect(error);
  const hint = "This is a bug: please report it with the file, or one that is alike.";
  return { source, code: "E_INTERNAL", message: `Petrify failed on it: ${reason}`, hint };
}

/** What a folder may hold without being broken: templates, and lines of scripts that only a shell understands. */
function isHarmless({ code }: AuditProblem): boolean {
  return code === "E_UNRENDERED" || code === "E_COMMAND_LINE";
}
