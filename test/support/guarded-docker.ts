import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./cli.ts";
import { type DockerTools, dockerTools } from "./docker-compose.ts";
import { dockerHttp } from "./docker-http.ts";
import { type Guard, startGuard } from "./guard.ts";
import { type PrivateEngine, startPrivateEngine } from "./private-engine.ts";

/** How a command ended. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const COMMAND_TIMEOUT_MS = 60_000;
const PROGRAM_TIMEOUT_MS = 120_000;

/** A private engine with a guard before it, and the docker commands that go through it. */
export class GuardedDocker {
  /** For files of the test; the guard's own is `guarded` in it. */
  readonly folder: string;
  readonly engine: PrivateEngine;
  /** Past the guard. */
  readonly direct: DockerTools;
  readonly #environment: NodeJS.ProcessEnv;
  #guard: Guard | undefined;

  private constructor(folder: string, engine: PrivateEngine, direct: DockerTools) {
    this.folder = folder;
    this.engine = engine;
    this.direct = direct;
    this.#environment = direct.onPath(folder);
  }

  /** Without a guard yet: what lies beside its policy can be put there. */
  static async open(): Promise<GuardedDocker> {
    const folder = mkdtempSync(join(tmpdir(), "guarded-"));
    const engine = await startPrivateEngine();
    mkdirSync(join(folder, "guarded/strategies"), { recursive: true });
    return new GuardedDocker(folder, engine, await dockerTools(engine));
  }

  get strategies(): string {
    return join(this.folder, "guarded/strategies");
  }

  get guard(): Guard {
    if (this.#guard === undefined) throw new Error("the guard has not been started");
    return this.#guard;
  }

  /** Starts the guard, or another one in the place of one that has ended. */
  async start(policy: string): Promise<Guard> {
    this.#guard = await startGuard({
      upstream: this.engine.socketPath,
      folder: join(this.folder, "guarded"),
      policy,
    });
    return this.#guard;
  }

  /** Of a command that talks to the guard. */
  get env(): NodeJS.ProcessEnv {
    return { ...this.#environment, DOCKER_HOST: `unix://${this.guard.socketPath}` };
  }

  /** A command through the guard. */
  run(command: string, ...args: readonly string[]): Ran {
    return ended(spawnSync(command, args, { ...this.#options(COMMAND_TIMEOUT_MS), cwd: this.folder, env: this.env }));
  }

  docker(...args: readonly string[]): Ran {
    return this.run("docker", ...args);
  }

  /** TypeScript of this checkout, run in the engine's network, where published ports and containers are reached. */
  program(path: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}): Ran {
    const command = ["-t", String(this.engine.pid), "-n", process.execPath, join(ROOT, path), ...args];
    const env = {
      ...process.env,
      HOME: this.folder,
      TMPDIR: this.folder,
      DOCKER_HOST: `unix://${this.guard.socketPath}`,
      ...variables,
    };
    return ended(spawnSync("nsenter", command, { ...this.#options(PROGRAM_TIMEOUT_MS), cwd: ROOT, env }));
  }

  #options(timeout: number): { readonly encoding: "utf8"; readonly timeout: number; readonly killSignal: "SIGKILL" } {
    return { encoding: "utf8", timeout, killSignal: "SIGKILL" };
  }

  /** Ends the guard, then removes all containers of the engine, which no other test uses meanwhile. */
  async close(): Promise<void> {
    await this.#guard?.stop();
    const { text } = await dockerHttp(this.engine.socketPath, "GET", "/containers/json?all=1");
    for (const { Id } of JSON.parse(text) as readonly { readonly Id: string }[])
      await dockerHttp(this.engine.socketPath, "DELETE", `/containers/${Id}?force=1&v=1`);
    await this.engine.stop();
    rmSync(this.folder, { recursive: true });
  }
}

function ended({ status, stdout, stderr }: Ran): Ran {
  return { status, stdout, stderr };
}
