import { readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import type { AuditNote, AuditProblem } from "../../model/finding.ts";
import { parseStrategy } from "../../strategy/file.ts";
import type { AuditedContainer, StrategyStanding } from "../container.ts";
import { chooseStrategy, isVerifiedFor, type StrategyFile } from "../fit.ts";
import { nameOf, readFileText } from "./files.ts";
import { isInside } from "./inside.ts";

const STRATEGY_FILE = /\.strategy\.ya?ml$/;

export interface Fitted {
  readonly containers: readonly AuditedContainer[];
  /** Strategy files that cannot be read. */
  readonly problems: readonly AuditProblem[];
  /** Containers that several strategies fit: none of them counts. */
  readonly notes: readonly AuditNote[];
}

/**
 * Puts the fitting strategy on each container: of `folder`, or of the folder of the file that describes it, and where none of
 * those fits, of the current one. Folders below them are not looked at. Throws E_IO for a folder that was named and cannot be read.
 */
export function fitStrategies(containers: readonly AuditedContainer[], folder?: string): Fitted {
  const store = new Store();
  if (folder !== undefined) store.require(folder);
  const notes: AuditNote[] = [];
  const fitted = containers.map((container): AuditedContainer => {
    const folders = folder === undefined ? foldersOf(container) : [folder];
    for (const each of folders) {
      const files = store.files(each);
      if (files.length === 0) continue;
      const chosen = chooseStrategy(files, container);
      if ("ambiguous" in chosen) {
        notes.push(severalFit(container, chosen.ambiguous));
        return container;
      }
      if (chosen.chosen !== undefined) return { ...container, strategy: standingOf(chosen.chosen, container) };
    }
    return container;
  });
  return { containers: fitted, problems: store.problems, notes };
}

function foldersOf({ source }: AuditedContainer): readonly string[] {
  const isFile = source.kind !== "engine" && source.kind !== "image" && source.name !== "-";
  return [...new Set([...(isFile ? [dirname(source.name)] : []), "."])];
}

function standingOf({ file, strategy }: StrategyFile, container: AuditedContainer): StrategyStanding {
  return { standing: isVerifiedFor(strategy, container) ? "verified" : "unverified", file, strategy };
}

function severalFit({ source, workload, container }: AuditedContainer, files: readonly StrategyFile[]): AuditNote {
  const names = files.map(({ file }) => file);
  const what = container === undefined ? workload : `${workload}, ${container}`;
  return {
    source: source.name,
    message: `${what}: ${names.slice(0, -1).join(", ")} and ${names.at(-1)} fit alike, so none of them is used. Name one of them after it, or remove the others.`,
  };
}

/** Strategy files by folder, each read once. */
class Store {
  readonly problems: AuditProblem[] = [];
  readonly #folders = new Map<string, readonly StrategyFile[]>();

  files(folder: string): readonly StrategyFile[] {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const files = this.#names(folder).flatMap((name) => this.#read(nameOf(join(folder, name))) ?? []);
    this.#folders.set(folder, files);
    return files;
  }

  require(folder: string): void {
    try {
      readdirSync(folder);
    } catch (cause) {
      throw new PetrifyError("E_IO", `The folder of strategies ${folder} cannot be read.`, {
        hint: "Check the path after --strategies.",
        cause,
      });
    }
  }

  #names(folder: string): readonly string[] {
    try {
      const root = realpathSync(folder);
      // A folder of somebody else's may hold a link to a file of this host.
      return readdirSync(folder)
        .filter((name) => STRATEGY_FILE.test(name) && isInside(join(folder, name), [root]))
        .toSorted();
    } catch {
      // Standard input, or a file that lies nowhere any more.
      return [];
    }
  }

  #read(name: string): StrategyFile | undefined {
    const { text, broken } = readFileText(name, { named: false });
    if (broken !== undefined) this.problems.push(broken);
    if (text === undefined || broken !== undefined) return undefined;
    try {
      return { file: name, strategy: parseStrategy(text.text, name) };
    } catch (error) {
      if (!(error instanceof PetrifyError)) throw error;
      const { code, message, hint } = error;
      this.problems.push({ source: name, code, ...placed(name, message), ...(hint === undefined ? {} : { hint }) });
      return undefined;
    }
  }
}

/** A message that begins with the file's name, and perhaps a place, without them: a problem has both by itself. */
function placed(name: string, message: string): Pick<AuditProblem, "message" | "at"> {
  if (!message.startsWith(`${name}:`)) return { message };
  const rest = message.slice(name.length + 1);
  const [all, line, column] = /^(\d+):(\d+): */.exec(rest) ?? [];
  if (all === undefined) return { message: rest.trimStart() };
  return { message: rest.slice(all.length), at: { line: Number(line), column: Number(column) } };
}
