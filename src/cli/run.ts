import type { Command } from "commander";

export function runCommand(program: Command): void {
  program.command("run");
}
