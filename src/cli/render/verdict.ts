import type { PhaseOutcome } from "../../model/profile.ts";
import type { Regression, Verdict } from "../../model/verdict.ts";
import { quoteForTerminal } from "../../model/quote.ts";
import { PLAIN, type Style } from "./style.ts";
import { renderTable } from "./table.ts";
import { hang } from "./hang.ts";

export interface VerdictOptions {
  readonly width: number;
  readonly style?: Style;
}

/** A verdict as text: the outcome, each regression with what would fix it, what was denied on purpose, and what a pass does not prove. */
export function renderVerdict(verdict: Verdict, { width, style = PLAIN }: VerdictOptions): string {
  const sections = [
    headline(verdict, style),
    ...verdict.regressions.map((regression) => renderRegression(regression, width, style)),
    list(`Denied on purpose, ${ablation(verdict)}:`, deniedLines(verdict), width),
    imageSection(verdict, width, style),
    minimalSection(verdict, width, style),
    list("What this does not prove:", verdict.caveats, width),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

function headline({ outcome, strategy, phases, regressions }: Verdict, style: Style): string {
  const name = quoteForTerminal(strategy);
  const ran = phases.length === 0 ? "" : ` (${phases.map(describePhase).join("; ")})`;
  if (outcome === "passed") return `${style("green", "passed")}: ${name} runs read-only under its strategy${ran}\n`;
  return `${style("red", "failed")}: ${name}: ${regressions.length} regression${regressions.length === 1 ? "" : "s"}${ran}\n`;
}

function renderRegression(
  { message, fix, process, operation, path, errno }: Regression,
  width: number,
  style: Style,
): string {
  const facts = [process, operation, path, errno].filter((fact) => fact !== undefined).map(quoteForTerminal);
  return (
    hang(style("red", "✗ "), message, width) +
    (facts.length > 0 ? hang("  ", facts.join("  "), width) : "") +
    hang(`  ${style("bold", "fix:")} `, fix, width, "       ")
  );
}

function deniedLines({ denied }: Verdict): string[] {
  return denied
    .filter(({ kind }) => kind === "deny")
    .map(({ path, operation, errno }) => `${path} (${operation}: ${errno})`);
}

/** What the run says of what it was refused: it is the proof that nothing tested needs it, or no proof. */
function ablation({ outcome, phases }: Verdict): string {
  if (outcome === "failed") return "and refused as expected";
  const isTested = phases.some(
    ({ test, exec, probe, health }) => (test ?? exec ?? probe) !== undefined || health === "healthy",
  );
  return isTested ? "and everything tested works without it" : "and it runs without it, though nothing was tested";
}

function imageSection(verdict: Verdict, width: number, style: Style): string {
  const { mustChange = [], denied } = verdict;
  if (mustChange.length === 0) return "";
  const tried = denied.filter(({ kind }) => kind === "image");
  const refused = tried.map(({ path, operation, errno }) => `${path} (${operation}: ${errno})`).join(", ");
  const told = tried.length === 0 ? "not tried in this run" : `refused, ${ablation(verdict)}: ${refused}`;
  return [
    hang(`${style("red", "MUST CHANGE IN THE IMAGE")}, `, told, width, "  "),
    ...mustChange.flatMap(({ path, fix }) => [
      hang("- ", path, width),
      ...fix.map((line) => hang("    ", line, width)),
    ]),
  ].join("");
}

function minimalSection({ minimal }: Verdict, width: number, style: Style): string {
  if (minimal === undefined || minimal.length === 0) return "";
  return renderTable(
    [{ title: "without" }, { title: "needed" }, { title: "evidence" }],
    minimal.map(({ path, needed, evidence }) => [
      path,
      { text: needed ? "yes" : "no", format: needed ? "green" : "red" },
      evidence,
    ]),
    { width, style },
  );
}

function describePhase({ phase, test, exec, health, exitedEarly }: PhaseOutcome): string {
  const parts = [
    test === undefined ? "" : `test ${exit(test)}`,
    exec === undefined ? "" : `exec ${exit(exec)}`,
    health === undefined || health === "none" ? "" : health,
    exitedEarly === undefined ? "" : `ended with ${exitedEarly}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? `${phase} run` : `${phase} run: ${parts.join(", ")}`;
}

function exit(code: number): string {
  return code === 0 ? "ok" : `failed with ${code}`;
}

function list(title: string, lines: readonly string[], width: number): string {
  return lines.length === 0 ? "" : `${title}\n${lines.map((line) => hang("- ", line, width)).join("")}`;
}
