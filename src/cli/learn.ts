import type { Command } from "commander";

export function learnCommand(program: Command): void {
  program.command("learn");
}
