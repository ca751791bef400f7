import { resolve } from "node:path";
import { type ErrorCode, PetrifyError } from "../../model/errors.ts";
import type { AuditProblem } from "../../model/finding.ts";
import type { AuditText } from "../inputs.ts";
import { renderPlan } from "../inputs/kubernetes/render-plan.ts";
import type { Renderable } from "../inputs/kubernetes/unrendered.ts";
import { type ToolResult, runTool } from "./tool.ts";

/** Texts in which charts and Kustomize folders are replaced by what they render to. */
export interface Rendered {
  readonly texts: readonly AuditText[];
  readonly problems: readonly AuditProblem[];
}

const CODE: ErrorCode = "E_RENDER";
const TIMEOUT_MS = 60_000;
// As much as a file of manifests may hold.
const OUTPUT_BYTES = 2 ** 25;

// The first that is there. Folders are named absolutely: none can look like an option.
const COMMANDS: Readonly<Record<Renderable["tool"], readonly (readonly string[])[]>> = {
  helm: [["helm", "template"]],
  kustomize: [
    ["kustomize", "build"],
    ["kubectl", "kustomize"],
  ],
};

/**
 * Renders the charts and Kustomize folders among the texts by the user's own helm, kustomize or kubectl, and leaves out what they
 * are made of. A chart can make its tool read files and ask other hosts: only for those that the user trusts, and asked for.
 * What cannot be rendered is a problem. Throws E_INTERRUPTED.
 */
export async function renderTexts(texts: readonly AuditText[], signal?: AbortSignal): Promise<Rendered> {
  const { roots, covered } = renderPlan(texts);
  const rendered: AuditText[] = [];
  const problems: AuditProblem[] = [];
  for (const root of roots) {
    try {
      rendered.push(await render(root, signal));
    } catch (error) {
      if (!(error instanceof PetrifyError) || error.code === "E_INTERRUPTED") throw error;
      const { code, message, hint } = error;
      problems.push({ source: root.folder, code, message, ...(hint === undefined ? {} : { hint }) });
    }
  }
  return { texts: [...texts.filter(({ name }) => !covered.has(name)), ...rendered], problems };
}

/** Throws E_RENDER, E_INTERRUPTED. */
async function render({ tool, folder }: Renderable, signal: AbortSignal | undefined): Promise<AuditText> {
  for (const [program = "", ...args] of COMMANDS[tool]) {
    const limits = { code: CODE, timeoutMs: TIMEOUT_MS, outputBytes: OUTPUT_BYTES };
    const call = { program, args: [...args, resolve(folder)], ...limits };
    const result = await runTool(signal === undefined ? call : { ...call, signal });
    if (result !== undefined)
      return { name: `${[program, ...args].join(" ")} ${folder}`, text: outputOf(result, program) };
  }
  const programs = COMMANDS[tool].map(([program]) => program).join(" or ");
  throw new PetrifyError(CODE, `It is rendered by ${programs}, which is not on PATH.`, {
    hint: `Install it, or render elsewhere and pipe the result into petrify audit -.`,
  });
}

function outputOf({ exitCode, stdout, said }: ToolResult, program: string): string {
  if (exitCode === 0) return stdout;
  throw new PetrifyError(CODE, `${program}: ${said === "" ? `it ended with ${exitCode ?? "a signal"}` : said}`, {
    hint: "Render it by hand with the values that it needs, and pipe the result into petrify audit -.",
  });
}
