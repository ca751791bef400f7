import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PetrifyError } from "../../model/errors.ts";

const run = promisify(execFile);
const OUTPUT_LIMIT_BYTES = 16 * 2 ** 20;
const KINDS: readonly (readonly [program: string, ...args: string[]])[] = [["docker", "compose"], ["docker-compose"]];

/** Runs Compose with arguments; resolves with its standard output. Throws E_COMPOSE_INVALID with what it printed. */
export type Compose = (args: readonly string[], cwd: string) => Promise<string>;

/** The user's docker compose or docker-compose, told of the engine by DOCKER_HOST. Throws E_NO_COMPOSE. */
export async function findCompose(engineHost: string, signal: AbortSignal): Promise<Compose> {
  const env = { ...process.env, DOCKER_HOST: engineHost };
  for (const [program, ...first] of KINDS) {
    try {
      await run(program, [...first, "version"], { env });
    } catch {
      continue;
    }
    return async (args, cwd) => {
      try {
        const options = { env, cwd, signal, maxBuffer: OUTPUT_LIMIT_BYTES };
        return (await run(program, [...first, ...args], options)).stdout;
      } catch (cause) {
        const printed = String((cause as { stderr?: string }).stderr ?? cause).trim();
        throw new PetrifyError("E_COMPOSE_INVALID", `Compose failed: ${lastLines(printed)}`, {
          hint: `Try it by hand: ${[program, ...first, ...args].join(" ")}`,
          cause,
        });
      }
    };
  }
  throw new PetrifyError("E_NO_COMPOSE", "Neither `docker compose` nor `docker-compose` can be run here.", {
    hint: "Install one of them, or start the project yourself and use --container or --during.",
  });
}

function lastLines(text: string): string {
  return text.split("\n").slice(-3).join(" ").slice(-500);
}
