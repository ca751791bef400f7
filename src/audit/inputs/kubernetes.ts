import { mayHoldPods, splitDocuments } from "../../export/kubernetes-splice/documents.ts";
import type { AuditProblem } from "../../model/finding.ts";
import { Budget } from "../budget.ts";
import type { AuditText, Input, ReadContainers } from "../inputs.ts";
import { type PodContainers, containersIn } from "./kubernetes/containers.ts";
import { type Manifest, manifestProblem, readManifest } from "./kubernetes/manifest.ts";
import { keyOf, ownerOf } from "./kubernetes/owners.ts";
import { actionIn, hasAction, renderableOf, unrendered, unrenderedFolder } from "./kubernetes/unrendered.ts";

/** Manifests in YAML or JSON: many documents, Lists, custom resources with pods, and what Helm and Kustomize render. */
export const kubernetes: Input = { kind: "kubernetes", recognise, read };

// Where the content of a text begins: behind comments, document markers, directives and lines that are a template's.
const CONTENT =
  /^\uFEFF?(?:[ \t]*(?:#.*|---[ \t]*(?:#.*)?|%.*|\{\{.*)?\r?\n)*(?:---[ \t]+)?([ \t]*)(\{(?!\{)|["']?[A-Za-z][\w.-]*["']?[ \t]*:)/;
const KIND = /(?:^|[{,])[ \t\uFEFF]*(?:- )?["']?kind["']?[ \t]*:/m;
// A line that is neither blank nor a comment nor a marker.
const SAYS_SOMETHING = /^(?![ \t\r]*(?:#|(?:---|\.\.\.)[ \t\r]*(?:#|$)|$))/m;
// A comment that helm template writes above each document.
const TEMPLATE = /^(?:---[^\n]*\n)?(?:[ \t]*(?:#[^\n]*)?\n)*?# Source: ([^\r\n]+)/;

function recognise({ name, text }: AuditText): boolean {
  if (renderableOf(name) !== undefined) return true;
  if (!text.includes("apiVersion")) return false;
  const [, indent = "", content] = CONTENT.exec(text) ?? [];
  if (content === undefined) return false;
  // Beside the first key: a manifest inside of something else (a script, a Compose file's config) is not a file of manifests.
  const key = content === "{" ? /["']?apiVersion["']?\s*:/ : new RegExp(`^${indent}["']?apiVersion["']?[ \\t]*:`, "m");
  return (indent === "" && text.startsWith("\uFEFF") ? text.slice(1) : text).search(key) >= 0 && KIND.test(text);
}

function read(text: AuditText): ReadContainers {
  const renderable = renderableOf(text.name);
  if (renderable !== undefined) return { containers: [], problems: [unrenderedFolder(text.name, renderable)] };
  const problems: AuditProblem[] = [];
  const found: PodContainers[] = [];
  let documents: readonly string[] = [];
  try {
    documents = splitDocuments(text.text);
  } catch (error) {
    problems.push(manifestProblem(error, text.name, text.text, 1));
  }
  const budget = new Budget();
  let firstLine = 1;
  let offset = 0;
  let isTemplate = false;
  for (const [document, part] of documents.entries()) {
    if (budget.isSpent) break;
    // Most documents of a large file hold no pods, and are not parsed.
    if (mayHoldPods(part) && KIND.test(part) && SAYS_SOMETHING.test(part)) {
      const action = actionIn(part);
      const manifest = parsed(part, firstLine, text.name, action === undefined ? problems : []);
      if (action !== undefined && (manifest === undefined || hasAction(manifest.data))) {
        if (!isTemplate) problems.push(unrendered(text, offset + action));
        isTemplate = true;
      } else if (manifest !== undefined) {
        const template = TEMPLATE.exec(part)?.[1]?.trim();
        const source = {
          kind: "kubernetes",
          name: text.name,
          ...(template === undefined ? {} : { template }),
        } as const;
        for (const pod of containersIn(manifest, { source, document, budget }, problems)) found.push(pod);
      }
    }
    firstLine += lineBreaks(part);
    offset += part.length;
  }
  return { containers: withoutOwned(found), problems: once(problems) };
}

function parsed(part: string, firstLine: number, name: string, problems: AuditProblem[]): Manifest | undefined {
  try {
    return readManifest(part, firstLine);
  } catch (error) {
    problems.push(manifestProblem(error, name, part, firstLine));
    return undefined;
  }
}

/** Without what something else in the same text makes: in a dump of a cluster the pods of a Deployment. */
function withoutOwned(found: readonly PodContainers[]): ReadContainers["containers"] {
  const keys = new Set(found.map(({ kind, object }) => keyOf(kind, object)));
  return found.filter(({ object }) => !keys.has(ownerOf(object)?.key ?? "")).flatMap(({ containers }) => containers);
}

/** Settings of a pod are read for each of its containers; what is wrong with one is said once. */
function once(problems: readonly AuditProblem[]): readonly AuditProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify([problem.message, problem.at]), problem])).values()];
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
