import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join, sep } from "node:path";
import type { AuditProblem } from "../../model/finding.ts";
import { nameOf } from "./files.ts";
import { isBelow } from "./inside.ts";

const EXTENSIONS = /\.(?:ya?ml|json|container|pod|kube|service|sh|bash|mk|dockerfile|containerfile)$/i;
const NAMES = /^(?:(?:dockerfile|containerfile)(?:\..+)?|(?:gnu)?makefile|jenkinsfile|justfile)$/i;
/** What others wrote, and what is no source. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(["node_modules", ".git", ".hg", ".svn", ".terraform", ".venv"]);

/** Whether a file in a folder may describe containers, by its name. */
export function isCandidate(name: string): boolean {
  const base = basename(name);
  return EXTENSIONS.test(base) || NAMES.test(base);
}

/** Whether a path leads through a folder that is left out. */
export function isSkipped(path: string): boolean {
  return path.split(sep).some((part) => SKIPPED_FOLDERS.has(part));
}

export interface Walked {
  readonly names: readonly string[];
  readonly problems: readonly AuditProblem[];
}

/**
 * The candidates below a folder, sorted, each once. Symbolic links are followed while they stay in the folder: a repository of
 * somebody else's may hold one to a file of this host.
 */
export function walk(folder: string): Walked {
  const names: string[] = [];
  const problems: AuditProblem[] = [];
  const seen = new Set<string>();
  const root = realpathSync(folder);
  const visit = (path: string, real: string): void => {
    if (seen.has(real)) return;
    seen.add(real);
    let entries: readonly Dirent[];
    try {
      entries = readdirSync(path, { withFileTypes: true });
    } catch (error) {
      const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
      const message = `The folder cannot be read: ${reason}.`;
      problems.push({ source: nameOf(path), code: "E_IO", message, hint: "Check its permissions." });
      return;
    }
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const child = join(path, entry.name);
      const target = entry.isSymbolicLink() ? linked(child, root) : { real: join(real, entry.name), entry };
      if (target === undefined) continue;
      if (target.entry.isDirectory()) {
        if (!SKIPPED_FOLDERS.has(entry.name)) visit(child, target.real);
      } else if (target.entry.isFile() && isCandidate(entry.name) && !seen.has(target.real)) {
        seen.add(target.real);
        names.push(nameOf(child));
      }
    }
  };
  visit(folder, root);
  return { names, problems };
}

interface Target {
  readonly real: string;
  readonly entry: Pick<Dirent, "isDirectory" | "isFile">;
}

/** Where a link leads, when that lies in the folder and is there. */
function linked(path: string, root: string): Target | undefined {
  try {
    const real = realpathSync(path);
    return isBelow(real, [root]) ? { real, entry: statSync(real) } : undefined;
  } catch {
    return undefined;
  }
}
