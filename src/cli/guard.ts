import type { Command } from "commander";
import { guardCheckCommand } from "./guard-check.ts";

/** `petrify guard check`. */
export function guardCommand(program: Command): void {
  guardCheckCommand(program.command("guard"));
}
