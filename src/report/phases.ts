import type { PhaseName, PhaseOutcome } from "../model/profile.ts";
import type { Html } from "./html.ts";
import { table } from "./table.ts";

export const PHASES: Readonly<Record<PhaseName, { readonly label: string; readonly what: string }>> = {
  first: { label: "First run", what: "a new container" },
  restart: { label: "Restart", what: "the same container, stopped and started again" },
  replace: { label: "Replacement", what: "a new container on the same volumes" },
};

/** What each run came to, as a table. */
export function phaseTable(caption: string, phases: readonly PhaseOutcome[]): Html {
  return table(
    caption,
    ["Run", "What it is", "Test", "Test inside", "HTTP probe", "Health", "End"].map((title) => ({ title })),
    phases.map(({ phase, test, exec, probe, health, exitedEarly }) => ({
      cells: [
        PHASES[phase].label,
        PHASES[phase].what,
        exit(test),
        exit(exec),
        probe ?? "none",
        health === undefined || health === "none" ? "no check" : health,
        exitedEarly === undefined ? "stopped" : `ended by itself with ${exitedEarly}`,
      ],
    })),
  );
}

function exit(code: number | undefined): string {
  if (code === undefined) return "none";
  return code === 0 ? "passed" : `failed with ${code}`;
}
