import type { Command } from "commander";

export function exportCommand(program: Command): void {
  program.command("export");
}
