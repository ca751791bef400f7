import type { Command } from "commander";

export function verifyCommand(program: Command): void {
  program.command("verify");
}
