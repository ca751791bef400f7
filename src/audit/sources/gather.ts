import { globSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { AuditProblem } from "../../model/finding.ts";
import type { AuditText } from "../inputs.ts";
import { changedFiles } from "./changed.ts";
import { nameOf, readFileText } from "./files.ts";
import { isBelow, isInside, real, rootsOf } from "./inside.ts";
import { isSkipped, walk } from "./walk.ts";

/** A text, and whether the user named it: then it is a problem when it is of no form that is known. */
export interface GatheredText {
  readonly text: AuditText;
  readonly named: boolean;
  /** It is not clean text; matters only when it is of a known form. */
  readonly broken?: AuditProblem;
}

export interface Gathered {
  readonly texts: readonly GatheredText[];
  readonly problems: readonly AuditProblem[];
}

interface Candidate {
  readonly name: string;
  readonly named: boolean;
}

/**
 * Reads the texts that operands name: files, folders, patterns that no shell expanded, and `-`; with `changed` only what differs
 * from that commit, in the folders and files named. What cannot be read is a problem, and the rest goes on. Throws E_GIT.
 */
export function gather(operands: readonly string[], changed?: { readonly ref?: string }): Gathered {
  const problems: AuditProblem[] = [];
  const candidates =
    changed === undefined ? operands.flatMap((one) => expand(one, problems)) : changes(operands, changed);
  const texts: GatheredText[] = [];
  const seen = new Set<string>();
  for (const { name, named } of candidates) {
    const key = identity(name);
    if (seen.has(key)) continue;
    seen.add(key);
    const { text, broken } = readFileText(name, { named });
    if (text !== undefined) texts.push({ text, named, ...(broken === undefined ? {} : { broken }) });
    else if (broken !== undefined) problems.push(broken);
  }
  return { texts, problems };
}

function changes(operands: readonly string[], { ref }: { readonly ref?: string }): readonly Candidate[] {
  const below = operands.map(identity);
  const roots = rootsOf(operands);
  return changedFiles(process.cwd(), ref)
    .filter((path) => isInside(path, roots) && (below.length === 0 || isBelow(identity(path), below)))
    .map((path) => ({ name: nameOf(path), named: false }));
}

function expand(operand: string, problems: AuditProblem[]): readonly Candidate[] {
  if (operand === "-") return [{ name: "-", named: true }];
  const stat = statSync(operand, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    const walked = walk(operand);
    problems.push(...walked.problems);
    return walked.names.map((name) => ({ name, named: false }));
  }
  if (stat === undefined && /[*?[{]/.test(operand)) {
    const roots = rootsOf([operand]);
    const names = globSync(operand, { exclude: (name) => isSkipped(name) })
      .toSorted()
      .filter((name) => !isSkipped(name) && isInside(name, roots) && statSync(name).isFile());
    if (names.length > 0) return names.map((name) => ({ name: nameOf(name), named: false }));
    const hint = "The pattern matches no file. Check it, and the folder that Petrify runs in.";
    problems.push({ source: operand, code: "E_IO", message: "Nothing is there.", hint });
    return [];
  }
  return [{ name: nameOf(operand), named: true }];
}

/** A file that is named twice is audited once. */
function identity(name: string): string {
  return name === "-" ? name : (real(name) ?? resolve(name));
}
